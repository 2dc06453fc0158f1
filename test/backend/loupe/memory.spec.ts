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
import { soak } from '../../support/soak';

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
