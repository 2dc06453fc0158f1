import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/client/engine';
import { parseSafetensors, tensorFloats } from '../../../src/core/formats/safetensors';
import type { TrainEvent } from '../../../src/core/train/events';
import type { TrainRequest } from '../../../src/protocol/engine';
import { temporaryFolder } from '../folders';
import { assets, buildRealms, openEngine, repository, tinyConfig, writeTinyModel } from '../realms';
import { requestFor, writeWorkspace } from './requests';

const root = temporaryFolder();
const runs = join(root, 'runs');
const workspace = writeWorkspace(join(root, 'workspace'));
const request = (run: string, over: Partial<TrainRequest> = {}) => requestFor(workspace, run, over);
const weights = (path: string) =>
  createHash('sha256')
    .update(readFileSync(join(path, 'model.safetensors')))
    .digest('hex');
let realms: string;
let starter: string;
let engine: Engine;
/** What an uninterrupted run ends with. */
let reference: { events: TrainEvent[]; digest: string };

async function train(run: string, over: Partial<TrainRequest> = {}, onProgress?: (event: TrainEvent) => void) {
  const events: TrainEvent[] = [];
  const result = await engine.train.start(request(run, over), {
    onProgress(event) {
      events.push(event);
      onProgress?.(event);
    },
  });
  return { events, result };
}

beforeAll(async () => {
  starter = await writeTinyModel(join(root, 'starter'));
  realms = await buildRealms('text', 'train');
  engine = openEngine({ realms, starter, runs });
  const { events, result } = await train('reference');
  reference = { events, digest: weights(result.path) };
});

describe('a run', () => {
  test('tells its story in order, and keeps it', async () => {
    const types = reference.events.map(({ type }) => type).filter((type) => type !== 'preparing');
    // The comparison comes when it is counted, which training does not wait for.
    expect(types.filter((type) => type !== 'baselines').slice(0, 4)).toEqual(['manifest', 'tokenizer', 'start', 'step']);
    expect(types.filter((type) => type === 'baselines').length).toBe(1);
    expect(types.at(-1)).toBe('done');
    const count = (type: TrainEvent['type']) => types.filter((each) => each === type).length;
    expect([count('step'), count('eval'), count('sample'), count('checkpoint')]).toEqual([24, 3, 2, 3]);
    expect(reference.events.find((event) => event.type === 'start')?.backend).toContain('WebAssembly');
    const { events } = await engine.text.runEvents({ run: 'reference', from: 0 });
    expect(events).toEqual(JSON.parse(JSON.stringify(reference.events.filter(({ type }) => type !== 'preparing'))));
  });

  test('learns', () => {
    const losses = reference.events.filter((event) => event.type === 'eval').map(({ valLoss }) => valLoss);
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    const sample = reference.events.find((event) => event.type === 'sample');
    expect(sample?.truth.length).toBeGreaterThan(20);
  });

  test('leaves a folder that opens as a model, with its last checkpoints and the best', async () => {
    const path = join(runs, 'reference');
    const names = readdirSync(path);
    for (const name of [
      'config.json',
      'generation_config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
      'run.json',
    ])
      expect(names).toContain(name);
    expect(names.filter((name) => name.startsWith('.'))).toEqual([]);
    const [info] = await engine.text.runs({});
    expect(info).toMatchObject({ id: 'reference', state: 'finished', step: 24, steps: 24, pid: null, checkpoints: [16, 24] });
    expect(await engine.text.tokenizerInfo({ tokenizer: 'run:reference' })).toMatchObject({ vocabSize: 300 });
    expect(existsSync(join(runs, 'lock'))).toBe(false);
  });

  test('gives the same weights for the same request, wherever it is', async () => {
    const out = join(root, 'elsewhere');
    const { result } = await train(out, { name: 'elsewhere' });
    expect(result).toEqual({ run: out, path: out, state: 'finished' });
    expect(weights(out)).toBe(reference.digest);
    await expect(train(out)).rejects.toMatchObject({ code: 'training.exists' });
  });

  test('stops after a step, and goes on to the same end', async () => {
    const stopAt = (event: TrainEvent) => {
      if (event.type === 'step' && event.step === 1) void engine.train.stop({});
    };
    const { result, events } = await train('stopped', {}, stopAt);
    expect(result.state).toBe('stopped');
    const last = events.findLast((event) => event.type === 'step')!.step;
    expect(last).toBeLessThan(24);
    expect((await engine.text.runs({})).find(({ id }) => id === 'stopped')?.state).toBe('stopped');

    const again: TrainEvent[] = [];
    const resumed = await engine.train.resume({ run: 'stopped' }, { onProgress: (event) => again.push(event) });
    expect(resumed.state).toBe('finished');
    expect(again.find((event) => event.type === 'resumed')).toEqual({ type: 'resumed', step: last });
    expect(weights(resumed.path)).toBe(reference.digest);
    await expect(engine.train.resume({ run: 'absent' })).rejects.toMatchObject({ code: 'training.noRun' });
  });

  test('resumes from the checkpoint before, and says so, where the newest is damaged; from the newest where nothing names it', async () => {
    const stopAt = (event: TrainEvent) => {
      if (event.type === 'step' && event.step === 9) void engine.train.stop({});
    };
    const resumed = async () => {
      const events: TrainEvent[] = [];
      const { path } = await engine.train.resume({ run: 'damaged' }, { onProgress: (event) => events.push(event) });
      expect(weights(path)).toBe(reference.digest);
      return events;
    };
    const { result, events } = await train('damaged', {}, stopAt);
    const last = events.findLast((event) => event.type === 'step')!.step;
    const newest = join(result.path, `checkpoint-${last}`, 'model.safetensors');
    writeFileSync(newest, readFileSync(newest).subarray(0, 5000));
    const again = await resumed();
    const warning = again.find((event) => event.type === 'warning');
    expect(warning?.message).toContain(`The checkpoint of step ${last} cannot be used; training`);
    expect(warning?.message).toContain('Damaged or wrong file');
    expect(warning?.message).toContain(`(${newest}`);
    const [before] = again.filter((event) => event.type === 'resumed');
    expect(before?.step).toBeLessThan(last);
    expect(warning?.message).toContain(`goes on from step ${before?.step}.`);
    // Finished now: its last step again.
    writeFileSync(join(result.path, 'latest'), '{"step":');
    expect((await resumed()).find((event) => event.type === 'resumed')).toEqual({ type: 'resumed', step: 24 });
    for (const step of [8, 16, 24, last]) rmSync(join(result.path, `checkpoint-${step}`), { recursive: true, force: true });
    await expect(resumed()).rejects.toMatchObject({ code: 'training.nothingToResume' });
  });

  test('pauses, says so, and goes on to the same end', async () => {
    const seen: string[] = [];
    const pauseAt = (event: TrainEvent) => {
      if (event.type === 'step' && event.step === 3) void engine.train.pause({});
      if (event.type !== 'paused') return;
      seen.push('paused');
      void engine.train.status({}).then(async (status) => {
        const info = (await engine.text.runs({})).find(({ id }) => id === 'paused');
        seen.push(`${status.run} ${status.paused} ${info?.state} ${info?.pid === process.pid}`);
        await engine.train.unpause({});
      });
    };
    const { result } = await train('paused', {}, pauseAt);
    expect(seen).toEqual(['paused', 'paused true paused true']);
    expect(weights(result.path)).toBe(reference.digest);
    expect(await engine.train.status({})).toMatchObject({ run: null, paused: false });
  });

  test('continues a model with its tokenizer', async () => {
    const { result, events } = await train('continued', { from: 'starter', config: {}, settings: { steps: 4, batch: 1 } });
    expect(events.find((event) => event.type === 'start')).toMatchObject({ from: 'starter', steps: 4 });
    expect(readFileSync(join(result.path, 'tokenizer.json'))).toEqual(readFileSync(join(starter, 'tokenizer.json')));
    // Its shape, vocabulary and context; a learning rate of its own.
    const config = (folder: string) => JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;
    const { dtype: _, torch_dtype: __, ...shape } = config(starter);
    expect(config(result.path)).toMatchObject(shape);
    expect(events.find((event) => event.type === 'start')).toMatchObject({ tokensPerStep: tinyConfig.contextLength });
    expect(events.find((event) => event.type === 'step')?.learningRate).toBe(1e-3);

    // It starts from the weights: a step that hardly moves leaves them as they were.
    const still = await train('still', { from: 'starter', config: {}, settings: { steps: 1, batch: 1, learningRate: 1e-12 } });
    const tensors = (folder: string) => parseSafetensors(readFileSync(join(folder, 'model.safetensors')), folder).tensors;
    const before = tensors(starter);
    const after = tensors(still.result.path);
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    for (const [name, tensor] of after) {
      const were = tensorFloats(before.get(name)!, starter, name);
      tensorFloats(tensor, '', name).forEach((value, i) => {
        expect(Math.abs(value - were[i]!), name).toBeLessThan(1e-6);
      });
    }
    const wish = { from: 'starter', config: { nLayers: 9 } };
    await expect(train('other', wish)).rejects.toMatchObject({ code: 'training.badSettings', args: { setting: 'nLayers' } });
  });

  test('says that its tokenizer stopped early', async () => {
    const { events } = await train('early', { config: { ...request('x').config, vocabSize: 9000 }, settings: { steps: 1, batch: 1 } });
    const tokenizer = events.find((event) => event.type === 'tokenizer');
    expect(tokenizer?.vocabSize).toBeLessThan(9000);
    expect(events.filter((event) => event.type === 'warning').map(({ message }) => message)).toEqual([
      'The tokenizer has fewer entries than were asked for: no pair of tokens occurs twice any more.',
    ]);
    expect(reference.events.some((event) => event.type === 'warning')).toBe(false);
  });

  test('fits the steps into a time', async () => {
    const { events } = await train('timed', { minutes: 0.001 });
    const started = events.find((event) => event.type === 'start');
    expect(events.findLast((event) => event.type === 'step')?.step).toBe(started?.steps);
    expect((await engine.text.runs({})).find(({ id }) => id === 'timed')?.steps).toBe(started?.steps);
  });
});

describe('a crash', () => {
  test('kill -9 in the middle of a run, then resume: the same weights, bit for bit', async () => {
    const script = join(temporaryFolder(), 'child.mjs');
    await build({
      absWorkingDir: repository,
      entryPoints: ['test/engine/train/child.ts'],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: script,
      logLevel: 'error',
    });
    const options = { realms, starter, runs, assets, backend: 'auto', threads: 0 };
    const child = spawn(process.execPath, [script, JSON.stringify({ options, request: request('killed') })], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    let busy: unknown;
    for await (const line of createInterface(child.stdout)) {
      const event = JSON.parse(line) as TrainEvent;
      if (event.type === 'start') busy = await engine.train.start(request('second')).catch((error: unknown) => error);
      if (event.type === 'step' && event.step > 8) child.kill('SIGKILL');
    }
    expect(await exited).toEqual([null, 'SIGKILL']);
    expect(busy).toMatchObject({ code: 'training.busy', args: { pid: child.pid } });

    expect((await engine.text.runs({})).find(({ id }) => id === 'killed')).toMatchObject({ state: 'interrupted', pid: null });
    const { path } = await engine.train.resume({ run: 'killed' });
    expect(weights(path)).toBe(reference.digest);
    const { events } = await engine.text.runEvents({ run: 'killed', from: 0 });
    const steps = events.filter((event) => event.type === 'step').map(({ step }) => step);
    expect(steps).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
  });

  test('a train realm that ends rejects the run and can resume it at once', async () => {
    const end = (event: TrainEvent) => {
      if (event.type === 'checkpoint' && event.step === 8) void engine.end('train', 'killed by a test');
    };
    await expect(train('ended', {}, end)).rejects.toMatchObject({ code: 'realm.died', args: { reason: 'killed by a test' } });
    const { path } = await engine.train.resume({ run: 'ended' });
    expect(weights(path)).toBe(reference.digest);
  });
});

describe('what cannot be', () => {
  test('an empty or too small corpus is said, and leaves no run behind', async () => {
    const empty = join(root, 'empty');
    mkdirSync(empty);
    const corpus = { ...request('x').corpus, roots: [{ path: empty, name: 'empty' }] };
    await expect(train('none', { corpus })).rejects.toMatchObject({ code: 'corpus.empty' });
    writeFileSync(join(empty, 'a.txt'), 'a little text\n');
    await expect(train('none', { corpus })).rejects.toMatchObject({ code: 'corpus.tooSmall', args: { bytes: 14 } });
    expect(existsSync(join(runs, 'none'))).toBe(false);
  });

  test('settings and models that cannot be', async () => {
    await expect(train('bad', { settings: { batch: 0 } })).rejects.toMatchObject({ code: 'training.badSettings' });
    await expect(train('bad', { from: 'run:absent' })).rejects.toMatchObject({ code: 'training.noRun' });
    await expect(train('bad', { tokenizer: 'gpt2' })).rejects.toMatchObject({ code: 'tokenizer.noFile' });
    const huge = { config: { vocabSize: 60_000, dModel: 8192, nLayers: 48, nHeads: 64 } };
    await expect(train('bad', huge)).rejects.toMatchObject({ code: 'memory.notEnough' });
    expect(existsSync(join(runs, 'bad'))).toBe(false);
  });

  test('another window that trains', async () => {
    writeFileSync(join(runs, 'lock'), JSON.stringify({ pid: 1, host: hostname(), run: 'theirs', token: 'x' }));
    await expect(train('mine')).rejects.toMatchObject({ code: 'training.busy', args: { pid: 1 } });
    expect(existsSync(join(runs, 'mine'))).toBe(false);
    writeFileSync(join(runs, 'lock'), JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), run: 'theirs', token: 'x' }));
    expect((await train('mine', { settings: { ...request('x').settings, steps: 2 } })).result.state).toBe('finished');
  });

  test('token files that were changed meanwhile', async () => {
    const stop = (event: TrainEvent) => {
      if (event.type === 'step') void engine.train.stop({});
    };
    const { result } = await train('changed', {}, stop);
    writeFileSync(join(result.path, 'tokens', 'train.bin'), new Uint8Array(20_000));
    await expect(engine.train.resume({ run: 'changed' })).rejects.toMatchObject({ code: 'file.broken' });
  });
});

test('offers say what each way would cost', async () => {
  const seen: (number | null)[] = [];
  const offers = await engine.train.offers(
    { from: 'starter', presets: ['nano', 'micro'], bytes: 1_000_000 },
    { onProgress: ({ seconds }) => seen.push(seconds) },
  );
  expect(offers.map(({ preset }) => preset)).toEqual(['continue', 'nano', 'micro']);
  expect(seen.slice(0, 3)).toEqual([null, null, null]);
  const [, nano, micro] = offers;
  expect(nano!.seconds).toBeGreaterThan(0);
  expect(micro!.seconds).toBeGreaterThan(nano!.seconds!);
  expect(micro!.parameters).toBeGreaterThan(nano!.parameters);
});

describe('byte counters', () => {
  test('of the text realm are those in the history, and equal when they are counted again', async () => {
    const said = reference.events.find((event) => event.type === 'baselines')!;
    const { bytes1, bytes2, bytes3, bytes5 } = said;
    const known = await engine.text.counters({ run: 'reference' });
    expect(known).toEqual({ bytes1, bytes2, bytes3, bytes5 });
    expect(said.trigram).toBe(bytes3);
    expect(said.fivegram).toBe(bytes5);
    // A history that does not say it: a run from before they were counted.
    const path = join(runs, 'reference', 'events.jsonl');
    const lines = readFileSync(path, 'utf8');
    try {
      writeFileSync(path, lines.replace(/^.*"type":"baselines".*\n/m, ''));
      expect(await engine.text.counters({ run: 'reference' })).toEqual(known);
    } finally {
      writeFileSync(path, lines);
    }
  });
});
