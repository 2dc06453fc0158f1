/** Sums, means, extremes and softmax. What is not at the end of a shape is moved there first. */
import * as tf from '../../../core/tf';
import type { LoupeBackend } from '../backend';
import { kernel, sizeOf } from '../registry';
import { onlyFloats } from './elementwise';
import { transposed } from './move';

/** Numbers that a unit reads. */
const unit = 16384;

const reductions = { Sum: 'sumRows', Mean: 'sumRows', Max: 'maxRows', Min: 'minRows' };
const attributes = { Sum: 'axis', Mean: 'axis', Max: 'reductionIndices', Min: 'axis' };

for (const [name, own] of Object.entries(reductions) as [keyof typeof reductions, string][]) {
  kernel(name, ({ inputs, attrs, backend }) => {
    const x = inputs.x!;
    onlyFloats(name, x);
    const axes = tf.util.parseAxisParam(attrs[attributes[name]] ?? attrs.axis ?? attrs.reductionIndices, x.shape);
    const [kept, reduced] = tf.backend_util.computeOutAndReduceShapes(x.shape, axes);
    const shape = attrs.keepDims ? tf.backend_util.expandShapeToKeepDim(kept, axes) : kept;
    const columns = sizeOf(reduced);
    return withLast(backend, x, axes, (rows) =>
      reduceRows(backend, own, backend.address(rows), sizeOf(kept), columns, shape, name === 'Mean' ? 1 / columns : 1),
    );
  });
}

/** Long rows in pieces, whose results are then joined in order. */
function reduceRows(
  backend: LoupeBackend,
  own: string,
  x: number,
  rows: number,
  columns: number,
  shape: number[],
  factor: number,
): tf.TensorInfo {
  const out = backend.output(shape);
  const pieces = Math.max(1, Math.ceil(columns / unit));
  const of = Math.max(1, Math.floor(unit / Math.max(1, columns)));
  const reduce = (from: number, to: number, width: number, length: number, count: number, scale: number) =>
    backend.run(own, Math.ceil((rows * count) / of), [from, to, rows, width, length, count, of], [scale]);
  if (pieces === 1) reduce(x, backend.address(out), columns, columns, 1, factor);
  else {
    const partial = backend.allocate(rows * pieces * 4);
    reduce(x, partial, columns, unit, pieces, 1);
    reduce(partial, backend.address(out), pieces, pieces, 1, factor);
    backend.free(partial);
  }
  return out;
}

for (const [name, least] of [
  [tf.ArgMax, 0],
  [tf.ArgMin, 1],
] as const) {
  kernel(name, ({ inputs, attrs, backend }) => {
    const x = inputs.x!;
    onlyFloats(name, x);
    const axes = tf.util.parseAxisParam(attrs.axis, x.shape);
    const [kept, reduced] = tf.backend_util.computeOutAndReduceShapes(x.shape, axes);
    const [rows, columns] = [sizeOf(kept), sizeOf(reduced)];
    const of = Math.max(1, Math.floor(unit / Math.max(1, columns)));
    return withLast(backend, x, axes, (moved) => {
      const out = backend.output(kept, 'int32');
      if (columns > 0)
        backend.run('argRows', Math.ceil(rows / of), [backend.address(moved), backend.address(out), rows, columns, least, of]);
      return out;
    });
  });
}

for (const [name, own] of [
  [tf.Softmax, 'softmax'],
  [tf.LogSoftmax, 'logSoftmax'],
] as const) {
  kernel(name, ({ inputs, backend }) => {
    const x = inputs.logits!;
    onlyFloats(name, x);
    const out = backend.output(x.shape);
    const columns = x.shape[x.shape.length - 1] ?? 1;
    const rows = columns === 0 ? 0 : sizeOf(x.shape) / columns;
    const of = Math.max(1, Math.floor(4096 / Math.max(1, columns)));
    backend.run(own, Math.ceil(rows / of), [backend.address(x), backend.address(out), rows, columns, of]);
    return out;
  });
}

/** Runs `work` on x with these axes last, in memory too. */
function withLast(backend: LoupeBackend, x: tf.TensorInfo, axes: number[], work: (x: tf.TensorInfo) => tf.TensorInfo): tf.TensorInfo {
  const order = tf.backend_util.getAxesPermutation(axes, x.shape.length);
  if (!order) return work(x);
  const moved = transposed(backend, x, order);
  const out = work(moved);
  backend.disposeData(moved.dataId);
  return out;
}
