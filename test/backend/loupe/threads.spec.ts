import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import type { LoupeBackend } from '../../../src/backend/loupe/backend';
import { argumentsAt, heapStart, word } from '../../../src/backend/loupe/layout';
import { Pool } from '../../../src/backend/loupe/pool';
import { type Build, openLoupe } from '../../../src/backend/loupe/runtime';
import { initialise, readParameters } from '../../../src/core/model/parameters';
import { Rng } from '../../../src/core/rng';
import * as tf from '../../../src/core/tf';
import { AdamW } from '../../../src/core/train/adamw';
import { trainingBatch } from '../../../src/core/train/batches';
import { addGradients, type Gradients } from '../../../src/core/train/gradients';
import { arraySource } from '../../../src/core/train/source';
import { assets } from '../../support/backend';
import { tinyConfig } from '../../support/model';

const open = (threads: number, build: Build = 'relaxed', lost: string[] = []) =>
  openLoupe({ assets, threads, build, onLost: (reason) => lost.push(reason) });

/** Some of everything, on shapes of several units. */
function results(): Float32Array[] {
  const normal = (label: string, shape: number[]) => {
    const size = shape.reduce((product, axis) => product * axis, 1);
    return tf.tensor(Rng.from(3).split(label).fillNormal(new Float32Array(size), 1), shape);
  };
  return tf.tidy(() => {
    const [a, b] = [normal('a', [301, 203]) as tf.Tensor2D, normal('b', [203, 190]) as tf.Tensor2D];
    const long = normal('long', [100_000]);
    const ids = tf.tensor1d(
      Int32Array.from({ length: 3000 }, (_, i) => Rng.from(4).below(i, 17)),
      'int32',
    );
    return [
      tf.matMul(a, b),
      tf.matMul(a, a, true, false),
      tf.matMul(a, a, false, true),
      tf.matMul(normal('c', [9, 40, 30]), normal('d', [9, 30, 50])),
      tf.matMul(normal('row', [1, 203]), b),
      tf.sum(long),
      tf.mean(tf.exp(long)),
      tf.softmax(a),
      tf.transpose(a),
      tf.scatterND(tf.reshape(ids, [-1, 1]), normal('u', [3000, 33]), [17, 33]),
      tf.add(long, 1),
    ].map((x) => x.dataSync() as Float32Array);
  });
}

async function trained(): Promise<Float32Array[]> {
  const params = initialise(tinyConfig({ dModel: 32, headDim: 16, dFf: 88, vocabSize: 50 }), 1);
  const optimizer = new AdamW(params, { beta1: 0.9, beta2: 0.99, weightDecay: 0.1 });
  const source = arraySource(Int32Array.from({ length: 500 }, (_, i) => Rng.from(5).below(i, 50)));
  for (let step = 1; step <= 12; step++) {
    const batch = await trainingBatch(source, Rng.from(step), 0, 6, 16);
    const gradients: Gradients = new Map();
    await addGradients(params, batch, gradients, 1, null);
    await optimizer.apply(gradients, step, 1e-3, 1);
  }
  return [...(await readParameters(params)).values()].map(({ data }) => data);
}

describe.each(['relaxed', 'simd'] as const)('threads, build %s', (build) => {
  test('one, two and three give the same bits', async () => {
    await open(1, build);
    const [alone, model] = [results(), await trained()];
    for (const threads of [2, 3]) {
      await open(threads, build);
      expect(results(), `${threads} threads`).toEqual(alone);
      expect(await trained(), `${threads} threads`).toEqual(model);
    }
  });
});

describe('a thread that ends', () => {
  const workersOf = (backend: LoupeBackend) => [...(backend.pool as unknown as { workers: Set<Worker> }).workers];

  test('between two jobs costs nothing but its speed, and is reported', async () => {
    const lost: string[] = [];
    const backend = await open(3, 'relaxed', lost);
    const before = results();
    await workersOf(backend)[0]?.terminate();
    await wait(20);
    expect(lost).toEqual([expect.stringContaining('exit code')]);
    expect(backend.pool.threads).toBe(2);
    expect(results()).toEqual(before);
    await workersOf(backend)[0]?.terminate();
    await wait(20);
    expect(backend.pool.threads).toBe(1);
    expect(results()).toEqual(before);
  });

  test('in the middle of its work is said, and does not hang', async () => {
    const module = await WebAssembly.compile(readFileSync(join(assets, 'loupe.relaxed.wasm')));
    const memory = new WebAssembly.Memory({ initial: Math.ceil(heapStart(2) / 65536) + 16, maximum: 65536, shared: true });
    const control = new Int32Array(memory.buffer, 0, 1024);
    // A thread that takes one unit and never does it.
    const script = join(assets, 'loupe.thread.mjs');
    const thief = new Worker(
      `const { workerData: { memory, word } } = require('node:worker_threads');
       const control = new Int32Array(memory.buffer, 0, 1024);
       const last = Atomics.load(control, word.job);
       require('node:worker_threads').parentPort.postMessage('ready');
       while (Atomics.load(control, word.job) === last);
       Atomics.add(control, word.claim, 1);
       while (Atomics.load(control, word.stop) === 0);`,
      { eval: true, workerData: { memory, word } },
    );
    await new Promise((resolve) => thief.once('message', resolve));
    const pool = new Pool({ module, memory, threads: 2, script, onLost: () => {}, patience: 200 });
    const heap = heapStart(2);
    new Int32Array(memory.buffer, argumentsAt, 3).set([heap, heap, 200_000]);
    const failure = () => {
      // The thief may come too late for one job: then it has a unit of none.
      for (let i = 0; i < 50; i++) pool.run('exp', 13);
    };
    expect(failure).toThrow(expect.objectContaining({ code: 'backend.threadLost' }));
    // From here on it is alone, and right.
    expect([control[word.stop], pool.threads]).toEqual([1, 1]);
    const numbers = new Float32Array(memory.buffer, heap, 200_000).fill(0);
    pool.run('exp', 13);
    expect(numbers.every((value) => value === 1)).toBe(true);
    await thief.terminate();
  });
});

test('when all is disposed nothing keeps the process, and nothing of the pool is left', async () => {
  const backend = await open(3);
  results();
  const workers = [...(backend.pool as unknown as { workers: Set<Worker> }).workers];
  const gone = Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve))));
  tf.removeBackend('loupe');
  await gone;
  expect(backend.pool.threads).toBe(1);
});
