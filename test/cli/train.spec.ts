/** `train` as a process: its events, Ctrl-C, and going on as if nothing had happened. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { defaultThreads } from '../../src/backend/cores';
import { story } from '../engine/realms';
import { buildCli, type Cli, oneLine } from './cli';

let cli: Cli;
beforeAll(async () => {
  cli = await buildCli('text', 'train');
  mkdirSync(join(cli.work, 'texts'), { recursive: true });
  writeFileSync(join(cli.work, 'texts', 'a.txt'), story);
  writeFileSync(join(cli.work, 'texts', 'b.txt'), story.toUpperCase());
  writeFileSync(join(cli.work, 'tiny.txt'), 'too little');
});

const shape = '--layers 1 --heads 2 --d-model 16 --d-ff 32 --context 16 --vocab-size 280'.split(' ');
const pace = '--batch 2 --eval-every 100 --sample-every 100 --checkpoint-every 100'.split(' ');
const args = (out: string, ...more: string[]) => ['train', 'texts', '--out', out, ...shape, ...pace, ...more];

interface Event {
  type: string;
  step: number;
  loss: number;
  steps: number;
}
const events = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
const model = (out: string) => readFileSync(join(cli.work, out, 'model.safetensors'));

test('one JSON event a line, a Hugging Face folder at the end', async () => {
  const { status, text, stderr } = await cli.run(args('one', '--steps', '12', '--json'));
  expect([status, stderr]).toEqual([0, '']);
  const all = events(text);
  const types = all.map(({ type }) => type);
  expect(types.slice(0, 3)).toEqual(['manifest', 'tokenizer', 'start']);
  expect(types.at(-1)).toBe('done');
  expect(new Set(types)).toEqual(new Set(['manifest', 'tokenizer', 'start', 'baselines', 'step', 'eval', 'sample', 'checkpoint', 'done']));
  expect(all.filter(({ type }) => type === 'step').map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  const keys = (type: string) => Object.keys(all.find((event) => event.type === type)!);
  expect(keys('manifest')).toEqual(expect.arrayContaining(['files', 'bytes', 'documents', 'leftOut', 'digest']));
  expect(keys('tokenizer')).toEqual(expect.arrayContaining(['vocabSize', 'bytesPerToken']));
  expect(keys('start')).toEqual(expect.arrayContaining(['parameters', 'tokensPerStep', 'steps', 'backend', 'threads', 'memoryBytes']));
  // Nobody edits beside it: all cores.
  expect(all.find(({ type }) => type === 'start')).toMatchObject({ threads: defaultThreads(false) });
  expect(keys('step')).toEqual(
    expect.arrayContaining(['step', 'loss', 'learningRate', 'gradNorm', 'tokensPerSecond', 'elapsedSeconds', 'remainingSeconds']),
  );
  expect(keys('baselines')).toEqual(
    expect.arrayContaining(['uniform', 'unigram', 'bytes1', 'bytes2', 'bytes3', 'bytes5', 'trigram', 'fivegram']),
  );
  expect(keys('eval')).toEqual(expect.arrayContaining(['step', 'loss', 'valLoss', 'bitsPerByte']));
  expect(keys('done')).toEqual(expect.arrayContaining(['steps', 'loss', 'valLoss', 'bitsPerByte', 'path', 'digest']));
  expect(readdirSync(join(cli.work, 'one'))).toEqual(expect.arrayContaining(['config.json', 'model.safetensors', 'tokenizer.json']));
});

test('--exact: the same model on any number of threads, by the build that computes the same everywhere', async () => {
  const run = (threads: string) => cli.run(args(`exact${threads}`, '--steps', '5', '--json', '--exact', '--threads', threads));
  const [one, three] = [await run('1'), await run('3')];
  expect(events(one.text).find(({ type }) => type === 'start')).toMatchObject({ backend: 'WebAssembly, SIMD', threads: 1 });
  expect(events(three.text).find(({ type }) => type === 'start')).toMatchObject({ backend: 'WebAssembly, SIMD', threads: 3 });
  expect(model('exact3').equals(model('exact1'))).toBe(true);
  const { digest } = events(one.text).at(-1) as Event & { digest?: string };
  expect(digest).toMatch(/^[0-9a-f]{12}$/);
  expect(events(three.text).at(-1)).toMatchObject({ digest });
  expect(await cli.json(['info', 'exact3'])).toMatchObject({ kind: 'run', curve: { step: 5, digest, everywhere: true } });
  expect((await cli.run(['info', 'exact1'])).text).toContain(`curve ${digest} after step 5; settings `);
  const state = JSON.parse(readFileSync(join(cli.work, 'exact3', 'checkpoint-5', 'trainer_state.json'), 'utf8')) as { computedBy: object };
  expect(state.computedBy).toMatchObject({ backend: 'loupe: WebAssembly, SIMD', cpuFeatures: [], threads: 1 });
});

test('--minutes says which steps it chose, and what trains the same again', async () => {
  const short = ['train', 'texts', ...shape, '--batch', '2'];
  const timed = await cli.run([...short, '--out', 'timed', '--minutes', '0.01']);
  const [, said, again] =
    /, (\d+) steps of .*\nSo many steps fit into 0\.01 min .*; (--steps \d+ --warmup \d+) instead/.exec(timed.stderr) ?? [];
  expect(Number(said)).toBeGreaterThan(0);
  expect(again).toContain(`--steps ${said} `);
  const counted = await cli.run([...short, '--out', 'counted', ...again!.split(' ')]);
  expect(counted.stderr).not.toContain('So many steps');
  expect(model('counted').equals(model('timed'))).toBe(true);
  const digest = (text: string) => /curve ([0-9a-f]{12})/.exec(text)?.[1];
  expect(digest(counted.text)).toBe(digest(timed.text));
  expect((await cli.run(['train', '--help'])).text).toContain('then steps and warm-up stay fixed');
});

test('for people: lines on standard error, the result on standard output; --quiet says only the result', async () => {
  const [loud, quiet] = await Promise.all([cli.run(args('loud', '--steps', '3')), cli.run(args('quiet', '--steps', '3', '--quiet'))]);
  expect(loud.text).toMatch(/^Done after 3 steps: loss .*; curve [0-9a-f]{12}\. .*\n$/);
  expect(loud.stderr).toMatch(/^2 files, .*\nTokenizer of 280 entries.*\n/);
  // Every figure has its unit.
  expect(loud.text).toMatch(/loss \d\.\d{4} nats per token, on held-out text \d\.\d{4} \(\d\.\d{4} bits per byte\)/);
  expect(loud.stderr).toMatch(/To compare with, in bits per byte of the held-out text: .*; by counting bytes, \d\.\d{3} singly, .* five\n/);
  // No terminal, no bar.
  expect(loud.stderr).not.toContain('\r');
  expect(quiet).toMatchObject({ status: 0, stderr: '' });
});

test('Ctrl-C saves, exits with 130, and --resume ends bit for bit as if nothing had happened', async () => {
  const steps = ['--steps', '120', '--checkpoint-every', '1000'];
  const whole = cli.run(args('whole', ...steps, '--quiet'));
  const child = cli.start(args('cut', ...steps, '--json'));
  let out = '';
  let err = '';
  child.stdout!.on('data', (chunk) => {
    out += chunk;
    if (/"step":5,/.test(out) && !child.killed) child.kill('SIGINT');
  });
  child.stderr!.on('data', (chunk) => {
    err += chunk;
  });
  const status = await new Promise((resolve) => child.on('close', resolve));
  expect(status).toBe(130);
  const stopped = events(out).at(-1)!;
  expect(stopped.type).toBe('done');
  expect(stopped.steps).toBeLessThan(120);
  expect(err).toContain(
    `interrupted and saved at step ${stopped.steps}; go on with: llm-loupe train --out ${join(cli.work, 'cut')} --resume`,
  );

  const resumed = await cli.run(['train', '--out', 'cut', '--resume', '--json']);
  expect(resumed.status).toBe(0);
  const after = events(resumed.text);
  expect(after.find(({ type }) => type === 'step')!.step).toBe(stopped.steps + 1);
  expect(after.at(-1)).toMatchObject({ type: 'done', steps: 120 });
  expect((await whole).status).toBe(0);
  expect(model('cut').equals(model('whole'))).toBe(true);
});

test('a second Ctrl-C exits at once; one before the first step leaves nothing', async () => {
  const child = cli.start(args('twice', '--steps', '100000', '--json'));
  child.stdout!.on('data', (chunk: Buffer) => {
    if (!chunk.toString().includes('"step"')) return;
    child.kill('SIGINT');
    child.kill('SIGINT');
    setTimeout(() => child.kill('SIGINT'), 5);
  });
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(130);

  writeFileSync(join(cli.work, 'large.txt'), story.repeat(500));
  const early = cli.start(['train', 'large.txt', '--out', 'early', '--vocab-size', '5000', ...shape.slice(0, -2)]);
  let err = '';
  early.stderr!.on('data', (chunk) => {
    err += chunk;
    // The manifest was said: it reads and learns its tokenizer now.
    if (!early.killed) early.kill('SIGINT');
  });
  expect(await new Promise((resolve) => early.on('close', resolve))).toBe(130);
  expect(err).toMatch(/llm-loupe: interrupted before the first step: nothing was trained.*\n$/);
  expect(readdirSync(cli.work)).not.toContain('early');
});

test('--from continues a model with its tokenizer', async () => {
  const { status, text } = await cli.run(['train', 'texts', '--out', 'more', '--from', 'starter', '--steps', '3', '--json']);
  expect(status).toBe(0);
  expect(events(text).find(({ type }) => type === 'start')).toMatchObject({ from: 'starter', steps: 3 });
  const tokenizer = (folder: string) => readFileSync(join(folder, 'tokenizer.json'), 'utf8');
  expect(tokenizer(join(cli.work, 'more'))).toBe(tokenizer(join(cli.root, 'media', 'starter')));
});

describe('what cannot be done is said in one line', () => {
  test.each([
    [['train', 'missing', '--out', 'x'], 'missing does not exist'],
    [['train', 'tiny.txt', '--out', 'x'], 'Too little text to train on'],
    [['train', 'texts', '--out', 'x', '--include', '*.poem'], 'No file to train on: 2 files were looked at'],
    [['train', 'texts', '--out', 'texts/a.txt', '--steps', '1'], 'texts/a.txt cannot be written: a file is in its way.'],
    [['train', 'texts', '--out', 'texts/a.txt/x', '--steps', '1'], 'texts/a.txt/x cannot be written: a file is in its way.'],
    [['train', 'texts', '--out', 'one'], 'already holds a training run'],
    [['train', '--out', 'nothing', '--resume'], 'nothing'],
    [['train', 'texts', '--out', 'x', '--from', 'missing'], 'No model at'],
    [['train', 'texts', '--out', 'x', '--d-model', '65536', '--layers', '1000', '--heads', '16'], 'Not enough memory'],
  ])('%j', async (args, message) => {
    const { status, stderr } = await cli.run([...args, '--quiet']);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(oneLine);
    expect(status).toBe(1);
  });
});

test('settings that do not go together are wrong usage, and named as they were typed', async () => {
  const { status, stderr } = await cli.run(['train', 'texts', '--out', 'x', '--heads', '3', '--d-model', '16']);
  expect(status).toBe(2);
  expect(stderr).toMatch(oneLine);
  expect(stderr).toContain('--d-model / --heads cannot be 5.33');
  expect(readdirSync(cli.work)).not.toContain('x');
});
