/** Attention that is looked at, as fused kernels, against the stages it is made of. */
import { afterAll, describe, expect, test } from 'vitest';
import { openLoupe } from '../../../src/backend/loupe/runtime';
import {
  attentionHeads,
  attentionPattern,
  attentionScores,
  causalMask,
  type SeenKernels,
  seenAttention,
  seenKernels,
} from '../../../src/core/model/attention';
import { KvCache } from '../../../src/core/model/cache';
import { forward } from '../../../src/core/model/gpt';
import { disposeParameters, initialise } from '../../../src/core/model/parameters';
import * as tf from '../../../src/core/tf';
import { assets, openTestBackend } from '../../support/backend';
import { normals } from '../../support/gradients';
import { greatestDifference, tinyConfig } from '../../support/model';

interface Shape {
  readonly batch: number;
  readonly heads: number;
  readonly kvHeads: number;
  /** The last of `positions`, of which there is room for `capacity`. */
  readonly queries: number;
  readonly positions: number;
  readonly capacity: number;
  readonly d: number;
}
const shapes: Shape[] = [
  { batch: 1, heads: 1, kvHeads: 1, queries: 1, positions: 1, capacity: 1, d: 1 },
  { batch: 2, heads: 3, kvHeads: 3, queries: 5, positions: 5, capacity: 5, d: 6 },
  { batch: 1, heads: 4, kvHeads: 2, queries: 33, positions: 33, capacity: 33, d: 8 },
  { batch: 3, heads: 6, kvHeads: 2, queries: 7, positions: 20, capacity: 31, d: 10 },
  { batch: 1, heads: 2, kvHeads: 1, queries: 64, positions: 129, capacity: 200, d: 64 },
  { batch: 1, heads: 2, kvHeads: 2, queries: 1, positions: 65, capacity: 66, d: 33 },
  { batch: 1, heads: 1, kvHeads: 1, queries: 9, positions: 300, capacity: 300, d: 520 },
];

afterAll(() => openTestBackend('cpu').then(() => undefined));

const inputs = ({ batch, heads, kvHeads, queries, capacity, d }: Shape) => ({
  q: normals('q', [batch, heads, queries, d]) as tf.Tensor4D,
  k: normals('k', [batch, kvHeads, capacity, d]) as tf.Tensor4D,
  v: normals('v', [batch, kvHeads, capacity, d]) as tf.Tensor4D,
});

/** [scores, pattern, heads]. */
async function expected(shape: Shape): Promise<Float32Array[]> {
  await openTestBackend('cpu');
  return tf.tidy(() => {
    const { q, k, v } = inputs(shape);
    const first = (x: tf.Tensor4D) => tf.slice(x, [0, 0, 0, 0], [shape.batch, shape.kvHeads, shape.positions, shape.d]);
    const scores = attentionScores(q, first(k));
    const pattern = attentionPattern(scores, shape.d, causalMask(shape.queries, shape.positions));
    return [scores, pattern, attentionHeads(pattern, first(v))].map((x) => x.dataSync().slice() as Float32Array);
  });
}

function found(shape: Shape, wanted: { scores: boolean; pattern: boolean }): (Float32Array | undefined)[] {
  return tf.tidy(() => {
    const { q, k, v } = inputs(shape);
    const kernels = seenKernels(shape.d, shape.positions) as SeenKernels;
    const { scores, pattern, heads } = seenAttention(kernels, q, k, v, { positions: shape.positions, ...wanted });
    return [scores, pattern, heads].map((x) => x?.dataSync() as Float32Array | undefined);
  });
}

describe.each(['relaxed', 'simd', 'scalar'] as const)('seen attention, build %s', (build) => {
  test.each(shapes)('$batch x $heads heads of $d on $kvHeads, $queries of $positions positions', async (shape) => {
    const [scores, pattern, heads] = (await expected(shape)) as [Float32Array, Float32Array, Float32Array];
    const results: (Float32Array | undefined)[][] = [];
    for (const threads of build === 'relaxed' ? [1, 2, 3] : [1]) {
      await openLoupe({ assets, threads, build, onLost: () => undefined });
      results.push(found(shape, { scores: true, pattern: true }));
    }
    const [first, ...others] = results as [Float32Array[], ...Float32Array[][]];
    expect(greatestDifference(first[0] as Float32Array, scores)).toBeLessThan(1e-4);
    expect(greatestDifference(first[1] as Float32Array, pattern)).toBeLessThan(2e-6);
    expect(greatestDifference(first[2] as Float32Array, heads)).toBeLessThan(5e-6);
    for (const other of others) expect(other).toEqual(first);
    // What is not wanted is not given, and changes nothing else.
    expect(found(shape, { scores: false, pattern: true })).toEqual([undefined, first[1], first[2]]);
    expect(found(shape, { scores: true, pattern: false })).toEqual([first[0], undefined, first[2]]);
    expect(found(shape, { scores: false, pattern: false })).toEqual([undefined, undefined, first[2]]);
  });
});

test('the model gives the same taps as where nothing is fused, with a cache and without, batches too', async () => {
  const config = tinyConfig({ nHeads: 4, nKvHeads: 2, headDim: 10, contextLength: 80 });
  const rows = [0, 1].map((row) => Int32Array.from({ length: 75 }, (_, i) => (i * (5 + row) + row) % config.vocabSize));
  const run = async (backend: 'loupe' | 'cpu') => {
    await openTestBackend(backend);
    const params = initialise(config, 1);
    const before = tf.memory().numTensors;
    const all: Float32Array[] = [];
    for (const options of [
      { taps: 'all' },
      { taps: { names: ['q', 'k', 'v', 'heads', 'pattern'] } },
      { taps: { names: ['scores'], layers: [1] } },
      { taps: 'all', edits: [{ layer: 0, name: 'pattern', apply: (x: tf.Tensor) => tf.mul(x, 0.5) }] },
      { edits: [{ layer: 1, name: 'k', apply: (x: tf.Tensor) => tf.neg(x) }] },
    ] as const) {
      const keep = (result: ReturnType<typeof forward>) => {
        all.push(result.logits.dataSync() as Float32Array);
        for (const layer of result.taps.layers) for (const tensor of Object.values(layer)) all.push(tensor.dataSync() as Float32Array);
      };
      tf.tidy(() => keep(forward(params, rows, options)));
      const cache = new KvCache();
      tf.tidy(() => keep(forward(params, rows[0] as Int32Array, { ...options, cache })));
      tf.tidy(() => keep(forward(params, Int32Array.of(1, 2, 3), { ...options, cache })));
      cache.dispose();
    }
    disposeParameters(params);
    expect(tf.memory().numTensors).toBeLessThan(before);
    return all;
  };
  const [ours, theirs] = [await run('loupe'), await run('cpu')];
  expect(ours.length).toBe(theirs.length);
  ours.forEach((values, index) => {
    expect(greatestDifference(values, theirs[index] as Float32Array), `${index}`).toBeLessThan(2e-5);
  });
});
