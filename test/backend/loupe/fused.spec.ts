/**
 * Fused kernels against their references. The same op of core runs on the reference backend (`cpu`, where nothing is fused)
 * and on ours, forward and backward, on shapes that do not fit into vectors, tiles and blocks.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Build, openLoupe } from '../../../src/backend/loupe/runtime';
import { attend, causalMask, fusedAttention } from '../../../src/core/model/attention';
import { fused } from '../../../src/core/model/fused';
import * as ops from '../../../src/core/model/ops';
import { ropeTables } from '../../../src/core/model/positions';
import { Rng } from '../../../src/core/rng';
import * as tf from '../../../src/core/tf';
import { assets, openTestBackend } from '../../support/backend';
import { handle, tinyConfig } from '../../support/model';

interface Data {
  readonly values: Float32Array;
  readonly shape: number[];
}

/** Normals, the same for the same label. */
function data(label: string, shape: number[], deviation = 1): Data {
  const size = shape.reduce((product, axis) => product * axis, 1);
  return { values: Rng.from(17).split(label).fillNormal(new Float32Array(size), deviation), shape };
}

/** The build of the kernels under test. */
let build: Build | null = null;
let openBuild: Build | null = null;

async function open(backend: 'loupe' | 'cpu'): Promise<void> {
  if (backend === 'cpu' || !build) await openTestBackend(backend, 1);
  else if (openBuild === build) await tf.setBackend('loupe');
  else {
    await openLoupe({ assets, threads: 1, build, onLost: () => undefined });
    openBuild = build;
  }
}

type Op = (...inputs: tf.Tensor[]) => tf.Tensor;

/** The value of an op and its gradients for every input, for a fixed random gradient of the value. */
async function run(backend: 'loupe' | 'cpu', op: Op, inputs: readonly Data[]): Promise<Float32Array[]> {
  await open(backend);
  const before = tf.memory().numTensors;
  const tensors = inputs.map(({ values, shape }) => tf.tensor(values.slice(), shape, 'float32'));
  const value = tf.tidy(() => op(...tensors));
  const dy = data('dy', value.shape).values;
  const gradients = tf.tidy(() => tf.grads(op)(tensors, tf.tensor(dy, value.shape)));
  const out = [value, ...gradients].map((tensor) => Float32Array.from(tensor.dataSync()));
  tf.dispose([value, ...gradients, ...tensors]);
  expect(tf.memory().numTensors, 'tensors left behind').toBe(before);
  return out;
}

/** Largest difference, relative to the largest number of what is expected (or 0.1: less is what cancelling left); not a number counts where only one of the two is. */
function difference(found: Float32Array, expected: Float32Array): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  let size = 0.1;
  for (const x of expected) if (Number.isFinite(x)) size = Math.max(size, Math.abs(x));
  let most = 0;
  for (const [i, x] of expected.entries()) {
    const y = found[i] as number;
    if (Object.is(x, y) || x === y) continue;
    if (!Number.isFinite(x) || !Number.isFinite(y)) return Number.POSITIVE_INFINITY;
    most = Math.max(most, Math.abs(x - y) / size);
  }
  return most;
}

/** What the reference answered, question by question: each build asks the same ones in the same order. */
const answers: Float32Array[][] = [];
let asked = 0;

/** The op on both, within tolerance. */
async function expectEqual(op: Op, inputs: readonly Data[], tolerance = 2e-6, reference: Op = op): Promise<void> {
  const expected = answers[asked] ?? (await run('cpu', reference, inputs));
  answers[asked++] = expected;
  const found = await run('loupe', op, inputs);
  expected.forEach((values, index) => {
    const what = index === 0 ? 'value' : `gradient ${index - 1}`;
    expect(
      difference(found[index] as Float32Array, values),
      `${what} of ${inputs.map(({ shape }) => shape.join('x')).join(', ')}`,
    ).toBeLessThan(tolerance);
  });
}

const widths = [1, 2, 3, 4, 5, 7, 8, 31, 64, 128, 130];
const counts = [1, 2, 5, 63, 64, 65, 200];
/** A few of all pairs, the same ones every time. */
const shapes = counts.flatMap((rows, i) => [0, 3, 7].map((step) => [rows, widths[(i * 2 + step) % widths.length] as number] as const));

afterAll(() => openTestBackend('cpu').then(() => undefined));

/** With heads apart and together again, from stock ops. */
function attentionOps(batch: number, heads: number, kvHeads: number, length: number, headDim: number): { own: Op; reference: Op } {
  const config = tinyConfig({ headDim });
  const apart = (x: tf.Tensor, count: number) => ops.transpose(ops.reshape<tf.Tensor4D>(x, [batch, length, count, headDim]), [0, 2, 1, 3]);
  return {
    reference: (q, k, v) => {
      const { cos, sin } = ropeTables(config, 0, length);
      const turned = (x: tf.Tensor, count: number) => ops.rope(apart(x, count), cos, sin) as tf.Tensor4D;
      const out = attend(turned(q!, heads), turned(k!, kvHeads), apart(v!, kvHeads), causalMask(length, length));
      return ops.reshape(ops.transpose(out, [0, 2, 1, 3]), [batch * length, heads * headDim]);
    },
    own: (q, k, v) =>
      fusedAttention(fused('LoupeAttention')!, q as tf.Tensor2D, k as tf.Tensor2D, v as tf.Tensor2D, ropeTables(config, 0, length)),
  };
}

describe.each(['relaxed', 'simd', 'scalar'] as const)('fused kernels equal their references, build %s', (chosen) => {
  beforeAll(() => {
    build = chosen;
    asked = 0;
  });
  afterAll(() => {
    build = null;
  });

  test('they are there', async () => {
    await open('loupe');
    expect(fused('LoupeAttention')).not.toBeNull();
    await open('cpu');
    expect(fused('LoupeAttention')).toBeNull();
  });

  test('our own exponential and logarithm are as good as f32 allows', async () => {
    await open('loupe');
    const worst = (own: (x: tf.Tensor) => tf.Tensor, exact: (x: number) => number, inputs: Float32Array) => {
      const found = tf.tidy(() => own(tf.tensor1d(inputs)).dataSync());
      return inputs.reduce((most, x, i) => Math.max(most, Math.abs((found[i] as number) / exact(x) - 1)), 0);
    };
    const steps = 200_001;
    const along = (from: number, to: number) => Float32Array.from({ length: steps }, (_, i) => from + ((to - from) * i) / (steps - 1));
    expect(worst(tf.exp, Math.exp, along(-87, 88.7))).toBeLessThan(2e-7);
    expect(worst(tf.exp, Math.exp, along(-1, 1))).toBeLessThan(1.5e-7);
    expect(worst(tf.log, Math.log, along(1.01, 1e6))).toBeLessThan(2.5e-7);
    const ends = tf.tidy(() => tf.exp(tf.tensor1d([-200, -104, 89, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN, 0])));
    expect([...ends.dataSync()]).toEqual([0, 0, Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY, Number.NaN, 1]);
    ends.dispose();
  });

  test('RMSNorm', async () => {
    for (const [rows, width] of shapes) {
      await expectEqual(
        (x, w) => ops.rmsNorm(x as tf.Tensor2D, handle(w!), 1e-5),
        [data('x', [rows, width]), data('w', [width])],
        width === 1 ? 2e-5 : 4e-6,
      );
    }
  });

  test('SwiGLU, with NaN and infinities', async () => {
    const swiglu: Op = (gate, up) => ops.swiglu(gate as tf.Tensor2D, up as tf.Tensor2D);
    for (const [rows, width] of shapes) await expectEqual(swiglu, [data('gate', [rows, width], 4), data('up', [rows, width])]);
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 80, -80, 1e30, -1e30];
    const gate = { values: Float32Array.from(odd.flatMap((x) => odd.map(() => x))), shape: [9, 9] };
    const up = { values: Float32Array.from(odd.flatMap(() => odd)), shape: [9, 9] };
    await expectEqual(swiglu, [gate, up]);
  });

  test('linear', async () => {
    for (const [rows, width] of shapes) {
      const out = (rows * 7) % 40 || 1;
      await expectEqual((x, w) => ops.linear(x as tf.Tensor2D, handle(w!)), [data('x', [rows, width]), data('w', [out, width])], 1e-5);
    }
  });

  test('several products with one x', async () => {
    for (const [rows, width] of shapes) {
      // Their sum, each weighed, so that one gradient reaches all.
      const all: Op = (x, a, b, c) => {
        const [one, two, three] = ops.linears(x as tf.Tensor2D, handle(a!), handle(b!), handle(c!)) as [tf.Tensor, tf.Tensor, tf.Tensor];
        return ops.add(ops.add(one, two), ops.matmul(three, b!));
      };
      const inputs = [data('x', [rows, width]), data('a', [width, width]), data('b', [width, width]), data('c', [width, width])];
      await expectEqual(all, inputs, 2e-5);
    }
  });

  test('embedding: equal ids add up', async () => {
    for (const [count, width] of shapes) {
      for (const vocabulary of [1, 5, 300]) {
        const ids = Int32Array.from({ length: count }, (_, i) => Rng.from(count).below(i, vocabulary));
        await expectEqual((table) => ops.embedding(handle(table!), tf.tensor1d(ids, 'int32')), [data('table', [vocabulary, width])], 2e-6);
      }
    }
  });

  test('dropout: the same numbers are dropped', async () => {
    for (const [rows, width] of shapes) {
      for (const rate of [0, 0.1, 0.5, 0.9]) {
        const dropout: Op = (x) => ops.dropout(x!, { rate, rng: Rng.from(5).split(`${rows} ${width}`) });
        await expectEqual(dropout, [data('x', [rows, width])], 1e-7);
      }
    }
    await expectEqual((x) => ops.dropout(x!, { rate: 0.3, rng: Rng.from(2 ** 40 + 3) }), [data('large', [70_001])], 1e-7);
  });

  test('cross entropy of the head', async () => {
    for (const [rows, width] of shapes) {
      for (const vocabulary of [1, 2, 65, 103]) {
        const targets = Int32Array.from({ length: rows }, (_, i) => Rng.from(rows).below(i, vocabulary));
        const loss: Op = (x, w) => ops.headCrossEntropy(x as tf.Tensor2D, handle(w!), tf.tensor1d(targets, 'int32'));
        await expectEqual(loss, [data('x', [rows, width]), data('w', [vocabulary, width])], 1e-5);
      }
    }
  });

  test('cross entropy of the head is the same in one chunk and in many', async () => {
    await open('loupe');
    tf.tidy(() => {
      const [rows, width, vocabulary] = [150, 20, 33];
      const targets = tf.tensor1d(
        Int32Array.from({ length: rows }, (_, i) => Rng.from(1).below(i, vocabulary)),
        'int32',
      );
      const [x, w] = [data('x', [rows, width]), data('w', [vocabulary, width])].map(({ values, shape }) => tf.tensor(values, shape));
      const [whole, cut] = [rows, 32].map((chunk) =>
        fused('LoupeHeadLoss')!({ x: x!, w: w!, targets }, { chunk }).map((out) => out.dataSync()),
      );
      whole!.forEach((values, i) => {
        expect(difference(cut![i] as Float32Array, values as Float32Array)).toBeLessThan(2e-6);
      });
    });
  });

  test.each([
    // batch, heads, key-value heads, length, headDim
    [1, 1, 1, 1, 2],
    [2, 2, 1, 5, 4],
    [1, 3, 3, 64, 6],
    [1, 2, 2, 65, 8],
    [2, 4, 2, 63, 32],
    [1, 4, 1, 130, 10],
    [1, 2, 1, 200, 64],
    [1, 1, 1, 70, 300],
    [1, 1, 1, 20, 1030],
  ])('attention: %i x %i heads on %i, %i positions, width %i', async (batch, heads, kvHeads, length, headDim) => {
    const inputs = [heads, kvHeads, kvHeads].map((count, i) => data(`qkv ${i}`, [batch * length, count * headDim], 0.7));
    const { own, reference } = attentionOps(batch, heads, kvHeads, length, headDim);
    await expectEqual(own, inputs, 4e-6, reference);
  });

  test('attention: what is not a number stays where it was, and what follows', async () => {
    const [length, headDim] = [70, 4];
    const { own } = attentionOps(1, 1, 1, length, headDim);
    const inputs = [0, 1, 2].map((i) => data(`odd ${i}`, [length, headDim]));
    const [whole, wholeGradient] = await run('loupe', own, inputs);
    for (const odd of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const broken = inputs.map(({ values, shape }, i) => ({
        values: values.map((x, at) => (i === 1 && at === 66 * headDim ? odd : x)),
        shape,
      }));
      const [found, gradient] = await run('loupe', own, broken);
      // Earlier rows never see the key, and the same bits come out.
      expect(found!.subarray(0, 66 * headDim)).toEqual(whole!.subarray(0, 66 * headDim));
      expect([...found!.subarray(66 * headDim)].some(Number.isNaN)).toBe(true);
      // Nor do their gradients, but for the rows that share four with it.
      expect(gradient!.subarray(0, 64 * headDim)).toEqual(wholeGradient!.subarray(0, 64 * headDim));
      expect([...gradient!.subarray(66 * headDim)].some(Number.isNaN)).toBe(true);
    }
  });

  test('attention: a whole tile of keys whose scores overflow below adds nothing', async () => {
    // Queries from 64 on, the second tile, by a component that turns slowly, with keys before it.
    const [length, headDim, slow] = [70, 64, 31];
    const { own, reference } = attentionOps(1, 1, 1, length, headDim);
    const inputs = [0, 1, 2].map((i) => data(`low ${i}`, [length, headDim], 0.7));
    for (const [input, early, late] of [
      [inputs[0]!, 0, 3e38],
      [inputs[1]!, -3e38, 0],
    ] as const) {
      for (let row = 0; row < length; row++) {
        input.values[row * headDim + slow] = row < 64 ? early : late;
        input.values[row * headDim + slow + headDim / 2] = 0;
      }
    }
    const [[expected, , , values], [found, , , foundValues]] = [await run('cpu', reference, inputs), await run('loupe', own, inputs)];
    expect(expected!.every(Number.isFinite)).toBe(true);
    expect(difference(found!, expected!)).toBeLessThan(4e-6);
    expect(difference(foundValues!, values!)).toBeLessThan(4e-6);
  });
});
