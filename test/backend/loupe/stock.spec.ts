/** Stock ops on numbers, number by number and along axes, against the reference of tfjs, on shapes that fit no tile, with numbers that are none. */
import fc from 'fast-check';
import { test } from 'vitest';
import * as tf from '../../../src/core/tf';
import { eachBuild } from '../../support/builds';
import { expectSame, floats, ints, type Op } from '../../support/stock';

const axis = fc.constantFrom(0, 1, 2, 3, 5, 8, 17);
const shapes = fc.array(axis, { minLength: 0, maxLength: 4 });
const large = [[17_001], [3, 17_000], [9_000, 3], [33, 7, 129]];

eachBuild(() => {
  const ones: Record<string, [(x: tf.Tensor) => tf.Tensor, number]> = {
    exp: [tf.exp, 1e-6],
    log: [tf.log, 1e-6],
    sqrt: [tf.sqrt, 1e-6],
    rsqrt: [tf.rsqrt, 1e-6],
    neg: [tf.neg, 0],
    abs: [tf.abs, 0],
    square: [tf.square, 1e-7],
    sigmoid: [tf.sigmoid, 1e-6],
    tanh: [tf.tanh, 1e-6],
    relu: [tf.relu, 0],
    reciprocal: [tf.reciprocal, 1e-7],
    floor: [tf.floor, 0],
    ceil: [tf.ceil, 0],
    round: [tf.round, 0],
    softmax: [(x) => tf.softmax(x.rank === 0 ? tf.reshape(x, [1]) : x), 1e-6],
    logSoftmax: [(x) => tf.logSoftmax(x.rank === 0 ? tf.reshape(x, [1]) : x), 1e-5],
  };
  test.each(Object.entries(ones))('%s', (name, [op, tolerance]) => {
    fc.assert(
      fc.property(shapes, (shape) => expectSame(op as Op, [floats('x', shape, true)], tolerance, name)),
      { seed: 1, numRuns: 15 },
    );
    for (const shape of large) expectSame(op as Op, [floats('x', shape)], tolerance, name);
  });

  const twos: Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor> = {
    add: tf.add,
    sub: tf.sub,
    mul: tf.mul,
    div: tf.div,
    maximum: tf.maximum,
    minimum: tf.minimum,
    squaredDifference: tf.squaredDifference,
  };
  test.each(Object.entries(twos))('%s, with shapes that repeat', (name, op) => {
    const pair = fc.tuple(shapes, fc.nat(15), fc.nat(15), fc.nat(4));
    fc.assert(
      fc.property(pair, ([shape, onesA, onesB, shorter]) => {
        const repeat = (bits: number) => shape.map((size, i) => ((bits >> i) & 1 ? 1 : size));
        const b = repeat(onesB).slice(Math.min(shorter, shape.length));
        expectSame(op as Op, [floats('a', repeat(onesA), true), floats('b', b, true)], 1e-6, name);
      }),
      { seed: 2, numRuns: 25 },
    );
    for (const [a, b] of [
      [[17_001], []],
      [
        [3, 17_000],
        [3, 1],
      ],
      [[3, 17_000], [17_000]],
      [
        [2, 3, 4, 5],
        [3, 1, 5],
      ],
    ] as [number[], number[]][]) {
      expectSame(op as Op, [floats('a', a), floats('b', b)], 1e-6, name);
    }
    if (name !== 'div') expectSame(op as Op, [ints('a', [3, 5], 9), ints('b', [5], 9)], 0, `${name} of int32`);
  });

  test('sums, means and extremes over any axes', () => {
    const ops = { sum: tf.sum, mean: tf.mean, max: tf.max, min: tf.min };
    for (const [name, op] of Object.entries(ops)) {
      fc.assert(
        fc.property(
          fc.array(fc.constantFrom(1, 2, 3, 5, 8, 17), { minLength: 1, maxLength: 4 }),
          fc.nat(15),
          fc.boolean(),
          (shape, bits, keep) => {
            const axes = [...shape.keys()].filter((i) => (bits >> i) & 1);
            expectSame(((x) => op(x, axes.length ? axes : undefined, keep)) as Op, [floats('x', shape)], 1e-5, `${name} over ${axes}`);
          },
        ),
        { seed: 3, numRuns: 25 },
      );
      for (const shape of large) expectSame(((x) => op(x)) as Op, [floats('x', shape)], 1e-3, name);
      expectSame(((x) => op(x, -1)) as Op, [floats('x', [9, 13], true)], 1e-5, name);
    }
    for (const shape of [[5], [7, 33], [3, 4, 5]]) {
      expectSame(((x) => tf.argMax(x, -1)) as Op, [floats('x', shape)], 0, 'argMax');
      expectSame(((x) => tf.argMax(x, 0)) as Op, [floats('x', shape)], 0, 'argMax');
      expectSame(((x) => tf.argMin(x, -1)) as Op, [floats('x', shape)], 0, 'argMin');
    }
  });
});
