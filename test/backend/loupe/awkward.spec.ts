/**
 * Fused ops against their references, forward and backward, on random awkward shapes (none, one, odd, beside the tiles), and
 * with NaN and infinities among the numbers: what is no number must be none in the same places.
 */
import fc from 'fast-check';
import { test } from 'vitest';
import { attend, causalMask, fusedAttention } from '../../../src/core/model/attention';
import type { ModelConfig } from '../../../src/core/model/config';
import { fused } from '../../../src/core/model/fused';
import * as ops from '../../../src/core/model/ops';
import { disposeParameters, parameterSpecs, parametersFrom, weightOf } from '../../../src/core/model/parameters';
import { ropeTables } from '../../../src/core/model/positions';
import { Rng } from '../../../src/core/rng';
import * as tf from '../../../src/core/tf';
import { AdamW } from '../../../src/core/train/adamw';
import { globalNorm } from '../../../src/core/train/gradients';
import { eachBuild } from '../../support/builds';
import { handle, tinyConfig } from '../../support/model';
import { expectSame, floats, type Op, type Values } from '../../support/stock';

type One = (...inputs: tf.Tensor[]) => tf.Tensor;

/** The value of an op and its gradients for all inputs, for a fixed random gradient of the value. */
function withGradients(op: One): Op {
  return (...inputs) => {
    const value = op(...inputs);
    const dy = tf.tensor(floats('dy', value.shape).values, value.shape);
    return [value, ...tf.grads(op)(inputs, dy)];
  };
}

const some = fc.constantFrom(1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 67, 130);
const maybeNone = fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 6, arbitrary: some });
const idsFor = (count: number, below: number) =>
  tf.tensor1d(
    Int32Array.from({ length: count }, (_, i) => Rng.from(count).below(i, below)),
    'int32',
  );

type Tables = ReturnType<typeof ropeTables>;

/** The reference of attention: its turns, and all from scores to heads. */
interface Reference {
  turned(x: tf.Tensor, tables: Tables): tf.Tensor;
  heads(q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D): tf.Tensor4D;
}

const masked: Reference = {
  turned: (x, { cos, sin }) => ops.rope(x, cos, sin),
  heads: (q, k, v) => attend(q, k, v, causalMask(q.shape[2], q.shape[2])),
};

/**
 * The same where a number that is none reaches only what sees it: a mask merely adds to what lies ahead, and the product that turns
 * halves makes none of a whole row. So every position stands beside those before it alone, and halves are turned by moving them.
 */
const unmasked: Reference = {
  turned: (x, { cos, sin }) => {
    const [first, second] = tf.split(x, 2, -1) as [tf.Tensor, tf.Tensor];
    return tf.add(tf.mul(x, cos), tf.mul(tf.concat([tf.neg(second), first], -1), sin));
  },
  heads: (q, k, v) => {
    const upTo = (x: tf.Tensor4D, from: number, end: number) => tf.slice(x, [0, 0, from, 0], [-1, -1, end - from, -1]);
    const rows = Array.from({ length: q.shape[2] }, (_, i) => attend(upTo(q, i, i + 1), upTo(k, 0, i + 1), upTo(v, 0, i + 1), null));
    return tf.concat(rows, 2);
  },
};

/** Between the projections of a layer, of flat rows. */
function attention(count: number, length: number, kv: number, group: number, width: number, reference: Reference): One {
  const apart = (x: tf.Tensor, many: number) => ops.transpose(ops.reshape<tf.Tensor4D>(x, [count, length, many, width]), [0, 2, 1, 3]);
  return (q, k, v) => {
    const tables = ropeTables(tinyConfig({ headDim: width }), 0, length);
    const own = fused('LoupeAttention');
    if (own) return fusedAttention(own, q as tf.Tensor2D, k as tf.Tensor2D, v as tf.Tensor2D, tables);
    const heads = (x: tf.Tensor, many: number) => reference.turned(apart(x, many), tables) as tf.Tensor4D;
    const out = reference.heads(heads(q!, kv * group), heads(k!, kv), apart(v!, kv));
    return ops.reshape(ops.transpose(out, [0, 2, 1, 3]), [count * length, kv * group * width]);
  };
}

/** Weights and moments after one step, and the logarithm of the norm, which no f32 may hold. Inputs: all weights, gradients, first and second moments. */
function optimised(config: ModelConfig, inputs: tf.Tensor[], step: number, scale: number): tf.Tensor[] {
  const specs = parameterSpecs(config);
  const named = (part: number, prefix = '') =>
    new Map(specs.map(({ name }, i) => [prefix + name, inputs[part * specs.length + i] as tf.Tensor]));
  const data = (tensors: Map<string, tf.Tensor>) =>
    new Map([...tensors].map(([name, x]) => [name, { shape: x.shape, dtype: 'f32' as const, data: x.dataSync() as Float32Array }]));
  const weights = data(named(0));
  const params = parametersFrom(config, (name) => weights.get(name));
  const optimizer = new AdamW(params, { beta1: 0.9, beta2: 0.99, weightDecay: 0.1 });
  optimizer.restore(new Map([...data(named(2, 'exp_avg.')), ...data(named(3, 'exp_avg_sq.'))]));
  const gradients = named(1);
  optimizer.apply(gradients, step, 1e-2, scale);
  const moments = [...optimizer.tensors().values()].map(({ shape, data }) => tf.tensor(data, [...shape]));
  const after = specs.map(({ name }) => tf.clone(weightOf(params, name).value()));
  optimizer.dispose();
  disposeParameters(params);
  return [...after, ...moments, tf.scalar(Math.log(globalNorm(gradients)))];
}

const [kvHeads, group, width] = [fc.constantFrom(1, 2, 3), fc.constantFrom(1, 2), fc.constantFrom(2, 6, 10, 34)];

/** Each op of the model, for three sizes. */
const cases: Record<string, (rows: number, width: number, out: number, odd: boolean) => { op: One; inputs: Values[]; tolerance?: number }> =
  {
    RMSNorm: (rows, width, _, odd) => ({
      op: (x, w) => ops.rmsNorm(x as tf.Tensor2D, handle(w!), 1e-5),
      inputs: [floats('x', [rows, width], odd), floats('w', [width])],
      tolerance: 2e-5,
    }),
    SwiGLU: (rows, width, _, odd) => ({
      op: (gate, up) => ops.swiglu(gate as tf.Tensor2D, up as tf.Tensor2D),
      inputs: [floats('gate', [rows, width], odd), floats('up', [rows, width], odd)],
    }),
    linear: (rows, width, out, odd) => ({
      op: (x, w) => ops.linear(x as tf.Tensor2D, handle(w!)),
      inputs: [floats('x', [rows, width], odd), floats('w', [out, width])],
    }),
    linears: (rows, width, out, odd) => ({
      op: (x, a, b) => tf.concat(ops.linears(x as tf.Tensor2D, handle(a!), handle(b!)), 1),
      inputs: [floats('x', [rows, width], odd), floats('a', [out, width]), floats('b', [width, width])],
    }),
    embedding: (rows, width, out, odd) => ({
      op: (table) => ops.embedding(handle(table!), idsFor(rows, out)),
      inputs: [floats('table', [out, width], odd)],
    }),
    dropout: (rows, width, _, odd) => ({
      op: (x) => ops.dropout(x!, { rate: 0.3, rng: Rng.from(5) }),
      inputs: [floats('x', [rows, width], odd)],
    }),
    'cross entropy of the head': (rows, width, out, odd) => ({
      // The mean of nothing is nothing.
      op: (x, w) => ops.headCrossEntropy(x as tf.Tensor2D, handle(w!), idsFor(Math.max(1, rows), out)),
      inputs: [floats('x', [Math.max(1, rows), width], odd), floats('w', [out, width])],
    }),
  };

eachBuild(() => {
  test.each(Object.entries(cases))('%s', (name, make) => {
    fc.assert(
      fc.property(maybeNone, some, some, fc.boolean(), (rows, width, out, odd) => {
        const { op, inputs, tolerance = 1e-5 } = make(rows, width, out, odd);
        expectSame(withGradients(op), inputs, tolerance * Math.sqrt(width + rows), name, true);
      }),
      { seed: 6, numRuns: 30 },
    );
  });

  test('attention', () => {
    const batch = fc.constantFrom(0, 1, 2);
    fc.assert(
      fc.property(batch, some, kvHeads, group, width, (count, length, kv, each, d) => {
        const inputs = [kv * each, kv, kv].map((heads, i) => floats(`qkv ${i}`, [count * length, heads * d]));
        const what = `attention ${count} ${length} ${kv} ${each} ${d}`;
        expectSame(withGradients(attention(count, length, kv, each, d, masked)), inputs, 2e-5, what);
      }),
      { seed: 7, numRuns: 20 },
    );
  });

  test('attention to what is no number', () => {
    const odd = fc.record({ value: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY), place: fc.nat() });
    const odds = fc.tuple(...[0, 1, 2].map(() => fc.option(odd, { freq: 1 })));
    fc.assert(
      fc.property(fc.constantFrom(1, 2), some, kvHeads, group, width, odds, (count, length, kv, each, d, where) => {
        const inputs = [kv * each, kv, kv].map((heads, i) => {
          const odd = where[i];
          const input = floats(`qkv ${i} ${odd?.value} ${odd?.place}`, [count * length, heads * d]);
          if (!odd) return input;
          // Four queries and four keys at a time are multiplied, where nothing times what is no number is none: so it is at
          // the first of four keys, and at the last of four queries.
          const position = ((odd.place % length) & -4) + (i > 0 ? 0 : 3);
          const row = (odd.place % count) * length + Math.min(position, length - 1);
          input.values[row * heads * d + (odd.place % (heads * d))] = odd.value;
          return input;
        });
        const what = `odd attention ${count} ${length} ${kv} ${each} ${d}`;
        expectSame(withGradients(attention(count, length, kv, each, d, unmasked)), inputs, 2e-5, what, true);
      }),
      { seed: 8, numRuns: 40 },
    );
  });

  test('AdamW over all parameters, and the norm of all gradients', () => {
    const sizes = fc.record({
      vocabSize: fc.constantFrom(0, 1, 5, 67, 300),
      dModel: some,
      dFf: maybeNone,
      nLayers: fc.constantFrom(0, 1, 2),
    });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 300 }), fc.constantFrom(1, 2 ** 90), fc.boolean(), (size, step, large, odd) => {
        const config = tinyConfig({ ...size, nHeads: 1, nKvHeads: 1, headDim: 6 });
        const specs = parameterSpecs(config);
        const inputs = ['weight', 'gradient', 'first', 'second'].flatMap((what) =>
          specs.map(({ name, shape }) => {
            const input = floats(`${what} ${name}`, [...shape], odd);
            if (what === 'second') return { ...input, values: input.values.map(Math.abs) };
            // Clipping makes them small again, if their norm is finite.
            return what === 'gradient' ? { ...input, values: input.values.map((x) => x * large) } : input;
          }),
        );
        const what = `AdamW ${JSON.stringify(size)} ${step} ${large}`;
        expectSame((...tensors) => optimised(config, tensors, step, 0.5 / large), inputs, 1e-5, what, true);
      }),
      { seed: 9, numRuns: 30 },
    );
  });
}, [
  ['relaxed', 2],
  ['simd', 1],
  ['scalar', 1],
]);
