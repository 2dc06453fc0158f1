import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBackend } from '../../src/backend/open';
import { Rng } from '../../src/core/rng';
import * as tf from '../../src/core/tf';
import { temporaryFolder } from '../engine/folders';
import { assets, openTestBackend } from '../support/backend';
import { greatestDifference } from '../support/model';
import { installNative } from '../support/standIn';

describe('the door', () => {
  test('says what it cannot open, and why', async () => {
    const folder = temporaryFolder();
    await expect(openBackend({ name: 'tensorflow', assets, threads: 0, tensorflow: folder })).rejects.toMatchObject({
      code: 'tensorflow.missing',
      args: { path: folder },
    });
    installNative(folder, 'throw new Error("no such library\\nand more");');
    await expect(openBackend({ name: 'tensorflow', assets, threads: 0, tensorflow: folder })).rejects.toMatchObject({
      code: 'tensorflow.broken',
      args: { path: folder, detail: 'no such library' },
    });
    await expect(openBackend({ name: 'wasm', assets: '/nowhere', threads: 0 })).rejects.toMatchObject({
      code: 'backend.unavailable',
      args: { name: 'wasm', detail: 'its files are not in /nowhere' },
    });
    expect(await openBackend({ name: 'auto', assets: '/nowhere', threads: 0 })).toMatchObject({ name: 'cpu' });
    // Of the same bits everywhere nothing is left then.
    for (const [name, where] of [
      ['cpu', assets],
      ['tensorflow', assets],
      ['auto', '/nowhere'],
    ] as const) {
      await expect(openBackend({ name, assets: where, threads: 0, exact: true })).rejects.toMatchObject({
        code: 'backend.unavailable',
        args: { name: name === 'auto' ? 'cpu' : name, detail: expect.stringContaining('exact needs loupe or wasm') },
      });
    }
  });

  test('opens wasm and the reference, leaves no handler in the process and greets nobody', async () => {
    const handlers = () => ['uncaughtException', 'unhandledRejection'].map((event) => process.listenerCount(event));
    const before = handlers();
    const said: unknown[] = [];
    const warn = console.warn;
    console.warn = (...words) => said.push(words);
    try {
      expect(await openTestBackend('cpu')).toMatchObject({ name: 'cpu', threads: 1 });
      tf.tensor1d([1]).dispose();
      expect(await openTestBackend('auto')).toMatchObject({ name: 'loupe', description: expect.stringContaining('SIMD') });
      expect(await openTestBackend('loupe', 2)).toMatchObject({ name: 'loupe', threads: 2 });
      const exact = await openBackend({ name: 'loupe', assets, threads: 1, exact: true });
      expect(exact).toMatchObject({ name: 'loupe', threads: 1, description: 'WebAssembly, SIMD', same: 'everywhere' });
      expect(await openTestBackend('wasm')).toMatchObject({ name: 'wasm' });
    } finally {
      console.warn = warn;
    }
    expect(said).toEqual([]);
    expect(handlers()).toEqual(before);
  });
});

test.each(['loupe', 'wasm'] as const)('a clone shares its memory and outlives what it was cloned from, on %s', async (name) => {
  await openTestBackend(name);
  const buffers = tf.memory().numDataBuffers;
  const first = tf.tensor1d([1, 2, 3]);
  const second = tf.clone(first);
  expect(tf.memory().numDataBuffers).toBe(buffers + 1);
  expect(tf.backend().refCount(first.dataId)).toBe(2);
  first.dispose();
  expect(Array.from(second.dataSync())).toEqual([1, 2, 3]);
  second.dispose();
  expect(tf.memory().numDataBuffers).toBe(buffers);
});

test.each(['loupe', 'wasm'] as const)('memory that cannot be had is said, and what was there stays usable, on %s', async (name) => {
  await openTestBackend(name);
  const before = tf.memory().numTensors;
  const kept = tf.tensor1d([1, 2, 3]);
  // 6.4 GB, more than 32 bits say; and 4 GB less a little, beside what is there already.
  for (const side of [40_000, 32_767]) {
    const tooLarge = () => tf.tidy(() => tf.matMul(tf.ones([side, 1]), tf.ones([1, side])));
    expect(tooLarge).toThrow(expect.objectContaining({ code: 'memory.notEnough', args: { need: expect.any(Number), limit: 4096 } }));
  }
  expect(Array.from(tf.tidy(() => tf.add(kept, 1).dataSync()))).toEqual([2, 3, 4]);
  kept.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

describe('batched products', () => {
  beforeAll(() => openTestBackend('wasm').then(() => undefined));
  afterAll(() => openTestBackend('wasm').then(() => undefined));
  const random = (label: string, shape: number[]) =>
    tf.tensor(
      Rng.from(1)
        .split(label)
        .fillNormal(new Float32Array(shape.reduce((product, size) => product * size, 1)), 1),
      shape,
    );

  test('equal the reference for every kind of shape, and free their views', () => {
    const cases: [number[], number[], boolean, boolean][] = [
      [[6, 3, 5], [6, 5, 4], false, false],
      [[2, 3, 7, 2], [2, 3, 2, 9], false, false],
      [[1, 3, 5], [1, 5, 4], false, false],
      [[6, 3, 5], [1, 5, 4], false, false],
      [[6, 5, 3], [6, 5, 4], true, false],
      [[6, 3, 5], [6, 4, 5], false, true],
      [[33, 17, 31], [33, 31, 13], false, false],
    ];
    for (const [a, b, transposeA, transposeB] of cases) {
      tf.tidy(() => {
        const product = tf.matMul(random('a', a), random('b', b), transposeA, transposeB);
        const at = (x: tf.Tensor, t: boolean) =>
          t
            ? tf.transpose(
                x,
                [...x.shape.keys()].map((i, _, all) => (i < all.length - 2 ? i : all.length * 2 - 3 - i)),
              )
            : x;
        // By definition: sum over k of a[.., i, k, 1] * b[.., 1, k, j].
        const [left, right] = [at(random('a', a), transposeA), at(random('b', b), transposeB)];
        const expected = tf.sum(tf.mul(tf.expandDims(left, -1), tf.expandDims(right, -3)), -2);
        expect(product.shape).toEqual(expected.shape);
        expect(greatestDifference(product.dataSync(), expected.dataSync())).toBeLessThan(1e-4);
      });
    }
    expect(tf.memory().numTensors).toBe(0);
  });
});
