import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import type { LoupeBackend } from '../../../src/backend/loupe/backend';
import { heapStart, jobAt, jobWord, word } from '../../../src/backend/loupe/layout';
import { Pool } from '../../../src/backend/loupe/pool';
import { type Build, openLoupe } from '../../../src/backend/loupe/runtime';
import type { LoupeError } from '../../../src/core/errors';
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

const workersOf = ({ pool }: Pick<LoupeBackend, 'pool'>) => [...(pool as unknown as { workers: Set<Worker> }).workers];

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

describe('jobs that nobody has looked at yet', () => {
  test('are done in order, more of them than are remembered at once', async () => {
    await open(3);
    const x = tf.tidy(() => {
      let sum = tf.zeros([3, 10_000]) as tf.Tensor;
      for (let i = 1; i <= 500; i++) sum = i % 7 === 0 ? tf.neg(sum) : tf.add(sum, i);
      return sum;
    });
    let expected = 0;
    for (let i = 1; i <= 500; i++) expected = i % 7 === 0 ? -expected : expected + i;
    expect(x.dataSync().every((value) => value === expected)).toBe(true);
  });

  test('beside each other are all done before the next one', async () => {
    const { pool, heap } = await open(3);
    const [count, many, size] = [40, 9, 4 * 8192];
    const at = Array.from({ length: many }, () => heap.allocate(size * 4));
    const numbers = at.map((address) => new Float32Array(heap.memory.buffer, address, size).fill(0));
    // e ** x for each, side by side; then the logarithm of each: 0 again, if none was begun too early.
    for (let round = 0; round < count; round++) {
      for (const kernel of ['exp', 'log']) {
        for (const [i, address] of at.entries()) pool.run(kernel, 4, [address, address, size], [], i > 0);
      }
    }
    pool.finish();
    expect(numbers.every((values) => values.every((value) => value === 0))).toBe(true);
    for (const address of at) heap.free(address);
  });

  test('keep what they read: memory that is free again is written only after them', async () => {
    await open(2);
    for (let round = 0; round < 50; round++) {
      const x = tf.fill([200_000], round);
      const y = tf.exp(tf.mul(x, 0));
      const z = tf.add(x, y);
      x.dispose();
      // May get the place of x.
      const other = tf.tensor1d(new Float32Array(200_000).fill(-1));
      expect(z.dataSync().every((value) => value === round + 1)).toBe(true);
      tf.dispose([y, z, other]);
    }
  });
});

describe('a thread that ends', () => {
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

  test('because its script is of another version is reported', async () => {
    const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536, shared: true });
    const module = await WebAssembly.compile(readFileSync(join(assets, 'loupe.relaxed.wasm')));
    const worker = new Worker(join(assets, 'loupe.thread.mjs'), { workerData: { module, memory, thread: 1, edition: '[]' } });
    const error = await new Promise<Error>((resolve) => worker.once('error', resolve));
    expect(error.message).toBe('its script is of another version');
  });

  test('that is killed in the middle of a job is said, or its work is done: never a hang, never a wrong number', async () => {
    const module = await WebAssembly.compile(readFileSync(join(assets, 'loupe.relaxed.wasm')));
    const script = join(assets, 'loupe.thread.mjs');
    const told: string[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      const memory = new WebAssembly.Memory({ initial: Math.ceil(heapStart(3) / 65536) + 32, maximum: 65536, shared: true });
      const pool = new Pool({ module, memory, threads: 3, script, onLost: () => {}, patience: 200 });
      const heap = heapStart(3);
      const exp = () => pool.run('exp', 13, [heap, heap, 200_000]);
      const [first] = workersOf({ pool });
      exp();
      pool.finish();
      await wait(20);
      for (let i = 0; i < 60; i++) exp();
      const killed = first!.terminate();
      try {
        pool.finish();
        told.push('done');
      } catch (error) {
        told.push((error as LoupeError).code);
        expect(pool.threads).toBe(1);
      }
      await killed;
      const numbers = new Float32Array(memory.buffer, heap, 200_000).fill(0);
      exp();
      pool.finish();
      expect(numbers.every((value) => value === 1)).toBe(true);
      pool.dispose();
    }
    expect(told.filter((each) => each !== 'done' && each !== 'backend.threadLost')).toEqual([]);
  });

  test('in the middle of its work is said, and does not hang', async () => {
    const module = await WebAssembly.compile(readFileSync(join(assets, 'loupe.relaxed.wasm')));
    const memory = new WebAssembly.Memory({ initial: Math.ceil(heapStart(2) / 65536) + 16, maximum: 65536, shared: true });
    const control = new Int32Array(memory.buffer, 0, 8192);
    // A thread that takes one unit and never does it.
    const script = join(assets, 'loupe.thread.mjs');
    const claims = Array.from({ length: 1000 }, (_, job) => jobAt(job) + jobWord.claim);
    const thief = new Worker(
      `const { workerData: { memory, word, claims } } = require('node:worker_threads');
       const control = new Int32Array(memory.buffer, 0, 8192);
       require('node:worker_threads').parentPort.postMessage('ready');
       let job;
       while ((job = Atomics.load(control, word.posted)) === 0);
       Atomics.add(control, claims[job], 1);
       while (Atomics.load(control, word.stop) === 0);`,
      { eval: true, workerData: { memory, word, claims } },
    );
    await new Promise((resolve) => thief.once('message', resolve));
    const pool = new Pool({ module, memory, threads: 2, script, onLost: () => {}, patience: 200 });
    const heap = heapStart(2);
    const exp = () => pool.run('exp', 13, [heap, heap, 200_000]);
    const failure = () => {
      // The thief may come too late for one job: then it has a unit of none.
      for (let i = 0; i < 50; i++) exp();
      pool.finish();
    };
    expect(failure).toThrow(expect.objectContaining({ code: 'backend.threadLost' }));
    // From here on it is alone, and right.
    expect([control[word.stop], pool.threads]).toEqual([1, 1]);
    const numbers = new Float32Array(memory.buffer, heap, 200_000).fill(0);
    exp();
    expect(numbers.every((value) => value === 1)).toBe(true);
    await thief.terminate();
  });
});

test('when all is disposed nothing keeps the process, and nothing of the pool is left', async () => {
  const backend = await open(3);
  results();
  const workers = workersOf(backend);
  const gone = Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve))));
  tf.removeBackend('loupe');
  await gone;
  expect(backend.pool.threads).toBe(1);
});
