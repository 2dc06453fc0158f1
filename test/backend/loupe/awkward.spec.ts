/**
 * Fused ops against their references, forward and backward, on random awkward shapes (none, one, odd, beside the tiles), and
 * with NaN and infinities among the numbers: what is no number must be none in the same places.
 */
import fc from 'fast-check';
import { test } from 'vitest';
import { attend, causalMask, fusedAttention } from '../../../src/core/model/attention';
import { fused } from '../../../src/core/model/fused';
import * as ops from '../../../src/core/model/ops';
import { ropeTables } from '../../../src/core/model/positions';
import { Rng } from '../../../src/core/rng';
import * as tf from '../../../src/core/tf';
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
    linears: (rows, width, out) => ({
      op: (x, a, b) => tf.concat(ops.linears(x as tf.Tensor2D, handle(a!), handle(b!)), 1),
      inputs: [floats('x', [rows, width]), floats('a', [out, width]), floats('b', [width, width])],
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
      fc.property(
        batch,
        some,
        fc.constantFrom(1, 2, 3),
        fc.constantFrom(1, 2),
        fc.constantFrom(2, 6, 10, 34),
        (count, length, kv, group, width) => {
          const config = tinyConfig({ headDim: width });
          const apart = (x: tf.Tensor, heads: number) =>
            ops.transpose(ops.reshape<tf.Tensor4D>(x, [count, length, heads, width]), [0, 2, 1, 3]);
          const op: One = (q, k, v) => {
            const tables = ropeTables(config, 0, length);
            const own = fused('LoupeAttention');
            if (own) return fusedAttention(own, q as tf.Tensor2D, k as tf.Tensor2D, v as tf.Tensor2D, tables);
            const turned = (x: tf.Tensor, heads: number) => ops.rope(apart(x, heads), tables.cos, tables.sin) as tf.Tensor4D;
            const out = attend(turned(q!, kv * group), turned(k!, kv), apart(v!, kv), causalMask(length, length));
            return ops.reshape(ops.transpose(out, [0, 2, 1, 3]), [count * length, kv * group * width]);
          };
          const inputs = [kv * group, kv, kv].map((heads, i) => floats(`qkv ${i}`, [count * length, heads * width]));
          expectSame(withGradients(op), inputs, 2e-5, `attention ${count} ${length} ${kv} ${group} ${width}`);
        },
      ),
      { seed: 7, numRuns: 20 },
    );
  });
}, [
  ['relaxed', 2],
  ['simd', 1],
  ['scalar', 1],
]);
