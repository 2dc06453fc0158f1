import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { disposeParameters, initialise, parameterSpecs, readParameters, weightOf } from '../../../src/core/model/parameters';
import { trainSettings } from '../../../src/core/model/presets';
import { Rng } from '../../../src/core/rng';
import * as tf from '../../../src/core/tf';
import { AdamW } from '../../../src/core/train/adamw';
import { baselines } from '../../../src/core/train/baselines';
import { evaluationBatches, trainingBatch } from '../../../src/core/train/batches';
import { TrainControl } from '../../../src/core/train/control';
import { evaluate, sizeOf } from '../../../src/core/train/evaluate';
import type { Gradients } from '../../../src/core/train/gradients';
import { breathe } from '../../../src/core/train/loop';
import { probeSpeed } from '../../../src/core/train/probe';
import { learningRateAt } from '../../../src/core/train/schedule';
import { arraySource } from '../../../src/core/train/source';
import { openTestBackend } from '../../support/backend';
import { greatestDifference, tinyConfig } from '../../support/model';

beforeAll(() => openTestBackend('wasm').then(() => undefined));

describe('AdamW', () => {
  /** Written from the paper's algorithm 2, in doubles, one number at a time. */
  function reference(weight: number, gradients: number[], rates: number[], decay: number): number {
    const [b1, b2] = [0.9, 0.99];
    let [m, v, w] = [0, 0, weight];
    gradients.forEach((g, i) => {
      const t = i + 1;
      m = b1 * m + (1 - b1) * g;
      v = b2 * v + (1 - b2) * g ** 2;
      const mHat = m / (1 - b1 ** t);
      const vHat = v / (1 - b2 ** t);
      w -= (rates[i] as number) * (mHat / (Math.sqrt(vHat) + 1e-8) + decay * w);
    });
    return w;
  }

  test('equals the reference; no decay on norms and embeddings; its moments can be saved and restored', async () => {
    const config = tinyConfig({ tieEmbeddings: false });
    const params = initialise(config, 5);
    const before = await readParameters(params);
    const settings = { beta1: 0.9, beta2: 0.99, weightDecay: 0.1 };
    const rates = [1e-2, 2e-2, 5e-3];
    const gradientAt = (name: string, step: number, size: number) => Rng.from(step).split(name).fillNormal(new Float32Array(size), 0.3);
    let optimizer = new AdamW(params, settings);
    for (let step = 1; step <= 3; step++) {
      const gradients: Gradients = new Map();
      for (const [name, { shape, data }] of before) gradients.set(name, tf.tensor(gradientAt(name, step, data.length), [...shape]));
      optimizer.apply(gradients, step, rates[step - 1] as number, 0.5);
      const next = new AdamW(params, settings);
      expect(next.restore(optimizer.tensors())).toBeNull();
      optimizer.dispose();
      optimizer = next;
    }
    const after = await readParameters(params);
    for (const { name, group } of parameterSpecs(config)) {
      const start = before.get(name)?.data as Float32Array;
      const decay = group === 'norm' || group === 'embedding' ? 0 : 0.1;
      const expected = Array.from(start, (weight, i) => {
        const seen = [1, 2, 3].map((step) => (gradientAt(name, step, start.length)[i] as number) * 0.5);
        return reference(weight, seen, rates, decay);
      });
      expect(greatestDifference(after.get(name)?.data ?? [], expected), name).toBeLessThan(1e-6);
    }
    expect(optimizer.restore(new Map())).toBe('exp_avg.model.embed_tokens.weight');
    expect([...optimizer.tensors().keys()]).toContain('exp_avg_sq.lm_head.weight');
    disposeParameters(params);
  });
});

test('the learning rate warms up linearly and falls along a cosine', () => {
  const schedule = { steps: 110, warmup: 10, learningRate: 1, minLearningRate: 0.1 };
  const at = (step: number) => learningRateAt(step, schedule);
  expect([at(1), at(5), at(10)]).toEqual([0.1, 0.5, 1]);
  expect(at(60)).toBeCloseTo(0.55, 12);
  expect(at(35)).toBeCloseTo(0.1 + (0.9 * (1 + Math.SQRT1_2)) / 2, 12);
  expect(at(110)).toBeCloseTo(0.1, 12);
  expect(learningRateAt(3, { ...schedule, steps: 3, warmup: 3 })).toBe(1);
  expect(learningRateAt(1, { ...schedule, warmup: 0, steps: 1 })).toBeCloseTo(0.1, 12);
});

describe('batches', () => {
  const source = arraySource(Array.from({ length: 50 }, (_, i) => i));

  test('are windows and what follows, the same for the same step', async () => {
    const take = (seed: number, micro = 0) => trainingBatch(source, Rng.from(seed), micro, 4, 6);
    const batch = await take(1);
    expect(batch.inputs).toHaveLength(4);
    batch.inputs.forEach((row, i) => {
      expect(row).toHaveLength(6);
      expect(Array.from(batch.targets[i] as Int32Array)).toEqual(Array.from(row, (id) => id + 1));
    });
    expect(await take(1)).toEqual(batch);
    expect(await take(2)).not.toEqual(batch);
    expect(await take(1, 1)).not.toEqual(batch);
  });

  test('reach every window, the first and the last included, whatever the length', async () => {
    const starts = new Set<number>();
    for (let step = 0; step < 100; step++) {
      for (const row of (await trainingBatch(source, Rng.from(step), 0, 8, 40)).inputs) starts.add(row[0] as number);
    }
    expect([...starts].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const short = await trainingBatch(arraySource([5, 6, 7]), Rng.from(1), 0, 2, 40);
    expect(short.inputs.map((row) => [...row])).toEqual([
      [5, 6],
      [5, 6],
    ]);
  });

  test('of evaluation are fixed, in range, and do not overlap', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 90 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 7 }),
        async (length, count, context) => {
          const ids = Array.from({ length }, (_, i) => i);
          const batches = await evaluationBatches(arraySource(ids), count, 3, context);
          const rows = batches.flatMap(({ inputs }) => inputs);
          expect(rows.length).toBe(length < 2 ? 0 : Math.min(count, Math.floor((length - 1) / Math.min(context, length - 1))));
          const seen = batches.flatMap(({ targets }) => targets.flatMap((row) => [...row]));
          expect(new Set(seen).size).toBe(seen.length);
          expect(seen.every((id) => id >= 1 && id < length)).toBe(true);
          expect(batches.every(({ inputs }) => inputs.length <= 3)).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('evaluation', () => {
  test('counts nats, tokens and bytes; an untrained model is near uniform', async () => {
    const config = tinyConfig();
    const params = initialise(config, 1);
    const ids = Array.from({ length: 60 }, (_, i) => (i * 5) % 12);
    const batches = await evaluationBatches(arraySource(ids), 6, 4, 8);
    const byteLengths = Uint8Array.from({ length: 12 }, (_, id) => (id < 4 ? 0 : 3));
    const size = sizeOf(batches, byteLengths);
    expect(size.tokens).toBe(48);
    const { loss, bitsPerByte } = await evaluate(params, batches, byteLengths, breathe);
    expect(loss).toBeCloseTo(Math.log(12), 1);
    expect(bitsPerByte).toBeCloseTo((loss * size.tokens) / Math.LN2 / size.bytes, 10);
    disposeParameters(params);
  });

  test('baselines: uniform is the logarithm of the vocabulary, unigram the cross entropy of the counts', async () => {
    const train = arraySource([0, 0, 0, 1, 1, 2]);
    const held = await evaluationBatches(arraySource([0, 1, 0]), 1, 1, 8);
    const result = await baselines(train, held, 4, [1, 2, 1, 1], breathe);
    // Counts plus one: 4, 3, 2, 1 of 10. Targets 1 and 0: 3 bytes.
    const nats = -(Math.log(0.3) + Math.log(0.4));
    expect(result.unigramNats).toBeCloseTo(nats / 2, 12);
    expect(result.unigram).toBeCloseTo(nats / Math.LN2 / 3, 12);
    expect(result.uniformNats).toBeCloseTo(Math.log(4), 12);
    expect(result.uniform).toBeCloseTo(4 / 3, 12);
  });
});

test('a probe scales what it measured to a step, and leaves nothing behind', async () => {
  const config = tinyConfig();
  const before = tf.memory().numTensors;
  let clock = 0;
  const speed = await probeSpeed({
    config,
    settings: { batch: 4, accumulate: 2 },
    now: () => (clock += 50),
    seconds: 2,
    pause: breathe,
  });
  expect(tf.memory().numTensors).toBe(before);
  // The last probe ran all four sequences of 16 tokens between two readings of the clock.
  expect(speed.tokensPerSecond).toBeCloseTo((4 * 16) / 0.05, 6);
  expect(speed.secondsPerStep).toBeCloseTo(0.1, 6);
});

test('control pauses, unpauses, stops, and lets an abort through', async () => {
  const control = new TrainControl();
  await control.whenUnpaused();
  control.pause();
  const order: string[] = [];
  const waiting = control.whenUnpaused().then(() => order.push('unpaused'));
  await breathe();
  order.push('still paused');
  control.unpause();
  await waiting;
  expect(order).toEqual(['still paused', 'unpaused']);
  control.pause();
  const controller = new AbortController();
  const aborted = control.whenUnpaused(controller.signal);
  controller.abort();
  await aborted;
  control.stop();
  expect([control.stopping, control.paused]).toEqual([true, false]);
});

test('settings are checked one by one', () => {
  const base = { steps: 100, batch: 4, learningRate: 1e-3 };
  expect(trainSettings(base)).toMatchObject({ warmup: 10, evalEvery: 8, minLearningRate: 1e-4 });
  for (const over of [
    { steps: 0 },
    { batch: 1.5 },
    { learningRate: 2 },
    { minLearningRate: 1 },
    { warmup: 101 },
    { dropout: 1 },
    { gradClip: 0 },
    { seed: -1 },
    { beta2: Number.NaN },
  ]) {
    expect(() => trainSettings({ ...base, ...over })).toThrow(new RegExp(Object.keys(over)[0] as string));
  }
});

test('weights of another shape never enter a model', () => {
  const config = tinyConfig();
  const params = initialise(config, 1);
  expect(weightOf(params, 'model.norm.weight').shape).toEqual([16]);
  expect(() => weightOf(params, 'lm_head.weight')).toThrow(/lack "lm_head.weight"/);
  disposeParameters(params);
});
