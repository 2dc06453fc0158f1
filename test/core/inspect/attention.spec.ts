import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type AttentionRecord,
  allHeadMetrics,
  areaAverage,
  headAttention,
  headMetrics,
  recordAttention,
  rowAttention,
  thumbnails,
} from '../../../src/core/inspect/attention';
import type { ModelConfig } from '../../../src/core/model/config';
import { forward } from '../../../src/core/model/gpt';
import { disposeParameters, initialise, type Parameters, parameterSpecs, parametersFrom } from '../../../src/core/model/parameters';
import * as tf from '../../../src/core/tf';

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    if (!(Math.abs(actual[i]! - expected[i]!) <= tolerance)) expect(actual[i], `at ${i}`).toBeCloseTo(expected[i]!, 5);
  }
}

/** A pattern [T, T] from what each row looks at. */
function pattern(count: number, look: (row: number) => Record<number, number>): Float32Array {
  const out = new Float32Array(count * count);
  for (let row = 0; row < count; row++) for (const [column, p] of Object.entries(look(row))) out[row * count + Number(column)] = p;
  return out;
}

describe('a random model with grouped heads', () => {
  const config: ModelConfig = {
    vocabSize: 20,
    dModel: 24,
    nLayers: 2,
    nHeads: 4,
    nKvHeads: 2,
    headDim: 6,
    dFf: 16,
    contextLength: 32,
    ropeTheta: 100,
    normEps: 1e-5,
    tieEmbeddings: true,
  };
  const ids = Int32Array.of(2, 5, 7, 5, 9, 11, 7, 3, 19, 5, 7);
  const count = ids.length;
  let params: Parameters;
  let record: AttentionRecord;
  const tapped: { scores: Float32Array; pattern: Float32Array; heads: Float32Array }[] = [];
  beforeAll(async () => {
    params = initialise(config, 11);
    // Fresh weights give patterns that are nearly even, which would hide mistakes.
    for (const [name, weight] of Object.entries(params.weights)) if (/[qk]_proj/.test(name)) weight.assign(tf.mul(weight.value(), 3));
    const before = tf.memory().numTensors;
    record = await recordAttention(params, ids);
    expect(tf.memory().numTensors - before).toBeLessThanOrEqual(Object.keys(params.weights).length); // transposed weights stay
    const { logits, taps } = forward(params, ids, { taps: { names: ['scores', 'pattern', 'heads'] } });
    for (const layer of taps.layers) {
      tapped.push({
        scores: layer.scores!.dataSync() as Float32Array,
        pattern: layer.pattern!.dataSync() as Float32Array,
        heads: layer.heads!.dataSync() as Float32Array,
      });
    }
    tf.dispose([logits, ...taps.layers.flatMap((layer) => Object.values(layer))]);
  });
  afterAll(() => disposeParameters(params));

  it('gives the scores and patterns that the forward pass used', () => {
    for (let layer = 0; layer < 2; layer++) {
      for (let head = 0; head < 4; head++) {
        const part = (values: Float32Array) => values.subarray(head * count * count, (head + 1) * count * count);
        const { scores, scaled, pattern: p } = headAttention(record, layer, head);
        expectClose(scores, part(tapped[layer]!.scores), 1e-4);
        expectClose(p, part(tapped[layer]!.pattern));
        expectClose(
          scaled,
          scores.map((score) => score / Math.sqrt(6)),
        );
        for (let row = 0; row < count; row++) {
          expect(p.subarray(row * count, (row + 1) * count).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
          for (let column = row + 1; column < count; column++) expect(p[row * count + column]).toBe(0);
        }
      }
    }
  });

  it('gives rows whose numbers lead to the output', () => {
    for (const [layer, head, row] of [
      [0, 0, 0],
      [1, 3, 10],
      [0, 2, 5],
    ] as const) {
      const { q, k, v, output } = rowAttention(record, layer, head, row);
      expectClose(output, tapped[layer]!.heads.subarray((head * count + row) * 6, (head * count + row + 1) * 6));
      // Once more from the vectors alone.
      const dots = Array.from({ length: row + 1 }, (_, column) => q.reduce((sum, x, i) => sum + x * k[column * 6 + i]!, 0) / Math.sqrt(6));
      const exps = dots.map(Math.exp);
      const total = exps.reduce((a, b) => a + b);
      expectClose(
        output,
        Float32Array.from(output, (_, i) => exps.reduce((sum, e, column) => sum + (e / total) * v[column * 6 + i]!, 0)),
      );
    }
  });

  it('draws small pictures of every head', async () => {
    const whole = await thumbnails(record, 64);
    expect(whole.size).toBe(count);
    expectClose(whole.values.subarray(5 * count * count, 6 * count * count), headAttention(record, 1, 1).pattern);
    const small = await thumbnails(record, 4);
    expect(small.values.length).toBe(2 * 4 * 4 * 4);
    expectClose(small.values.subarray(5 * 16, 6 * 16), areaAverage(headAttention(record, 1, 1).pattern, count, 4));
  });

  it('measures each head on its own pattern', async () => {
    const metrics = await allHeadMetrics(record);
    expect(metrics.map(({ layer, head }) => `${layer}.${head}`)).toEqual(['0.0', '0.1', '0.2', '0.3', '1.0', '1.1', '1.2', '1.3']);
    const expected = headMetrics(headAttention(record, 1, 2).pattern, ids);
    for (const [name, value] of Object.entries(expected)) expect(metrics[6]![name as keyof typeof expected]).toBeCloseTo(value, 5);
  });

  it('knows no other heads', () => {
    expect(() => headAttention(record, 2, 0)).toThrow(RangeError);
    expect(() => headAttention(record, 0, 4)).toThrow(RangeError);
  });
});

describe('head metrics', () => {
  const ids = Int32Array.of(0, 1, 2, 3, 1, 2, 3);

  it('are 1 for the head that does only that', () => {
    const row = (look: (row: number) => number) =>
      headMetrics(
        pattern(7, (at) => ({ [at === 0 ? 0 : look(at)]: 1 })),
        ids,
      );
    expect(row((at) => at - 1)).toEqual({ previousToken: 1, firstToken: 1 / 6, self: 0, induction: 0, entropy: 0, distance: 1 });
    expect(row(() => 0)).toEqual({ previousToken: 1 / 6, firstToken: 1, self: 0, induction: 0, entropy: 0, distance: 3.5 });
    expect(row((at) => at).self).toBe(1);
    // Rows 4, 5, 6 repeat rows 1, 2, 3: what followed is at 2, 3, 4.
    expect(row((at) => (at >= 4 ? at - 2 : 0)).induction).toBe(1);
  });

  it('give log(row + 1) as the entropy of an even row', () => {
    const { entropy } = headMetrics(
      pattern(7, (row) => Object.fromEntries(Array.from({ length: row + 1 }, (_, column) => [column, 1 / (row + 1)]))),
      ids,
    );
    expect(entropy).toBeCloseTo([2, 3, 4, 5, 6, 7].reduce((sum, n) => sum + Math.log(n), 0) / 6, 6);
  });

  it('are not numbers where nothing can be said', () => {
    expect(headMetrics(Float32Array.of(1), Int32Array.of(4))).toEqual({
      previousToken: Number.NaN,
      firstToken: Number.NaN,
      self: Number.NaN,
      induction: Number.NaN,
      entropy: Number.NaN,
      distance: Number.NaN,
    });
    // A token right after itself is no induction.
    expect(
      headMetrics(
        pattern(2, () => ({ 0: 1 })),
        Int32Array.of(4, 4),
      ).induction,
    ).toBeNaN();
  });
});

it('finds the two halves of an induction circuit that was built by hand', async () => {
  // Residual: a constant, the token (one-hot), the token before (one-hot, written by layer 0). RoPE's frequencies are
  // 1, 0.1, 0.01...: the fast pairs tell positions apart, the slow ones do not turn at all within this text.
  const vocabulary = 10;
  const d = 32;
  const config: ModelConfig = {
    vocabSize: vocabulary,
    dModel: 1 + 2 * vocabulary,
    nLayers: 2,
    nHeads: 1,
    nKvHeads: 1,
    headDim: d,
    dFf: 2,
    contextLength: 32,
    ropeTheta: 1e16,
    normEps: 1e-9,
    tieEmbeddings: true,
  };
  const shapes = new Map(parameterSpecs(config).map(({ name, shape }) => [name, shape]));
  /** The dimension of a head that stands for a token: pairs 3 to 15, both halves. */
  const slow = (token: number) => (token < 13 ? 3 + token : 6 + token);
  const params = parametersFrom(config, (name) => {
    const shape = shapes.get(name)!;
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    const set = (row: number, column: number, value: number) => {
      data[row * shape[1]! + column] = value;
    };
    if (name.includes('norm')) data.fill(1);
    for (let token = 0; token < vocabulary; token++) {
      if (name === 'model.embed_tokens.weight') {
        set(token, 0, 1);
        set(token, 1 + token, 1);
      }
      if (name === 'model.layers.0.self_attn.v_proj.weight') set(token, 1 + token, 1);
      if (name === 'model.layers.0.self_attn.o_proj.weight') set(1 + vocabulary + token, token, 1);
      if (name === 'model.layers.1.self_attn.q_proj.weight') set(slow(token), 1 + token, 30);
      if (name === 'model.layers.1.self_attn.k_proj.weight') set(slow(token), 1 + vocabulary + token, 30);
    }
    // Layer 0: the query is the key of one position earlier, turned by that one position. Row i and i + d/2 are a pair.
    for (const [pair, angle] of [
      [0, 1],
      [1, 0.1],
    ] as const) {
      if (name === 'model.layers.0.self_attn.q_proj.weight') {
        set(pair, 0, 30 * Math.cos(-angle));
        set(pair + d / 2, 0, 30 * Math.sin(-angle));
      }
      if (name === 'model.layers.0.self_attn.k_proj.weight') set(pair, 0, 30);
    }
    return { shape, dtype: 'f32', data };
  });
  const ids = Int32Array.of(0, 3, 1, 4, 5, 9, 2, 6, 3, 1, 4, 5, 9, 2, 6);
  const [previous, induction] = await allHeadMetrics(await recordAttention(params, ids));
  expect(previous!.previousToken).toBeGreaterThan(0.999);
  expect(previous!.induction).toBeLessThan(0.001);
  expect(induction!.induction).toBeGreaterThan(0.999);
  expect(induction!.previousToken).toBeLessThan(0.5);
  disposeParameters(params);
});

describe('area average', () => {
  it('keeps the mean, whatever the sizes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 17 }),
        fc.integer({ min: 1, max: 17 }),
        fc.infiniteStream(fc.float({ min: 0, max: 1, noNaN: true })),
        (a, b, stream) => {
          const count = Math.max(a, b);
          const side = Math.min(a, b);
          const values = Float32Array.from({ length: count * count }, () => stream.next().value as number);
          const out = areaAverage(values, count, side);
          const mean = (all: Float32Array) => all.reduce((x, y) => x + y, 0) / all.length;
          expect(mean(out)).toBeCloseTo(mean(values), 5);
          expect(Math.max(...out)).toBeLessThanOrEqual(Math.max(...values) + 1e-6);
        },
      ),
    );
  });

  it('splits what lies on two cells', () => {
    // 3 x 3 to 2 x 2: the middle line belongs to both halves.
    expectClose(areaAverage(Float32Array.of(9, 0, 0, 0, 9, 0, 0, 0, 9), 3, 2), Float32Array.of(5, 1, 1, 5));
    expectClose(
      areaAverage(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16), 4, 2),
      Float32Array.of(3.5, 5.5, 11.5, 13.5),
    );
  });
});
