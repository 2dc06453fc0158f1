/** Stock ops that move numbers, against the reference of tfjs; and what is missing. */
import { expect, test } from 'vitest';
import * as tf from '../../../src/core/tf';
import { eachBuild } from '../../support/builds';
import { expectSame, floats, ints, type Op } from '../../support/stock';

eachBuild(() => {
  test('moving', () => {
    const orders: [number[], number[]][] = [
      [
        [3, 5],
        [1, 0],
      ],
      [
        [37, 65],
        [1, 0],
      ],
      [
        [2, 37, 8],
        [0, 2, 1],
      ],
      [
        [2, 3, 4, 5],
        [0, 2, 1, 3],
      ],
      [
        [2, 3, 4, 5],
        [3, 1, 2, 0],
      ],
      [
        [2, 3, 1, 5],
        [1, 3, 0, 2],
      ],
      [
        [0, 3],
        [1, 0],
      ],
      [
        [4, 5, 6],
        [2, 0, 1],
      ],
    ];
    for (const [shape, order] of orders) {
      expectSame(((x) => tf.transpose(x, order)) as Op, [floats('x', shape)], 0, 'transpose');
      expectSame(((x) => tf.transpose(x, order)) as Op, [ints('x', shape, 99)], 0, 'transpose');
    }
    const x = floats('x', [4, 5, 6]);
    expectSame(((t) => tf.slice(t, [1, 0, 2], [2, 5, 3])) as Op, [x], 0, 'slice');
    expectSame(((t) => tf.slice(t, [3, 4, 5], [1, 1, 1])) as Op, [x], 0, 'slice');
    expectSame(((t) => tf.slice(t, [0, 1], [-1, -1])) as Op, [x], 0, 'slice');
    expectSame(((t) => tf.split(t, [1, 3, 2], 2)) as Op, [x], 0, 'split');
    expectSame(((t) => tf.unstack(t, 1)) as Op, [x], 0, 'unstack');
    expectSame(((t) => tf.tile(t, [2, 1, 3])) as Op, [x], 0, 'tile');
    expectSame(((t) => tf.reshape(t, [-1, 10])) as Op, [x], 0, 'reshape');
    expectSame(((t) => tf.expandDims(t, -1)) as Op, [x], 0, 'expandDims');
    for (const axis of [0, 1, 2]) {
      const other = floats(
        'y',
        x.shape.map((size, i) => (i === axis ? 3 : size)),
      );
      expectSame(((a, b, c) => tf.concat([a as tf.Tensor, b as tf.Tensor, c as tf.Tensor], axis)) as Op, [x, other, x], 0, 'concat');
      expectSame(((a, b) => tf.stack([a as tf.Tensor, b as tf.Tensor], axis)) as Op, [x, x], 0, 'stack');
      expectSame(((a, ids) => tf.gather(a as tf.Tensor, ids as tf.Tensor1D, axis)) as Op, [x, ints('ids', [2, 3], 4)], 0, 'gather');
    }
    const scatter = (shape: number[]) => ((ids, updates) => tf.scatterND(ids as tf.Tensor, updates as tf.Tensor, shape)) as Op;
    expectSame(scatter([9, 21]), [ints('ids', [30, 1], 9), floats('u', [30, 21])], 1e-6, 'scatterND');
    expectSame(scatter([9, 3]), [ints('ids', [30, 2], 3), floats('u', [30])], 1e-6, 'scatterND');
    expectSame(((a) => tf.cast(a as tf.Tensor, 'int32')) as Op, [floats('x', [20])], 0, 'cast');
    expectSame(((a) => tf.cast(a as tf.Tensor, 'float32')) as Op, [ints('x', [20], 9)], 0, 'cast');
    expectSame(((a) => tf.oneHot(a as tf.Tensor1D, 5)) as Op, [ints('x', [2, 9], 7)], 0, 'oneHot');
    expectSame(() => tf.range(3, -1, -0.3), [], 0, 'range');
    expectSame(() => tf.range(0, 9, 2, 'int32'), [], 0, 'range');
    expectSame(() => [tf.fill([2, 3], 7), tf.zeros([0]), tf.ones([4], 'int32')], [], 0, 'fill');
    expectSame(((a) => [tf.zerosLike(a as tf.Tensor), tf.onesLike(a as tf.Tensor)]) as Op, [x], 0, 'like');
    expectSame(((a, b, c) => tf.addN([a as tf.Tensor, b as tf.Tensor, c as tf.Tensor])) as Op, [x, x, x], 1e-7, 'addN');
  });

  test('what it does not have fails by its name', () => {
    tf.setBackend('loupe');
    tf.tidy(() => {
      expect(() => tf.sin(tf.scalar(1))).toThrow(/Sin.*loupe/);
      expect(() => tf.neg(tf.scalar(1, 'int32'))).toThrow(/Neg of int32/);
      expect(() => tf.gather(tf.tensor1d([1, 2]), tf.tensor1d([2], 'int32'))).toThrow('2 is not in [0, 1]');
    });
  });
});
