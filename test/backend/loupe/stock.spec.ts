/** Every stock op against the reference of tfjs, on shapes that fit no tile, with numbers that are none. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Build, openLoupe } from '../../../src/backend/loupe/runtime';
import { Rng } from '../../../src/core/rng';
import * as tf from '../../../src/core/tf';
import { assets, openTestBackend } from '../../support/backend';

beforeAll(async () => {
  await openTestBackend('cpu');
});
afterAll(() => tf.removeBackend('loupe'));

const special = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1e-40, 3e38, -3e38, 88.5, -104, 1];

interface Values {
  readonly shape: number[];
  readonly values: Float32Array | Int32Array;
  readonly dtype: 'float32' | 'int32';
}

/** Numbers that are the same for the same label; `odd` puts those among them that are none, or nearly. */
function floats(label: string, shape: number[], odd = false): Values {
  const rng = Rng.from(7).split(label);
  const values = rng.split('values').fillNormal(new Float32Array(shape.reduce((product, axis) => product * axis, 1)), 1);
  if (odd) for (let i = 0; i < values.length; i++) if (rng.below(i, 4) === 0) values[i] = special[rng.below(i, special.length)] as number;
  return { shape, values, dtype: 'float32' };
}

function ints(label: string, shape: number[], below: number): Values {
  const rng = Rng.from(8).split(label);
  const values = Int32Array.from({ length: shape.reduce((product, axis) => product * axis, 1) }, (_, i) => rng.below(i, below));
  return { shape, values, dtype: 'int32' };
}

type Op = (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

function compute(backend: string, op: Op, inputs: readonly Values[]) {
  tf.setBackend(backend);
  return tf.tidy(() => {
    const out = op(...inputs.map(({ values, shape, dtype }) => tf.tensor(values, shape, dtype)));
    return (Array.isArray(out) ? out : [out]).map((x) => ({ shape: x.shape, dtype: x.dtype, values: Array.from(x.dataSync()) }));
  });
}

function expectSame(op: Op, inputs: readonly Values[], tolerance: number, what: string): void {
  const expected = compute('cpu', op, inputs);
  const before = tf.memory().numDataBuffers;
  const found = compute('loupe', op, inputs);
  expect(tf.memory().numDataBuffers, `${what}: buffers left behind`).toBe(before);
  expect(
    found.map(({ shape, dtype }) => [shape, dtype]),
    what,
  ).toEqual(expected.map(({ shape, dtype }) => [shape, dtype]));
  found.forEach(({ values }, part) => {
    values.forEach((value, i) => {
      const wanted = expected[part]?.values[i] as number;
      if (Object.is(value, wanted) || value === wanted) return;
      const near = Math.abs(value - wanted) <= tolerance * Math.max(1, Math.abs(wanted));
      if (!near) expect.fail(`${what}, shapes ${JSON.stringify(inputs.map(({ shape }) => shape))}, place ${i}: ${value}, not ${wanted}`);
    });
  });
}

const axis = fc.constantFrom(0, 1, 2, 3, 5, 8, 17);
const shapes = fc.array(axis, { minLength: 0, maxLength: 4 });
const large = [[17_001], [3, 17_000], [9_000, 3], [33, 7, 129]];

describe.each<[Build, number]>([
  ['relaxed', 1],
  ['relaxed', 3],
  ['scalar', 1],
])('build %s, threads %i', (build, threads) => {
  beforeAll(async () => {
    await openLoupe({ assets, threads, build, onLost: (reason) => expect.fail(reason) });
  });

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
