import { beforeAll, describe, expect, test } from 'vitest';
import { attend, attentionHeads, attentionPattern, attentionScores, causalMask } from '../../../src/core/model/attention';
import * as tf from '../../../src/core/tf';
import { openTestBackend } from '../../support/backend';
import { expectGradients, normals } from '../../support/gradients';
import { greatestDifference } from '../../support/model';

const four = (name: string, ...shape: [number, number, number, number]) => normals(name, shape) as tf.Tensor4D;

describe.each(['loupe', 'wasm', 'cpu'] as const)('attention on %s', (backend) => {
  beforeAll(() => openTestBackend(backend).then(() => undefined));

  test('the worked example: three tokens, two dimensions, no mask', () => {
    const q = tf.tensor4d([1, 0, 0, 1, 1, 1], [1, 1, 3, 2]);
    const v = tf.tensor4d([1, 2, 3, 4, 5, 6], [1, 1, 3, 2]);
    const pattern = attentionPattern(attentionScores(q, q), 2, null);
    const expected = [0.401, 0.198, 0.401, 0.198, 0.401, 0.401, 0.248, 0.248, 0.503];
    expect(greatestDifference(pattern.dataSync(), expected)).toBeLessThan(6e-4);
    // By hand: row 0 has scores (1, 0, 1) / sqrt 2, so e^0.7071 / (2 e^0.7071 + 1) = 0.40112.
    const e = Math.exp(Math.SQRT1_2);
    expect(pattern.dataSync()[0]).toBeCloseTo(e / (2 * e + 1), 6);
    const output = Array.from(attentionHeads(pattern, v).dataSync());
    const second = (1 + 8 * e) / (2 * e + 1);
    const third = (4 * e + 5 * e * e) / (2 * e + e * e);
    expect(greatestDifference(output, [3, 4, second, second + 1, third, third + 1])).toBeLessThan(1e-6);
    expect(greatestDifference(attend(q, q, v, null).dataSync(), output)).toBeLessThan(1e-6);
  });

  test('the fused operation equals its stages, and its gradient finite differences', () => {
    const mask = causalMask(3, 3);
    const inputs = [four('q', 2, 4, 3, 2), four('k', 2, 2, 3, 2), four('v', 2, 2, 3, 2)] as const;
    const [q, k, v] = inputs;
    const staged = attentionHeads(attentionPattern(attentionScores(q, k), 2, mask), v);
    expect(greatestDifference(attend(q, k, v, mask).dataSync(), staged.dataSync())).toBeLessThan(1e-6);
    expectGradients(([a, b, c]) => attend(a as tf.Tensor4D, b as tf.Tensor4D, c as tf.Tensor4D, mask), [...inputs], { directions: 6 });
    // The stages carry gradients of their own (stock softmax between two of our products).
    const through = ([a, b, c]: tf.Tensor[]) =>
      attentionHeads(attentionPattern(attentionScores(a as tf.Tensor4D, b as tf.Tensor4D), 2, mask), c as tf.Tensor4D);
    expectGradients(through, [...inputs], { directions: 3 });
  });

  test('grouped heads equal repeated heads', () => {
    const [q, k, v] = [four('q', 2, 6, 5, 4), four('k', 2, 2, 5, 4), four('v', 2, 2, 5, 4)];
    const mask = causalMask(5, 5);
    const repeat = (x: tf.Tensor4D) => tf.gather(x, tf.tensor1d([0, 0, 0, 1, 1, 1], 'int32'), 1);
    expect(greatestDifference(attend(q, k, v, mask).dataSync(), attend(q, repeat(k), repeat(v), mask).dataSync())).toBeLessThan(1e-5);
  });

  test('a mask leaves exactly nothing of the future', () => {
    const pattern = attentionPattern(four('scores', 1, 1, 2, 4), 4, causalMask(2, 4)).arraySync();
    expect(pattern[0]?.[0]?.[0]?.[3]).toBe(0);
    expect(pattern[0]?.[0]?.[0]?.slice(0, 3).every((weight) => weight > 0)).toBe(true);
    expect(pattern[0]?.[0]?.[1]?.every((weight) => weight > 0)).toBe(true);
    expect(causalMask(1, 7)).toBeNull();
  });
});
