import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { forward } from '../../../src/core/model/gpt';
import { disposeParameters, initialise, type Parameters } from '../../../src/core/model/parameters';
import { complete, generate, nextTokens, promptIds } from '../../../src/core/sample/generate';
import type { Generated, GenerateStep, SampleSettings } from '../../../src/core/sample/types';
import * as tf from '../../../src/core/tf';
import { chain, markovModel, pieceTokenizer } from './toys';

const greedy: SampleSettings = { temperature: 0, topK: 0, topP: 1, minP: 0, seed: 0 };
const free: SampleSettings = { ...greedy, temperature: 1, seed: 1 };

async function collect(run: AsyncGenerator<GenerateStep, Generated>): Promise<{ steps: GenerateStep[]; result: Generated }> {
  const steps: GenerateStep[] = [];
  for (;;) {
    const next = await run.next();
    if (next.done) return { steps, result: next.value };
    steps.push(next.value);
  }
}

describe('a chain of tokens', () => {
  const [crab0, crab1, crab2, crab3] = new TextEncoder().encode('🦀');
  const tokenizer = pieceTokenizer(['<bos>', '<eos>', 'a', 'b', [crab0!, crab1!], [crab2!, crab3!], 'z'], { bos: 0, eos: 1 });
  // <bos> a b 🦀 z <eos>
  const params = markovModel(chain([2, 1, 3, 4, 5, 6, 1]), 16, { bosId: 0, eosId: 1 });
  const run = (options: object = {}, prompt = Uint32Array.of(0)) =>
    collect(generate(params, tokenizer, prompt, { settings: greedy, maxTokens: 100, ...options }));
  afterAll(() => disposeParameters(params));

  it('is followed to <eos>, characters whole', async () => {
    const { steps, result } = await run();
    expect(steps.map(({ id, text }) => [id, text])).toEqual([
      [2, 'a'],
      [3, 'b'],
      [4, ''],
      [5, '🦀'],
      [6, 'z'],
      [1, ''],
    ]);
    expect(result).toEqual({ text: 'ab🦀z', prompt: Uint32Array.of(0), ids: Uint32Array.of(2, 3, 4, 5, 6, 1), finish: 'eos' });
    expect(steps[0]).toMatchObject({ rank: 0, kept: 1, draw: 0 });
    expect(steps[0]!.logprob).toBeCloseTo(-Math.log1p(6 * Math.exp(-40)), 5);
    expect(steps[0]!.top.map(({ id }) => id)).toEqual([2, 0, 1, 3, 4, 5, 6]);
    expect('mass' in steps[0]!).toBe(false);
  });

  it('ends at the number of tokens, dropping half a character', async () => {
    const { result } = await run({ maxTokens: 3 });
    expect(result).toMatchObject({ text: 'ab', finish: 'length' });
    expect((await run({ maxTokens: 0 })).result).toMatchObject({ text: '', finish: 'length' });
  });

  it('ends before a stop text, and gives at the end what was held back', async () => {
    expect((await run({ stop: ['b🦀'] })).result).toMatchObject({ text: 'a', finish: 'stop' });
    const { steps, result } = await run({ stop: ['bx', 'z!'] });
    expect(steps.map(({ text }) => text)).toEqual(['a', '', '', 'b🦀', '', 'z']);
    expect(result).toMatchObject({ text: 'ab🦀z', finish: 'eos' });
  });

  it('can be cancelled between tokens, and dropped', async () => {
    const steps: GenerateStep[] = [];
    const before = tf.memory().numTensors;
    const abort = new AbortController();
    const generation = generate(params, tokenizer, Uint32Array.of(0), { settings: greedy, maxTokens: 100, signal: abort.signal });
    steps.push((await generation.next()).value as GenerateStep);
    abort.abort();
    expect(await generation.next()).toEqual({
      done: true,
      value: { text: 'a', prompt: Uint32Array.of(0), ids: Uint32Array.of(2), finish: 'cancelled' },
    });
    for await (const step of generate(params, tokenizer, Uint32Array.of(0), { settings: greedy, maxTokens: 100 })) {
      if (step.id === 3) break;
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('needs something to begin with', async () => {
    await expect(run({}, new Uint32Array())).rejects.toMatchObject({ code: 'text.empty' });
    expect(promptIds(params, tokenizer, '')).toEqual(Uint32Array.of(0));
    expect(promptIds(params, tokenizer, 'a🦀')).toEqual(Uint32Array.of(0, 2, 4, 5));
  });
});

describe('a full context', () => {
  // a b a b ... for ever
  const params = markovModel(chain([1, 2, 1]), 6, { bosId: 0 });
  const tokenizer = pieceTokenizer(['<bos>', 'a', 'b'], { bos: 0 });
  const run = (slide: boolean, prompt: string) =>
    complete(params, tokenizer, promptIds(params, tokenizer, prompt), { settings: greedy, maxTokens: 20, slide });
  afterAll(() => disposeParameters(params));

  it('slides, or ends', async () => {
    expect(await run(true, '')).toMatchObject({ text: 'ab'.repeat(10), finish: 'length' });
    expect(await run(false, '')).toMatchObject({ text: 'ababab', finish: 'context' });
    expect(await run(true, 'ab'.repeat(50))).toMatchObject({ text: 'ab'.repeat(10), finish: 'length' });
    expect(await run(false, 'ab'.repeat(50))).toMatchObject({ text: 'a', finish: 'context' });
  });
});

describe('a random model', () => {
  const pieces = Array.from({ length: 24 }, (_, id) => String.fromCharCode(97 + id));
  const tokenizer = pieceTokenizer(['<bos>', '<eos>', ...pieces], { bos: 0, eos: 1 });
  const config = {
    vocabSize: 26,
    dModel: 16,
    nLayers: 2,
    nHeads: 2,
    nKvHeads: 1,
    headDim: 8,
    dFf: 20,
    contextLength: 12,
    ropeTheta: 10000,
    normEps: 1e-5,
    tieEmbeddings: false,
    bosId: 0,
  };
  let params: Parameters;
  const model = () => {
    params ??= initialise(config, 3);
    return params;
  };
  afterAll(() => disposeParameters(params));

  it('replays, and its beginning does not depend on its length', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 40 }), fc.constantFrom(0.5, 1, 1.5), async (seed, temperature) => {
        const settings = { ...free, seed, temperature, topK: 20, topP: 0.95 };
        const long = await collect(generate(model(), tokenizer, Uint32Array.of(0, 5), { settings, maxTokens: 16 }));
        const again = await collect(generate(model(), tokenizer, Uint32Array.of(0, 5), { settings, maxTokens: 7 }));
        expect(again.steps).toEqual(long.steps.slice(0, 7));
      }),
      { numRuns: 8 },
    );
  });

  it('takes the most probable token when greedy, also across a slide', async () => {
    const { result, steps } = await collect(generate(model(), tokenizer, Uint32Array.of(0, 7), { settings: greedy, maxTokens: 14 }));
    let given = [0, 7];
    for (const [at, id] of result.ids.entries()) {
      const logits = tf.tidy(() => forward(model(), Int32Array.from(given), { last: 1 }).logits.dataSync() as Float32Array);
      const expected = logits.indexOf(Math.max(...logits));
      expect(id).toBe(expected);
      expect(steps[at]!.top[0]!.logit).toBeCloseTo(logits[expected]!, 4);
      given.push(id);
      // Twelve positions are full: <bos> and the last five go on.
      if (given.length > 12) given = [0, ...given.slice(-5)];
    }
  });

  it('tells sums that agree with its candidates', async () => {
    const settings = { ...free, topK: 10, topP: 0.8, temperature: 1.2 };
    const { steps } = await collect(generate(model(), tokenizer, Uint32Array.of(0), { settings, maxTokens: 10 }));
    for (const { id, top, kept, mass, draw, logprob, rank } of steps) {
      expect(top.length).toBeGreaterThanOrEqual(20);
      const chosen = top.find((candidate) => candidate.id === id)!;
      expect(top.indexOf(chosen)).toBe(rank);
      expect(Math.log(chosen.probability)).toBeCloseTo(logprob, 10);
      expect(top.filter((candidate) => candidate.drawn > 0)).toHaveLength(kept);
      expect(top.reduce((sum, candidate) => sum + candidate.drawn, 0)).toBeCloseTo(1, 10);
      expect(mass!.kept).toBeLessThanOrEqual(mass!.topK);
      expect(mass!.before).toBeLessThanOrEqual(draw);
      expect(mass!.before + chosen.drawn).toBeGreaterThanOrEqual(draw - 1e-12);
    }
  });

  it('lists the next tokens without drawing', async () => {
    const next = await nextTokens(model(), tokenizer, Uint32Array.of(0, 3, 4), 5);
    const logits = tf.tidy(() => forward(model(), Int32Array.of(0, 3, 4), { last: 1 }).logits.dataSync() as Float32Array);
    const expected = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]!).slice(0, 5);
    expect(next.map(({ id }) => id)).toEqual(expected);
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    expect(next[0]!.probability).toBeCloseTo(Math.exp(next[0]!.logit) / total, 6);
  });
});

it('draws as often as the probabilities say (chi-square)', async () => {
  // After any token: the same five, so that every step of a long run is a draw.
  const weights = [0.4, 0.3, 0.15, 0.1, 0.05];
  const params = markovModel(
    Array.from({ length: 5 }, () => weights.map(Math.log)),
    512,
  );
  const tokenizer = pieceTokenizer(['a', 'b', 'c', 'd', 'e']);
  const count = 1000;
  for (const [settings, expected] of [
    [free, weights],
    [{ ...free, topK: 3, seed: 9 }, [0.4 / 0.85, 0.3 / 0.85, 0.15 / 0.85, 0, 0]],
  ] as const) {
    const { ids } = await complete(params, tokenizer, Uint32Array.of(0), { settings, maxTokens: count, candidates: 1 });
    const seen = weights.map((_, id) => ids.filter((other) => other === id).length);
    let chi = 0;
    expected.forEach((p, id) => {
      if (p === 0) expect(seen[id]).toBe(0);
      else chi += (seen[id]! - p * count) ** 2 / (p * count);
    });
    // 99.9 % of fair draws stay below 18.5 with four degrees of freedom.
    expect(chi).toBeLessThan(18.5);
  }
  disposeParameters(params);
});
