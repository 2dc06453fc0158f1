/** Where memory cannot be shared: one thread, a memory of its own that may grow under everybody's hands, and the same results. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { openLoupe } from '../../../src/backend/loupe/runtime';
import { unshared } from '../../../src/backend/loupe/unshared';
import { openBackend } from '../../../src/backend/open';
import * as tf from '../../../src/core/tf';
import { assets } from '../../support/backend';
import { curve } from '../../support/curve';

afterEach(() => {
  vi.unstubAllGlobals();
  if (tf.findBackend('loupe')) tf.removeBackend('loupe');
});

test.each(['relaxed', 'simd', 'scalar'])('one bit of the module tells the two apart: %s', async (build) => {
  const shared = readFileSync(join(assets, `loupe.${build}.wasm`));
  const own = unshared(shared);
  const changed = [...own.keys()].filter((at) => own[at] !== shared[at]);
  expect(changed.map((at) => [shared[at], own[at]])).toEqual([[3, 1]]);
  const module = await WebAssembly.compile(own);
  const memory = new WebAssembly.Memory({ initial: 32, maximum: 65536 });
  expect(() => new WebAssembly.Instance(module, { env: { memory } })).not.toThrow();
  // The original takes no such memory.
  await expect(WebAssembly.instantiate(shared, { env: { memory } })).rejects.toThrow(/shared/);
});

test('the same curve and the same text, while the memory grows', async () => {
  const open = (shared: boolean) => openLoupe({ assets, threads: 2, build: 'relaxed', shared, onLost: (reason) => expect.fail(reason) });
  await open(true);
  const expected = await curve(20, 10);
  const backend = await open(false);
  expect([backend.pool.threads, backend.heap.memory.buffer instanceof ArrayBuffer]).toEqual([1, true]);
  expect(await curve(20, 10)).toEqual(expected);
  // Every op makes it grow.
  const before = backend.heap.memory.buffer.byteLength;
  const rows = Array.from({ length: 24 }, (_, i) =>
    tf.tidy(() => tf.add(tf.fill([2 ** 18], i), tf.gather(tf.tensor1d([0, 1]), tf.zeros([2 ** 18], 'int32')))),
  );
  expect(backend.heap.memory.buffer.byteLength).toBeGreaterThan(before);
  expect(rows.every((row, i) => row.dataSync().every((value) => value === i))).toBe(true);
  tf.dispose(rows);
  expect(await curve(20, 10)).toEqual(expected);
  expect(backend.heap.check()).toBeNull();
});

test('the door finds out by itself, and says how many threads there are', async () => {
  const here = await openBackend({ name: 'loupe', assets, threads: 3, exact: true });
  expect(here.threads).toBe(3);
  const expected = await curve(5, 5);
  tf.removeBackend('loupe');
  vi.stubGlobal('SharedArrayBuffer', undefined);
  const there = await openBackend({ name: 'loupe', assets, threads: 3, exact: true });
  expect(there).toEqual({ ...here, threads: 1 });
  expect(await curve(5, 5)).toEqual(expected);
});
