/** The commands that run a model, on a tiny one with random weights. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseSafetensors } from '../../src/core/formats/safetensors';
import { buildCli, type Cli, oneLine, type Scored } from './cli';

let cli: Cli;
beforeAll(async () => {
  cli = await buildCli('text', 'inspect');
});

const sample = 'Le petit chat boit du lait.';

describe('generate', () => {
  interface Generated {
    text: string;
    finish: string;
    seed: number;
    prompt: number[];
    tokensPerSecond: number;
    steps: {
      id: number;
      text: string;
      logprob: number;
      rank: number;
      kept: number;
      draw: number;
      top: { id: number; text: string | null; bytes?: number[]; logit: number; probability: number }[];
    }[];
  }
  const args = ['generate', 'Le ', '--max-tokens', '6', '--seed', '7'];

  test('the same seed gives the same text, another one another; steps add up to it', async () => {
    const [one, again, other, plain] = await Promise.all([
      cli.json<Generated>(args),
      cli.json<Generated>(args),
      cli.json<Generated>([...args, '--seed', '8']),
      cli.run(args),
    ]);
    const { tokensPerSecond: _, ...same } = one;
    expect(again).toMatchObject(same);
    expect(other.text).not.toBe(one.text);
    expect(plain).toMatchObject({ status: 0, text: `${one.text}\n`, stderr: '' });
    expect(one).toMatchObject({ model: 'starter', dtype: 'f16', context: { special: ['<bos>'] }, settings: { seed: 7, topP: 0.95 } });
    expect(one).toMatchObject({ finish: 'length', seed: 7, prompt: expect.arrayContaining([2]) });
    expect(one.steps).toHaveLength(6);
    expect(one.steps.map((step) => step.text).join('')).toBe(one.text);
    for (const { id, logprob, rank, kept, draw, top } of one.steps) {
      expect(top[rank - 1]?.id ?? top.at(-1)!.id).toBe(id);
      expect(Math.exp(logprob)).toBeCloseTo(top.find((each) => each.id === id)!.probability, 6);
      expect(rank).toBeGreaterThan(0);
      expect(kept).toBeGreaterThanOrEqual(rank);
      expect(draw).toBeGreaterThanOrEqual(0);
      for (const each of top) expect(each.text === null).toBe(each.bytes !== undefined);
    }
  });

  test('greedy takes the most probable; --count gives several; a prompt may come from standard input', async () => {
    const greedy = await cli.json<Generated>([...args, '--temperature', '0']);
    expect(greedy.steps.every((step) => step.rank === 1)).toBe(true);
    const two = await cli.json<{ samples: Generated[] }>([...args, '--count', '2']);
    expect(two.samples.map(({ seed }) => seed)).toEqual([7, 8]);
    const piped = await cli.json<Generated>(['generate', '-', '--max-tokens', '6', '--seed', '7'], { input: 'Le ' });
    expect(piped.text).toBe(two.samples[0]!.text);
    const none = await cli.json<Generated>(['generate', '--max-tokens', '0']);
    expect(none).toMatchObject({ text: '', prompt: [2], steps: [] });
  });
});

test('score and attend say what computed them, from which weights, and what was read before the text', async () => {
  const [score, metrics, exact] = await Promise.all([
    cli.json<Record<string, unknown>>(['score'], { input: sample }),
    cli.json<Record<string, unknown>>(['attend'], { input: sample }),
    cli.json<Record<string, unknown>>(['score', '--exact', '--backend', 'loupe'], { input: sample }),
  ]);
  const made = { model: 'starter', tokenizer: { name: 'starter', vocabSize: 320 }, dtype: 'f16', weights: 'as stored', contextLength: 32 };
  for (const each of [score, metrics]) {
    expect(each).toMatchObject({ ...made, context: { special: ['<bos>'], tokens: 0, dropped: 0 } });
    expect(each.backend).toBe(score.backend);
  }
  // Where the processor has relaxed SIMD, only --exact does without it.
  expect(exact.backend).toBe('WebAssembly, SIMD');
});

test('score: per token, then in all', async () => {
  const { tokens, nll, perplexity, bitsPerByte } = await cli.json<Scored>(['score'], { input: sample });
  expect(nll).toBeCloseTo(-tokens.reduce((sum, token) => sum + token.logprob, 0), 6);
  expect(perplexity).toBeCloseTo(Math.exp(nll / tokens.length), 3);
  expect(bitsPerByte).toBeCloseTo(nll / Math.LN2 / sample.length, 6);
  expect(tokens[0]!.start).toBe(0);
  expect(tokens.at(-1)!.end).toBe(sample.length);
  for (const { id, rank, logprob, top } of tokens) {
    expect(top.length).toBeGreaterThan(0);
    expect(rank).toBeGreaterThan(0);
    if (rank <= top.length) expect(top[rank - 1]).toMatchObject({ id, logprob: expect.closeTo(logprob, 4) });
  }
  const { text } = await cli.run(['score'], { input: sample });
  expect(text.trim().split('\n')).toHaveLength(tokens.length + 2);
  expect(text).toMatch(/nats in all, .* per token, perplexity .* bits per byte\n$/);
});

describe('attend', () => {
  test('without a head: the metrics of all', async () => {
    const { heads } = await cli.json<{ heads: Record<string, number>[] }>(['attend'], { input: sample });
    expect(heads.map(({ layer, head }) => `${layer}.${head}`)).toEqual(['0.0', '0.1', '0.2', '0.3', '1.0', '1.1', '1.2', '1.3']);
    for (const each of heads)
      for (const key of ['previousToken', 'firstToken', 'self', 'entropy']) expect(each[key]).toBeGreaterThanOrEqual(0);
  });

  test('one head: every number of the calculation', async () => {
    interface Head {
      tokens: { id: number; text: string; start: number; end: number }[];
      scores: (number | null)[][];
      scaled: (number | null)[][];
      pattern: number[][];
      q: number[][];
      k: number[][];
      v: number[][];
      output: number[][];
    }
    const head = await cli.json<Head>(['attend', '--layer', '1', '--head', '2'], { input: sample });
    const { tokens, scores, scaled, pattern, q, k, v, output } = head;
    expect(head).toMatchObject({ layer: 1, head: 2 });
    expect(tokens[0]).toMatchObject({ id: 2, start: -1 });
    const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
    for (let row = 0; row < tokens.length; row++) {
      expect(pattern[row]!.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      for (let column = 0; column < tokens.length; column++) {
        if (column > row) expect([scores[row]![column], scaled[row]![column], pattern[row]![column]]).toEqual([null, null, 0]);
        else {
          expect(scores[row]![column]).toBeCloseTo(dot(q[row]!, k[column]!), 4);
          expect(scaled[row]![column]).toBeCloseTo(scores[row]![column]! / 2, 5);
        }
      }
      for (const [d, value] of output[row]!.entries()) {
        const sum = v.reduce((total, values, column) => total + pattern[row]![column]! * values[d]!, 0);
        expect(value).toBeCloseTo(sum, 4);
      }
    }
    const { text } = await cli.run(['attend', '--layer', '1', '--head', '2'], { input: sample });
    expect(text.split('\n')[0]).toMatch(/^L1H2 +0 +1 /);
  });
});

test('activations: a safetensors file with the names of the contract', async () => {
  const run = await cli.json<{ bytes: number }>(['activations', '--text', sample, '--out', 'all.safetensors']);
  const bytes = readFileSync(join(cli.work, 'all.safetensors'));
  expect(run.bytes).toBe(bytes.length);
  const { tensors, metadata } = parseSafetensors(bytes, 'all');
  expect(metadata).toMatchObject({ model: 'starter', tokenizer: 'starter', dtype: 'f16', contextLength: '32', text: sample });
  expect(metadata.ids).toMatch(/^2 \d+ /);
  expect(metadata.backend).toContain('WebAssembly');
  const names = [...tensors.keys()];
  const each = 'input attention_norm q k q_unrotated k_unrotated v scores pattern heads attention_output after_attention mlp_norm gate up';
  const layer = [...each.split(' '), 'mlp_hidden', 'mlp_output', 'output'];
  const expected = ['ids', 'embedding', 'logits', 'final_norm', ...[0, 1].flatMap((n) => layer.map((name) => `layers.${n}.${name}`))];
  expect(names.sort()).toEqual(expected.sort());

  await cli.json(['activations', '--ids', '2, 101', '--out', 'some.safetensors', '--only', 'layers.1.q']);
  const some = parseSafetensors(readFileSync(join(cli.work, 'some.safetensors')), 'some');
  expect(some.metadata).toMatchObject({ ids: '2 101' });
  expect(some.metadata).not.toHaveProperty('text');
  expect([...some.tensors].map(([name, { shape }]) => [name, shape])).toEqual([['layers.1.q', [4, 2, 4]]]);
});

test('neighbours and analogy', async () => {
  interface Results {
    results: { id: number; text: string | null; bytes?: number[]; similarity: number }[];
  }
  const { results } = await cli.json<Results>(['neighbours', 'e', '--count', '5']);
  expect(results).toHaveLength(5);
  expect(results.map(({ similarity }) => similarity)).toEqual(results.map(({ similarity }) => similarity).toSorted((a, b) => b - a));
  for (const { text, bytes } of results) expect(text === null).toBe(bytes !== undefined);
  const found = await cli.json<Results>(['analogy', 'a', 'b', 'c', '--count', '3']);
  expect(found.results).toHaveLength(3);
});

test('info tells a model from its parts', async () => {
  const card = await cli.json<Record<string, unknown>>(['info', 'starter']);
  expect(card).toMatchObject({ kind: 'model', family: 'Llama', dtype: 'f16', config: { nLayers: 2, dModel: 16 } });
  const groups = card.parametersByGroup as { parameters: number }[];
  expect(groups.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(card.parameters);
  const { text } = await cli.run(['info', join(cli.root, 'media', 'starter')]);
  expect(text).toContain('2 layers, 4 heads (2 key-value), d_model 16');
});

test('the number of threads changes no result', async () => {
  const args = ['generate', 'Le ', '--max-tokens', '4', '--backend', 'loupe'];
  const [plain, one, flag, environment] = await Promise.all([
    cli.run(args),
    cli.run([...args, '--threads', '1']),
    cli.run([...args, '--threads', '3']),
    cli.run(args, { env: { LLM_LOUPE_THREADS: '2' } }),
  ]);
  expect(plain.status).toBe(0);
  for (const other of [one, flag, environment]) expect(other).toEqual(plain);
});

describe('what cannot be done is said in one line', () => {
  beforeAll(() => {
    const starter = join(cli.root, 'media', 'starter');
    for (const [folder, change] of [
      ['short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 100)],
      ['noise', (bytes: Buffer) => Buffer.from(bytes.map((byte) => byte ^ 0x5a))],
    ] as const) {
      mkdirSync(join(cli.work, folder), { recursive: true });
      for (const file of ['config.json', 'tokenizer.json']) copyFileSync(join(starter, file), join(cli.work, folder, file));
      writeFileSync(join(cli.work, folder, 'model.safetensors'), change(readFileSync(join(starter, 'model.safetensors'))));
    }
    mkdirSync(join(cli.work, 'empty'), { recursive: true });
  });

  test.each([
    [['generate', '--model', 'missing'], '', 'No model at'],
    [['generate', '--model', 'empty'], '', 'empty'],
    [['generate', '--model', 'short'], '', 'short'],
    [['info', 'noise'], '', 'noise'],
    [['score'], '', 'There is no text to work on'],
    [['score', 'missing.txt'], '', 'missing.txt does not exist'],
    [['score'], Uint8Array.of(0xff, 0xfe, 0), 'Standard input is not valid UTF-8'],
    [['attend'], '', 'There is no text to work on'],
    [['attend'], sample.repeat(20), 'this model reads at most 32'],
    [['attend', '--layer', '2', '--head', '0'], sample, 'There is no head L2H0'],
    [['activations', '--ids', '2,320', '--out', 'x'], '', '320 is not an id'],
    [['activations', '--text', 'a', '--out', 'missing/x'], '', 'missing does not exist'],
    [['activations', '--text', 'a', '--out', 'empty'], '', 'empty cannot be written'],
    [['neighbours', 'anticonstitutionnellement'], '', 'is not one token of this model'],
    [['generate', 'a', '--backend', 'tensorflow'], '', 'needs to be told where @tensorflow/tfjs-node is installed'],
  ])('%j', async (args, input, message) => {
    const { status, text, stderr } = await cli.run(args, { input });
    expect([status, text]).toEqual([1, '']);
    expect(stderr).toMatch(oneLine);
    expect(stderr).toContain(message);
  });
});
