/** Stock products against the reference of tfjs, on shapes that fit no tile. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as tf from '../../../src/core/tf';
import { eachBuild } from '../../support/builds';
import { expectSame, floats, type Op, type Values } from '../../support/stock';

eachBuild(() => {
  test('products of any shape, as they are or transposed', () => {
    const size = fc.constantFrom(0, 1, 2, 5, 6, 7, 8, 9, 13, 31, 32, 33, 50);
    const run = (batchA: number[], batchB: number[], m: number, k: number, n: number, tA: boolean, tB: boolean) =>
      expectSame(
        ((a, b) => tf.matMul(a, b, tA, tB)) as Op,
        [floats('a', [...batchA, ...(tA ? [k, m] : [m, k])]), floats('b', [...batchB, ...(tB ? [n, k] : [k, n])])],
        k > 100 ? 1e-4 : 1e-5,
        `product ${m} x ${k} x ${n}, ${tA} ${tB}`,
      );
    fc.assert(
      fc.property(size, size, size, fc.boolean(), fc.boolean(), (m, k, n, tA, tB) => run([], [], m, k, n, tA, tB)),
      { seed: 4, numRuns: 50 },
    );
    const batches: [number[], number[]][] = [
      [[4], [4]],
      [
        [2, 3],
        [2, 3],
      ],
      [[1], [3]],
      [[3], [1]],
    ];
    for (const [a, b] of batches) {
      for (const form of [0, 1, 2, 3]) {
        run(a, b, 7, 9, 10, (form & 1) === 1, (form & 2) === 2);
        run(a, b, 1, 9, 5, (form & 1) === 1, (form & 2) === 2);
      }
    }
    for (const form of [0, 1, 2, 3]) {
      run([], [], 100, 1100, 37, (form & 1) === 1, (form & 2) === 2);
      run([], [], 260, 40, 530, (form & 1) === 1, (form & 2) === 2);
      run([], [], 1, 300, 700, (form & 1) === 1, (form & 2) === 2);
      run([3], [3], 20, 1000, 300, (form & 1) === 1, (form & 2) === 2);
    }
  });

  test('products of batches that both repeat', () => {
    // The reference of tfjs is wrong here: it takes the wrong pairs.
    tf.setBackend('loupe');
    tf.tidy(() => {
      const tensor = ({ values, shape }: Values) => tf.tensor(values, shape);
      const [a, b] = [tensor(floats('a', [2, 1, 4, 5])), tensor(floats('b', [1, 3, 5, 6]))];
      const product = tf.matMul(a, b);
      expect(product.shape).toEqual([2, 3, 4, 6]);
      const [ofA, ofB] = [tf.unstack(tf.reshape(a, [2, 4, 5])), tf.unstack(tf.reshape(b, [3, 5, 6]))];
      const pairs = ofA.flatMap((left) => ofB.map((right) => tf.matMul(left, right)));
      expect(product.dataSync()).toEqual(tf.reshape(tf.stack(pairs), [2, 3, 4, 6]).dataSync());
    });
  });
});
