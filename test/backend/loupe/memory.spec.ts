/** What tf.memory() says is true, what does not fit is said, and nothing is left behind: not by failing, not by training on and on. */
import { afterAll, expect, test } from 'vitest';
import type { LoupeBackend } from '../../../src/backend/loupe/backend';
import { openLoupe } from '../../../src/backend/loupe/runtime';
import type { LoupeError } from '../../../src/core/errors';
import { disposeParameters, initialise } from '../../../src/core/model/parameters';
import { Rng } from '../../../src/core/rng';
import * as tf from '../../../src/core/tf';
import { AdamW } from '../../../src/core/train/adamw';
import { trainingBatch } from '../../../src/core/train/batches';
import { addGradients, disposeGradients, type Gradients, globalNorm } from '../../../src/core/train/gradients';
import { arraySource } from '../../../src/core/train/source';
import { assets } from '../../support/backend';
import { tinyConfig } from '../../support/model';
import { changes, soak } from '../../support/soak';

afterAll(() => tf.removeBackend('loupe'));

const open = (maximumPages?: number) =>
  openLoupe({
    ...{ assets, threads: 2, build: 'relaxed', onLost: (reason) => expect.fail(reason) },
    ...(maximumPages === undefined ? {} : { maximumPages }),
  });
/** The books of tfjs, and ours. */
const books = ({ heap }: LoupeBackend) => {
  expect(heap.check()).toBeNull();
  const { numTensors, numDataBuffers, numBytes } = tf.memory();
  return { numTensors, numDataBuffers, numBytes, used: heap.usedBytes, blocks: heap.blocks };
};

test('tf.memory() counts what is there', async () => {
  const backend = await open();
  const before = books(backend);
  expect(tf.memory()).toMatchObject({
    unreliable: false,
    numBytesInUse: backend.heap.usedBytes,
    numBytesReserved: backend.heap.memory.buffer.byteLength,
  });
  const a = tf.zeros([100, 16]);
  const b = tf.reshape(a, [1600]);
  const flags = tf.cast(b, 'bool');
  const after = books(backend);
  expect(after.numTensors - before.numTensors).toBe(3);
  expect(after.numDataBuffers - before.numDataBuffers).toBe(2);
  // tfjs counts tensors that share their numbers twice; what is in use counts them once.
  expect(after.numBytes - before.numBytes).toBe(6400 + 6400 + 1600);
  // Blocks are whole cache lines, as these tensors are.
  expect([after.used - before.used, after.blocks - before.blocks]).toEqual([8000, 2]);
  a.dispose();
  expect(books(backend).used).toBe(after.used);
  tf.dispose([b, flags]);
  expect(books(backend)).toEqual(before);
});

test('what does not fit names the need and the limit, leaves nothing behind, and the rest goes on', async () => {
  const backend = await open(40 * 16);
  const kept = tf.fill([2 ** 20], 3);
  const before = books(backend);
  const work: Record<string, () => unknown> = {
    'a tensor': () => tf.zeros([2 ** 24]),
    'an op': () => tf.tile(kept, [12]),
    'a chain of ops': () => tf.tidy(() => tf.addN(Array.from({ length: 12 }, (_, i) => (i < 3 ? kept : tf.add(kept, i))))),
    'a product': () => tf.tidy(() => tf.matMul(tf.reshape(kept, [2 ** 18, 4]), tf.reshape(tf.slice(kept, 0, 200), [4, 50]))),
    'a row of sums': () => tf.tidy(() => tf.concat(Array.from({ length: 20 }, () => tf.sum(tf.reshape(kept, [4, 2 ** 18]), 0)))),
  };
  for (const [name, run] of Object.entries(work)) {
    expect(run, name).toThrow(expect.objectContaining({ code: 'memory.notEnough', args: { need: expect.any(Number), limit: 40 } }));
    expect(books(backend), name).toEqual(before);
  }
  expect(tf.tidy(() => tf.sum(kept).dataSync()[0])).toBe(3 * 2 ** 20);
  kept.dispose();
});

test('a training step that does not fit leaves nothing behind, wherever it stops', async () => {
  const config = tinyConfig({ vocabSize: 300, dModel: 64, headDim: 32, dFf: 170, contextLength: 64 });
  const source = arraySource(Int32Array.from({ length: 2000 }, (_, i) => Rng.from(5).below(i, config.vocabSize)));
  const stopped = new Set<unknown>();
  let whole = 0;
  // It begins with 290 pages; a step needs some more.
  for (let pages = 300; whole === 0; pages += 23) {
    const backend = await open(pages);
    const params = initialise(config, 3);
    const optimizer = new AdamW(params, { beta1: 0.9, beta2: 0.99, weightDecay: 0.1 });
    const before = books(backend);
    const gradients: Gradients = new Map();
    try {
      await addGradients(params, await trainingBatch(source, Rng.from(1), 0, 48, config.contextLength), gradients, 1, null);
      optimizer.apply(gradients, 1, 1e-3, 1 / globalNorm(gradients));
      whole++;
    } catch (error) {
      expect(error).toMatchObject({ code: 'memory.notEnough' });
      stopped.add((error as LoupeError).args.need);
    }
    disposeGradients(gradients);
    if (whole === 0) expect(books(backend), `${pages} pages`).toEqual(before);
    optimizer.dispose();
    disposeParameters(params);
  }
  expect(stopped.size, 'places where it stopped').toBeGreaterThan(4);
});

test('training goes on and on with constant memory', async () => {
  const report = await soak({ assets, steps: 500, threads: 2 });
  expect(report.changed).toEqual([]);
});

test('a soak finds what leaks, and nothing where the process only breathes', () => {
  const constant = { loss: 1, numTensors: 60, numDataBuffers: 60, numBytes: 93_600, used: 95_232, blocks: 60, reserved: 18e6, heap: 10e6 };
  // Megabytes of a run of which nothing leaked: each for a fiftieth of 20,000 steps.
  const breathing = `253.0 248.4 251.1 252.7 252.1 252.4 252.9 252.5 252.5 252.2 253.7 256.0 256.3 254.8 254.3 256.0 255.7 255.1 255.5 256.7
    256.6 256.5 256.5 255.9 258.4 256.3 257.2 256.5 257.2 256.8 257.5 257.5 257.3 258.4 259.0 259.2 256.3 257.2 257.4 256.4 257.2 258.4
    260.3 259.3 261.2 261.5 262.3 263.7 265.2 268.3`;
  const samples = breathing.split(/\s+/).map((megabytes, i) => ({ ...constant, step: (i + 1) * 400, resident: Number(megabytes) * 1e6 }));
  expect(changes(samples, true)).toEqual([]);
  const leaking = (name: 'heap' | 'resident', bytes: number) =>
    samples.map((sample) => ({ ...sample, [name]: sample[name] + sample.step * bytes }));
  expect(changes(leaking('resident', 1000), true)).toEqual([expect.stringMatching(/^resident /)]);
  expect(changes(leaking('heap', 150), true)).toEqual([expect.stringMatching(/^heap /)]);
  expect(changes(samples.with(30, { ...samples[30]!, blocks: 61 }), true)).toEqual(['blocks 60 at step 2400, 61 at 12400']);
});
