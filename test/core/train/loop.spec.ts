import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { disposeParameters, initialise, type Parameters, parametersFrom, readParameters } from '../../../src/core/model/parameters';
import { trainSettings } from '../../../src/core/model/presets';
import { Rng } from '../../../src/core/rng';
import * as tf from '../../../src/core/tf';
import { TrainControl } from '../../../src/core/train/control';
import type { TrainSettings } from '../../../src/core/train/events';
import { type LoopEvent, type TrainJob, type TrainState, trainLoop } from '../../../src/core/train/loop';
import { arraySource } from '../../../src/core/train/source';
import { openTestBackend } from '../../support/backend';
import { tinyConfig } from '../../support/model';

const config = tinyConfig({ contextLength: 8, nHeads: 2, nKvHeads: 1 });
const rng = Rng.from(7);
/** A stream with something to learn: mostly counting up, sometimes a jump. */
const tokens = (() => {
  const ids = [0];
  for (let i = 1; i < 400; i++) ids.push(rng.uniform(i) < 0.1 ? rng.below(i, 12) : ((ids[i - 1] as number) + 1) % 12);
  return ids;
})();
const train = arraySource(tokens.slice(0, 300));
const validation = arraySource(tokens.slice(300));

const settingsFor = (over: Partial<TrainSettings> = {}) =>
  trainSettings({
    ...{ steps: 12, batch: 4, learningRate: 5e-3, evalEvery: 4, sampleEvery: 6, checkpointEvery: 5, accumulate: 2, dropout: 0.2, seed: 3 },
    ...over,
  });

function jobFor(params: Parameters, over: Partial<TrainJob> = {}): TrainJob {
  let clock = 0;
  return {
    params,
    settings: settingsFor(),
    train,
    validation,
    byteLengths: new Uint8Array(12).fill(2),
    tokenBytes: (id) => [id, id],
    origin: { backend: 'test', threads: 1, from: null },
    control: new TrainControl(),
    now: () => (clock += 10),
    ...over,
  };
}

interface Saved {
  readonly weights: Map<string, { shape: readonly number[]; data: Float32Array }>;
  readonly moments: Map<string, { shape: readonly number[]; data: Float32Array }>;
  readonly state: TrainState;
}

/** Runs a job to its end (or to `until`), saving every checkpoint as a file would. */
async function run(job: TrainJob, until?: (event: LoopEvent) => boolean): Promise<{ events: LoopEvent[]; saved: Saved[] }> {
  const events: LoopEvent[] = [];
  const saved: Saved[] = [];
  for await (const event of trainLoop(job)) {
    events.push(event);
    if (event.type === 'checkpointDue') {
      const { params, moments, state } = event.snapshot;
      const copies = [...moments].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }] as const);
      saved.push({
        weights: await readParameters(params),
        moments: new Map(copies),
        state: JSON.parse(JSON.stringify(state)) as TrainState,
      });
    }
    if (until?.(event)) break;
  }
  return { events, saved };
}

const bytes = (saved: Saved) => ({
  weights: [...saved.weights].map(([name, { data }]) => [name, Buffer.from(data.buffer).toString('base64')]),
  moments: [...saved.moments].map(([name, { data }]) => [name, Buffer.from(data.buffer).toString('base64')]),
});
const restored = (saved: Saved) => {
  const params = parametersFrom(config, (name) => {
    const tensor = saved.weights.get(name);
    return tensor && { ...tensor, dtype: 'f32' };
  });
  return jobFor(params, { settings: saved.state.settings, resume: saved.state, resumeMoments: saved.moments });
};
const steps = (events: LoopEvent[]) =>
  events.flatMap((event) => (event.type === 'step' ? [[event.step, event.loss, event.learningRate, event.gradNorm]] : []));

describe.each(['loupe', 'wasm', 'cpu'] as const)('training on %s', (backend) => {
  beforeAll(() => openTestBackend(backend).then(() => undefined));

  async function withModel<T>(seed: number, use: (params: Parameters) => Promise<T>): Promise<T> {
    const params = initialise(config, seed);
    try {
      return await use(params);
    } finally {
      disposeParameters(params);
    }
  }

  test('gives the events in order, learns, and leaks no tensor', async () => {
    await withModel(1, async (params) => {
      const counts: number[] = [];
      const sample = async (_: Parameters, step: number) => ({ prompt: 'p', text: `at ${step}`, truth: 't' });
      const job = jobFor(params, { settings: settingsFor({ steps: 100, dropout: 0, accumulate: 1 }), sample });
      const { events } = await run(job, (event) => {
        if (event.type === 'step') counts.push(tf.memory().numTensors);
        return false;
      });
      expect(new Set(counts).size).toBe(1);
      expect(events.slice(0, 2).map(({ type }) => type)).toEqual(['start', 'baselines']);
      expect(events.filter(({ type }) => type === 'sample').map((event) => 'text' in event && event.text)[0]).toBe('at 6');
      const evals = events.flatMap((event) => (event.type === 'eval' ? [event] : []));
      expect(evals[0]?.step).toBe(4);
      const baselines = events.find((event) => event.type === 'baselines');
      const last = events.at(-1);
      if (last?.type !== 'finished' || baselines?.type !== 'baselines') throw new Error('events are missing');
      expect(last).toMatchObject({ steps: 100, stopped: false });
      expect(last.valLoss).toBe(evals.at(-1)?.valLoss);
      expect(last.valLoss).toBeLessThan(baselines.unigramNats / 2);
      expect(last.bitsPerByte).toBeCloseTo(last.valLoss / Math.LN2 / 2, 5);
      expect(baselines.uniform).toBeCloseTo(Math.log2(12) / 2, 10);
    });
  });

  test('resumed after any checkpoint equals never interrupted, bit for bit', async () => {
    const whole = await withModel(1, (params) => run(jobFor(params)));
    expect(whole.saved.map(({ state }) => state.step)).toEqual([5, 10, 12]);
    for (const from of whole.saved.slice(0, 2)) {
      const job = restored(from);
      const rest = await run(job);
      disposeParameters(job.params);
      expect(steps(rest.events)).toEqual(steps(whole.events).filter(([step]) => (step as number) > from.state.step));
      expect(bytes(rest.saved.at(-1) as Saved)).toEqual(bytes(whole.saved.at(-1) as Saved));
      expect({ ...rest.saved.at(-1)?.state, elapsedSeconds: 0 }).toEqual({ ...whole.saved.at(-1)?.state, elapsedSeconds: 0 });
    }
  });

  test('resumed from a pause or a stop too', async () => {
    const whole = await withModel(1, (params) => run(jobFor(params)));
    const control = new TrainControl();
    const stopped = await withModel(1, (params) =>
      run(jobFor(params, { control }), (event) => {
        if (event.type === 'step' && event.step === 3) control.pause();
        if (event.type === 'paused') setTimeout(() => control.unpause(), 5);
        if (event.type === 'step' && event.step === 7) control.stop();
        return false;
      }),
    );
    expect(stopped.saved.map(({ state }) => state.step)).toEqual([3, 5, 7]);
    expect(stopped.events.map(({ type }) => type).filter((type) => type === 'paused' || type === 'resumed')).toEqual(['paused', 'resumed']);
    expect(stopped.events.at(-1)).toMatchObject({ type: 'finished', steps: 7, stopped: true });
    const job = restored(stopped.saved.at(-1) as Saved);
    const rest = await run(job);
    disposeParameters(job.params);
    expect(steps(rest.events)).toEqual(steps(whole.events).slice(7));
    expect(bytes(rest.saved.at(-1) as Saved)).toEqual(bytes(whole.saved.at(-1) as Saved));
  });

  test('the same seed gives the same numbers, another seed others', async () => {
    const [a, b, c] = await Promise.all(
      [3, 3, 4].map((seed) => withModel(1, (params) => run(jobFor(params, { settings: settingsFor({ steps: 3, seed }) })))),
    );
    expect(steps(a!.events)).toEqual(steps(b!.events));
    expect(steps(a!.events)).not.toEqual(steps(c!.events));
  });
});

test('the numbers themselves are pinned: another machine must get these', async () => {
  await openTestBackend('cpu');
  const digest = ({ weights }: Pick<Saved, 'weights'>) => {
    const hash = createHash('sha256');
    for (const { data } of weights.values()) hash.update(new Uint8Array(data.buffer));
    return hash.digest('hex').slice(0, 16);
  };
  const params = initialise(config, 1);
  expect(digest({ weights: await readParameters(params) })).toBe('f0b31f46cfab4ac5');
  const { saved } = await run(jobFor(params, { settings: settingsFor({ steps: 3 }) }));
  disposeParameters(params);
  expect(digest(saved[0] as Saved)).toBe('350a0f0134044bf5');
});

describe('what can go wrong', () => {
  beforeAll(() => openTestBackend('wasm').then(() => undefined));

  const failing = async (over: Partial<TrainJob>) => {
    const params = initialise(config, 1);
    const job = jobFor(params, over);
    const before = (await readParameters(params)).get('model.norm.weight')?.data;
    try {
      await run(job);
    } catch (error) {
      return { error, same: (await readParameters(params)).get('model.norm.weight')?.data, before };
    } finally {
      disposeParameters(params);
    }
    throw new Error('it did not fail');
  };

  test('a loss that is no number ends it before the weights are touched', async () => {
    const params = initialise(config, 1);
    const control = new TrainControl();
    const events: LoopEvent[] = [];
    let kept: Float32Array | undefined;
    await expect(async () => {
      for await (const event of trainLoop(jobFor(params, { control }))) {
        events.push(event);
        if (event.type !== 'step' || event.step !== 6) continue;
        params.weights['model.norm.weight']?.assign(tf.fill([config.dModel], Number.NaN));
        kept = (await readParameters(params)).get('model.embed_tokens.weight')?.data;
      }
    }).rejects.toMatchObject({ code: 'training.nan', args: { step: 7, checkpoint: 5 } });
    expect((await readParameters(params)).get('model.embed_tokens.weight')?.data).toEqual(kept);
    disposeParameters(params);
  });

  test('an abort ends it at once', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    const { error } = await failing({ settings: settingsFor({ steps: 100000 }), signal: controller.signal });
    expect(error).toMatchObject({ code: 'cancelled' });
  });

  test('moments of another model, settings that cannot be, and no text', async () => {
    expect((await failing({ resumeMoments: new Map() })).error).toMatchObject({ code: 'file.broken' });
    expect((await failing({ settings: { ...settingsFor(), batch: 0 } })).error).toMatchObject({
      code: 'training.badSettings',
      args: { setting: 'batch', value: '0' },
    });
    expect((await failing({ train: arraySource([1]) })).error).toMatchObject({ code: 'corpus.tooSmall' });
  });

  test('without held-out text it says so and still trains', async () => {
    const params = initialise(config, 1);
    const { events } = await run(jobFor(params, { validation: null, settings: settingsFor({ steps: 2 }) }));
    disposeParameters(params);
    expect(events.map(({ type }) => type)).toEqual(['start', 'warning', 'step', 'step', 'checkpointDue', 'finished']);
  });

  test('the best is the best of what was saved: evaluations come more often than checkpoints', async () => {
    const params = initialise(config, 1);
    // So large a learning rate that the loss jumps up and down.
    const settings = settingsFor({
      steps: 20,
      accumulate: 1,
      learningRate: 0.4,
      minLearningRate: 0.4,
      evalEvery: 1,
      checkpointEvery: 5,
      warmup: 0,
    });
    const { events, saved } = await run(jobFor(params, { settings }));
    disposeParameters(params);
    const losses = new Map(events.flatMap((event) => (event.type === 'eval' ? [[event.step, event.valLoss] as const] : [])));
    const least = [...losses].reduce((best, each) => (each[1] < best[1] ? each : best));
    expect(least[0] % 5, 'the jumps must have their lowest between two checkpoints').not.toBe(0);
    let best: { step: number; valLoss: number } | null = null;
    for (const { state } of saved) {
      const valLoss = losses.get(state.step)!;
      if (!best || valLoss < best.valLoss) best = { step: state.step, valLoss };
      expect(state.best).toEqual(best);
    }
  });

  test('a time budget becomes a number of steps before the first one', async () => {
    const params = initialise(config, 1);
    // Each reading of the clock is 10 ms later: a pass takes 10 ms, a step of two 20 ms, an evaluation of 48 windows, forwards only, 40 ms, every fourth step: 0.9 x 600 ms give 18 steps.
    const { events, saved } = await run(jobFor(params, { minutes: 0.01 }), (event) => event.type === 'checkpointDue');
    disposeParameters(params);
    expect(events[0]).toMatchObject({ type: 'start', steps: 18 });
    expect(saved[0]?.state.settings).toMatchObject({ steps: 18, warmup: 2 });
  });
});
