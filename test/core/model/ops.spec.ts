import { beforeAll, describe, expect, test } from 'vitest';
import * as ops from '../../../src/core/model/ops';
import { denseWeight } from '../../../src/core/model/parameters';
import { ropeTables } from '../../../src/core/model/positions';
import { Rng } from '../../../src/core/rng';
import * as tf from '../../../src/core/tf';
import { openTestBackend } from '../../support/backend';
import { expectGradients, normals } from '../../support/gradients';
import { greatestDifference, handle, tinyConfig } from '../../support/model';

const values = (tensor: tf.Tensor) => Array.from(tensor.dataSync());

describe.each(['loupe', 'wasm', 'cpu'] as const)('operations on %s', (backend) => {
  beforeAll(() => openTestBackend(backend).then(() => undefined));

  test('gradients equal finite differences', () => {
    const two = (name: string, rows: number, columns: number) => normals(name, [rows, columns]) as tf.Tensor2D;
    expectGradients(([a, b]) => ops.matmul(a!, b!), [two('a', 3, 4), two('b', 4, 2)]);
    expectGradients(([a, b]) => ops.matmul(a!, b!), [normals('a3', [2, 3, 4]), normals('b3', [2, 4, 2])]);
    expectGradients(([x, w]) => ops.linear(x as tf.Tensor2D, handle(w!)), [two('x', 3, 4), two('w', 5, 4)]);
    const ids = tf.tensor1d([2, 0, 2, 2], 'int32');
    expectGradients(([table]) => ops.embedding(handle(table!), ids), [two('table', 3, 4)]);
    expectGradients(([x, w]) => ops.rmsNorm(x as tf.Tensor2D, handle(w!), 1e-5), [two('x', 3, 6), normals('w', [6])]);
    expectGradients(([g, u]) => ops.swiglu(g as tf.Tensor2D, u as tf.Tensor2D), [two('gate', 3, 5), two('up', 3, 5)]);
    const { cos, sin } = ropeTables(tinyConfig({ headDim: 6 }), 2, 3);
    expectGradients(([x]) => ops.rope(x!, cos, sin), [normals('x4', [2, 2, 3, 6])]);
    const targets = tf.tensor1d([1, 4, 0], 'int32');
    expectGradients(([logits]) => ops.crossEntropy(logits as tf.Tensor2D, targets), [two('logits', 3, 5)]);
    expectGradients(([a, b]) => ops.add(a!, b!), [two('a', 2, 3), two('b', 2, 3)]);
    expectGradients(([a]) => ops.add(a!, a!), [two('a', 2, 3)]);
    expectGradients(([x]) => ops.reshape(x!, [3, 2]), [two('x', 2, 3)]);
    expectGradients(([x]) => ops.transpose(x!, [2, 0, 1]), [normals('x3', [2, 3, 4])]);
    expectGradients(([x]) => ops.dropout(x!, { rate: 0.4, rng: Rng.from(2) }), [two('x', 3, 3)]);
    expectGradients(([x, w]) => ops.headCrossEntropy(x as tf.Tensor2D, handle(w!), targets), [two('x', 3, 4), two('w', 5, 4)]);
  });

  test('linear is x . W^T and keeps its transpose until the weight changes', () => {
    const weight = denseWeight(tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]));
    const x = tf.tensor2d([1, 10], [1, 2]);
    expect(values(ops.linear(x, weight))).toEqual([21, 43, 65]);
    expect(weight.transposed()).toBe(weight.transposed());
    weight.assign(tf.tensor2d([0, 1, 1, 0, 1, 1], [3, 2]));
    expect(values(ops.linear(x, weight))).toEqual([10, 1, 11]);
    weight.dispose();
  });

  test('cross entropy and token losses agree with the definition, far from zero too', () => {
    const rows = [
      [1, 2, 3],
      [300, -300, 299],
    ];
    const targets = [2, 2];
    const expected = rows.map((row, i) => {
      const most = Math.max(...row);
      return most + Math.log(row.reduce((sum, x) => sum + Math.exp(x - most), 0)) - (row[targets[i] as number] as number);
    });
    const logits = tf.tensor2d(rows);
    const ids = tf.tensor1d(targets, 'int32');
    expect(greatestDifference(values(ops.tokenLosses(logits, ids)), expected)).toBeLessThan(1e-5);
    expect(values(ops.crossEntropy(logits, ids))[0]).toBeCloseTo((expected[0]! + expected[1]!) / 2, 5);
  });

  test('RMSNorm and SwiGLU agree with their formulas', () => {
    const x = [3, -4, 0, 5];
    const inverse = 1 / Math.sqrt(50 / 4 + 1e-5);
    const norm = ops.rmsNorm(tf.tensor2d(x, [1, 4]), handle(tf.tensor1d([1, 2, 3, 4])), 1e-5);
    expect(
      greatestDifference(
        values(norm),
        x.map((value, i) => value * inverse * (i + 1)),
      ),
    ).toBeLessThan(1e-5);
    const silu = (g: number) => g / (1 + Math.exp(-g));
    const gated = ops.swiglu(tf.tensor2d([[1, -2]]), tf.tensor2d([[3, 5]]));
    expect(greatestDifference(values(gated), [3 * silu(1), 5 * silu(-2)])).toBeLessThan(1e-5);
  });

  test('RoPE turns pairs (i, i + d/2) and keeps q . k a function of the distance', () => {
    const config = tinyConfig({ headDim: 4, ropeTheta: 100 });
    const turned = (vector: number[], position: number) => {
      const { cos, sin } = ropeTables(config, position, 1);
      return values(ops.rope(tf.tensor(vector, [1, 1, 1, 4]), cos, sin));
    };
    const at3 = turned([1, 0, 0, 0], 3);
    expect(greatestDifference(at3, [Math.cos(3), 0, Math.sin(3), 0])).toBeLessThan(1e-6);
    expect(greatestDifference(turned([0, 1, 0, 0], 3), [0, Math.cos(0.3), 0, Math.sin(0.3)])).toBeLessThan(1e-6);
    const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
    const [q, k] = [
      [0.3, -1, 2, 0.5],
      [1, 0.7, -0.2, 1.5],
    ] as const;
    expect(dot(turned([...q], 9), turned([...k], 4))).toBeCloseTo(dot(turned([...q], 5), turned([...k], 0)), 5);
  });
});
