import { beforeAll, describe, expect, test } from 'vitest';
import { KvCache } from '../../../src/core/model/cache';
import type { ModelConfig } from '../../../src/core/model/config';
import { forward } from '../../../src/core/model/gpt';
import { disposeParameters, initialise, type Parameters } from '../../../src/core/model/parameters';
import { globalTaps, layerTaps } from '../../../src/core/model/taps';
import * as tf from '../../../src/core/tf';
import { openTestBackend } from '../../support/backend';
import { greatestDifference, tinyConfig } from '../../support/model';

let params: Parameters;
const config: ModelConfig = tinyConfig({ nHeads: 4, nKvHeads: 2 });
const ids = new Int32Array([1, 5, 9, 2, 7, 7, 3, 0]);

describe.each(['loupe', 'wasm', 'cpu'] as const)('forward on %s', (backend) => {
  beforeAll(async () => {
    await openTestBackend(backend);
    params = initialise(config, 1);
    return () => disposeParameters(params);
  });

  const logitsOf = (sequence: Int32Array) => tf.tidy(() => forward(params, sequence).logits.dataSync().slice()) as Float32Array;

  test('gives logits [T, V] for a sequence and [B, T, V] for a batch, equal row by row', () => {
    tf.tidy(() => {
      const other = ids.slice().reverse();
      const batch = forward(params, [ids, other]).logits;
      expect(batch.shape).toEqual([2, ids.length, config.vocabSize]);
      expect(forward(params, ids).logits.shape).toEqual([ids.length, config.vocabSize]);
      const rows = batch.dataSync();
      expect(greatestDifference(rows.slice(0, rows.length / 2), logitsOf(ids))).toBeLessThan(1e-5);
      expect(greatestDifference(rows.slice(rows.length / 2), logitsOf(other))).toBeLessThan(1e-5);
    });
  });

  test('never looks at the future', () => {
    const before = logitsOf(ids);
    for (let at = 1; at < ids.length; at++) {
      const changed = ids.slice();
      changed.fill(4, at);
      const after = logitsOf(changed);
      const width = config.vocabSize;
      expect(after.slice(0, at * width)).toEqual(before.slice(0, at * width));
      expect(greatestDifference(after.slice(at * width), before.slice(at * width))).toBeGreaterThan(1e-4);
    }
  });

  test('of the last positions only is what it is of all, alone, in a batch and behind a cache', () => {
    const width = config.vocabSize;
    const full = logitsOf(ids);
    const other = logitsOf(ids.slice().reverse());
    for (const last of [1, 3, ids.length, 20]) {
      const kept = Math.min(last, ids.length);
      const tail = (logits: Float32Array) => logits.slice((ids.length - kept) * width);
      tf.tidy(() => {
        const single = forward(params, ids, { last }).logits;
        expect(single.shape).toEqual([kept, width]);
        expect(greatestDifference(single.dataSync() as Float32Array, tail(full))).toBeLessThan(1e-6);
        const batch = forward(params, [ids, ids.slice().reverse()], { last }).logits;
        expect(batch.shape).toEqual([2, kept, width]);
        const both = Float32Array.from([...tail(full), ...tail(other)]);
        expect(greatestDifference(batch.dataSync() as Float32Array, both)).toBeLessThan(1e-6);
        // Who looks inside sees every position, and the same logits.
        const seen = forward(params, ids, { last, taps: { names: ['output'] } });
        expect(seen.taps.layers.map(({ output }) => output?.shape)).toEqual(
          Array.from({ length: config.nLayers }, () => [ids.length, config.dModel]),
        );
        expect(greatestDifference(seen.logits.dataSync() as Float32Array, tail(full))).toBeLessThan(1e-6);
      });
      const cache = new KvCache();
      tf.tidy(() => void forward(params, ids.slice(0, 4), { cache, last: 1 }));
      const rest = tf.tidy(() => forward(params, ids.slice(4), { cache, last }).logits.dataSync().slice()) as Float32Array;
      expect(greatestDifference(rest, full.slice((ids.length - Math.min(last, 4)) * width))).toBeLessThan(1e-5);
      cache.dispose();
    }
  });

  test('with a cache equals the full pass, in pieces of any size', () => {
    const full = logitsOf(ids);
    for (const pieces of [
      [1, 1, 1, 1, 1, 1, 1, 1],
      [5, 3],
      [1, 6, 1],
    ]) {
      const cache = new KvCache();
      const parts: number[] = [];
      let at = 0;
      for (const size of pieces) {
        tf.tidy(() => parts.push(...forward(params, ids.slice(at, at + size), { cache }).logits.dataSync()));
        at += size;
      }
      expect(cache.length).toBe(ids.length);
      cache.dispose();
      expect(greatestDifference(parts, full)).toBeLessThan(1e-5);
    }
  });

  test.each([1, 3])('gives the last %i positions alone when asked', (last) => {
    const full = logitsOf(ids);
    tf.tidy(() => {
      const { logits } = forward(params, ids, { last });
      expect(logits.shape).toEqual([last, config.vocabSize]);
      const end = full.slice(-last * config.vocabSize);
      expect(greatestDifference(logits.dataSync(), end)).toBeLessThan(1e-5);
      const two = forward(params, [ids, ids], { last }).logits;
      expect(two.shape).toEqual([2, last, config.vocabSize]);
      expect(greatestDifference(two.dataSync(), [...end, ...end])).toBeLessThan(1e-5);
    });
  });

  test('gives every tap in its shape, only those asked for, and leaks nothing', () => {
    logitsOf(ids); // makes the handles keep their transposes
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const { taps, logits } = forward(params, ids, { taps: 'all' });
      const [T, D, d, F] = [ids.length, config.dModel, config.headDim, config.dFf];
      expect(Object.keys(taps.global).sort()).toEqual([...globalTaps].sort());
      expect(taps.layers).toHaveLength(config.nLayers);
      for (const layer of taps.layers) expect(Object.keys(layer).sort()).toEqual([...layerTaps].sort());
      const shapes = Object.fromEntries(Object.entries(taps.layers[1] ?? {}).map(([name, tensor]) => [name, tensor.shape]));
      const wide = [T, D];
      expect(shapes).toEqual({
        input: wide,
        attention_norm: wide,
        q_unrotated: [4, T, d],
        k_unrotated: [2, T, d],
        q: [4, T, d],
        k: [2, T, d],
        v: [2, T, d],
        scores: [4, T, T],
        pattern: [4, T, T],
        heads: [4, T, d],
        attention_output: wide,
        after_attention: wide,
        mlp_norm: wide,
        gate: [T, F],
        up: [T, F],
        mlp_hidden: [T, F],
        mlp_output: wide,
        output: wide,
      });
      expect(greatestDifference(taps.global.logits?.dataSync() ?? [], logitsOf(ids))).toBeLessThan(1e-5);
      expect(logits.shape).toEqual([T, config.vocabSize]);
    });
    const some = forward(params, ids, { taps: { names: ['pattern'], layers: [1] } });
    expect(Object.keys(some.taps.global)).toEqual([]);
    expect(some.taps.layers.map((layer) => Object.keys(layer))).toEqual([[], ['pattern']]);
    const pattern = some.taps.layers[1]?.pattern?.arraySync() as number[][][];
    pattern.forEach((head) => {
      head.forEach((row, query) => {
        expect(row.slice(query + 1).every((weight) => weight === 0)).toBe(true);
        expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
      });
    });
    tf.dispose([some.logits, some.taps.layers.flatMap((layer) => Object.values(layer))]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('an edit changes what follows it, and only that', () => {
    tf.tidy(() => {
      const plain = forward(params, ids, { taps: 'all' }).taps;
      const edited = forward(params, ids, {
        taps: 'all',
        edits: [{ layer: 1, name: 'heads', apply: (heads) => tf.zerosLike(heads) }],
      }).taps;
      expect(edited.layers[1]?.pattern?.dataSync()).toEqual(plain.layers[1]?.pattern?.dataSync());
      expect(greatestDifference(edited.layers[1]?.attention_output?.dataSync() ?? [], new Float32Array(ids.length * config.dModel))).toBe(
        0,
      );
      expect(greatestDifference(edited.global.logits?.dataSync() ?? [], plain.global.logits?.dataSync() ?? [])).toBeGreaterThan(1e-5);
    });
  });

  test('refuses what it cannot run, in words', () => {
    expect(() => forward(params, new Int32Array(0))).toThrow(/no text/);
    expect(() => forward(params, new Int32Array(config.contextLength + 1))).toThrow(/at most 16/);
    expect(() => forward(params, new Int32Array([1, config.vocabSize]))).toThrow(/not an id/);
    expect(() => forward(params, new Int32Array([-1]))).toThrow(/not an id/);
  });
});
