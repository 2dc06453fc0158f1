/** Numbers that move and do not change: shapes, slices, transposes, joining, looking up, filling. */
import { LoupeError } from '../../../core/errors';
import * as tf from '../../../core/tf';
import type { LoupeBackend } from '../backend';
import { kernel, lacks, sizeOf } from '../registry';
import { onlyFloats } from './elementwise';

const unit = 16384;
const mostAxes = 6;

kernel(tf.Identity, ({ inputs, backend }) => backend.share(inputs.x!));

kernel(tf.Reshape, ({ inputs, attrs, backend }) => {
  const x = inputs.x!;
  const size = sizeOf(x.shape);
  const shape = tf.util.inferFromImplicitShape(attrs.shape, size);
  if (sizeOf(shape) !== size) throw new LoupeError('internal', { detail: `shape ${x.shape} cannot become ${shape}` });
  return backend.share(x, shape);
});

kernel(tf.ExpandDims, ({ inputs, attrs, backend }) => {
  const x = inputs.input!;
  const shape = x.shape.slice();
  tf.util.assert(
    -(shape.length + 1) <= attrs.dim && attrs.dim <= shape.length,
    () => `Axis must be in the interval [${-(shape.length + 1)}, ${shape.length}]`,
  );
  shape.splice(attrs.dim < 0 ? x.shape.length + attrs.dim + 1 : attrs.dim, 0, 1);
  return backend.share(x, shape);
});

// ---- along strides

/** An axis of a result: its size, and how far apart its numbers are in what is read. */
interface Axis {
  readonly size: number;
  readonly stride: number;
}

function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  for (let axis = shape.length - 1, stride = 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] as number;
  }
  return strides;
}

/** Reads the axes (from the first to the last) from `from`, and writes their rows `apart` numbers from each other. */
function copy(backend: LoupeBackend, from: number, to: number, axes: readonly Axis[], apart?: number): void {
  const joined: Axis[] = [];
  for (const axis of axes) {
    const last = joined[joined.length - 1];
    // Never across the border between a row and those around it, when the rows are apart in the result.
    const mayJoin = apart === undefined || axis !== axes[axes.length - 1];
    if (axis.size === 1 && mayJoin) continue;
    if (last && mayJoin && last.stride === axis.size * axis.stride)
      joined[joined.length - 1] = { size: last.size * axis.size, stride: axis.stride };
    else joined.push(axis);
  }
  const row = joined.pop() ?? { size: 1, stride: 1 };
  const rows = joined.reduce((product, { size }) => product * size, 1);
  if (rows * row.size === 0) return;
  const outer = joined.length;
  // Matrices whose rows become columns.
  const [before, turned] = [joined[outer - 2], joined[outer - 1]];
  if (
    apart === undefined &&
    turned?.stride === 1 &&
    row.stride === turned.size &&
    (outer === 1 || (outer === 2 && before?.stride === turned.size * row.size))
  ) {
    const count = before?.size ?? 1;
    const height = Math.max(4, Math.floor(unit / turned.size / 4) * 4);
    const pieces = Math.ceil(row.size / height);
    const of = Math.max(1, Math.floor(unit / (row.size * turned.size)));
    backend.run('transposeMatrices', Math.ceil((count * pieces) / of), [from, to, count, row.size, turned.size, height, of]);
    return;
  }
  if (outer > mostAxes) throw new LoupeError('internal', { detail: `too many axes to move: ${axes.length}` });
  const of = Math.max(1, Math.floor(unit / row.size));
  backend.run('strided', Math.ceil(rows / of), [
    ...[from, to, rows, row.size, row.stride, of, outer, apart ?? row.size],
    ...joined.flatMap(({ size, stride }) => [size, stride]),
  ]);
}

function onlyWords(name: string, x: tf.TensorInfo): void {
  if (x.dtype !== 'int32') onlyFloats(name, x);
}

export function transposed(backend: LoupeBackend, x: tf.TensorInfo, order: readonly number[]): tf.TensorInfo {
  const strides = stridesOf(x.shape);
  const axes = order.map((axis) => ({ size: x.shape[axis] as number, stride: strides[axis] as number }));
  const out = backend.output(
    axes.map(({ size }) => size),
    x.dtype,
  );
  copy(backend, backend.address(x), backend.address(out), axes);
  return out;
}

kernel(tf.Transpose, ({ inputs, attrs, backend }) => {
  onlyWords(tf.Transpose, inputs.x!);
  return transposed(backend, inputs.x!, attrs.perm);
});

function sliced(backend: LoupeBackend, x: tf.TensorInfo, begin: readonly number[], size: readonly number[]): tf.TensorInfo {
  const strides = stridesOf(x.shape);
  const out = backend.output(size, x.dtype);
  const from = begin.reduce((sum, start, axis) => sum + start * (strides[axis] as number), 0);
  const axes = size.map((length, axis) => ({ size: length, stride: strides[axis] as number }));
  copy(backend, backend.address(x) + from * 4, backend.address(out), axes);
  return out;
}

kernel(tf.Slice, ({ inputs, attrs, backend }) => {
  const x = inputs.x!;
  onlyWords(tf.Slice, x);
  const [begin, size] = tf.slice_util.parseSliceParams(x as tf.Tensor, attrs.begin, attrs.size) as [number[], number[]];
  tf.slice_util.assertParamsValid(x as tf.Tensor, begin, size);
  return sliced(backend, x, begin, size);
});

kernel(tf.SplitV, ({ inputs, attrs, backend }) => {
  const x = inputs.x!;
  onlyWords(tf.SplitV, x);
  const axis = tf.util.parseAxisParam(attrs.axis, x.shape)[0] as number;
  const begin = new Array<number>(x.shape.length).fill(0);
  return tf.backend_util.prepareSplitSize(x as tf.Tensor, attrs.numOrSizeSplits, axis).map((length) => {
    const size = x.shape.slice();
    size[axis] = length;
    const part = sliced(backend, x, begin, size);
    begin[axis] = (begin[axis] as number) + length;
    return part;
  });
});

function joined(backend: LoupeBackend, parts: readonly tf.TensorInfo[], axis: number): tf.TensorInfo {
  const first = parts[0]!;
  const shape = tf.backend_util.computeOutShape(
    parts.map((part) => part.shape),
    axis,
  );
  const out = backend.output(shape, first.dtype);
  const inner = sizeOf(shape.slice(axis));
  const rows = sizeOf(shape.slice(0, axis));
  let to = backend.address(out);
  for (const part of parts) {
    onlyWords(tf.Concat, part);
    const length = sizeOf(part.shape.slice(axis));
    const axes = [
      { size: rows, stride: length },
      { size: length, stride: 1 },
    ];
    copy(backend, backend.address(part), to, axes, inner);
    to += length * 4;
  }
  return out;
}

kernel(tf.Concat, ({ inputs, attrs, backend }) => {
  const parts = Object.values(inputs);
  const axis = tf.util.parseAxisParam(attrs.axis, parts[0]!.shape)[0] as number;
  const shapes = parts.map((part) => part.shape);
  tf.backend_util.assertParamsConsistent(shapes, axis);
  return joined(backend, parts, axis);
});

kernel(tf.Pack, ({ inputs, attrs, backend }) => {
  const axis: number = attrs.axis;
  const first = inputs[0] as tf.TensorInfo;
  for (const { shape } of Object.values(inputs)) {
    tf.util.assertShapesMatch(shape, first.shape, 'All tensors passed to stack must have matching shapes');
  }
  const parts = Object.values(inputs).map((part) => ({ ...part, shape: [...part.shape.slice(0, axis), 1, ...part.shape.slice(axis)] }));
  return joined(backend, parts, axis);
});

kernel(tf.Unpack, ({ inputs, attrs, backend }) => {
  const x = inputs.value!;
  onlyWords(tf.Unpack, x);
  const axis: number = attrs.axis < 0 ? attrs.axis + x.shape.length : attrs.axis;
  const size = x.shape.slice();
  size[axis] = 1;
  return Array.from({ length: x.shape[axis] as number }, (_, i) => {
    const part = sliced(
      backend,
      x,
      x.shape.map((__, other) => (other === axis ? i : 0)),
      size,
    );
    return { ...part, shape: x.shape.filter((__, other) => other !== axis) };
  });
});

kernel(tf.Tile, ({ inputs, attrs, backend }) => {
  const x = inputs.x!;
  onlyWords(tf.Tile, x);
  const strides = stridesOf(x.shape);
  const repeats = attrs.reps as number[];
  const out = backend.output(
    x.shape.map((size, axis) => size * (repeats[axis] as number)),
    x.dtype,
  );
  const axes = x.shape.flatMap((size, axis) => [
    { size: repeats[axis] as number, stride: 0 },
    { size, stride: strides[axis] as number },
  ]);
  copy(backend, backend.address(x), backend.address(out), axes);
  return out;
});

// ---- by id

kernel(tf.GatherV2, ({ inputs, attrs, backend }) => {
  const { x, indices } = inputs as { x: tf.TensorInfo; indices: tf.TensorInfo };
  onlyWords(tf.GatherV2, x);
  const axis = tf.util.parseAxisParam(attrs.axis, x.shape)[0] as number;
  // Throws where the shapes do not fit.
  tf.backend_util.segment_util.collectGatherOpShapeInfo(x, indices, axis, attrs.batchDims ?? 0);
  if (attrs.batchDims) throw lacks(`${tf.GatherV2} with batchDims`);
  const size = x.shape[axis] as number;
  const count = sizeOf(indices.shape);
  for (const id of backend.view(indices)) {
    if (!(id >= 0 && id < size)) throw new Error(`${tf.GatherV2}: the index value ${id} is not in [0, ${size - 1}]`);
  }
  const [outer, inner] = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis + 1))];
  const out = backend.output([...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)], x.dtype);
  const of = Math.max(1, Math.floor(unit / Math.max(1, inner)));
  const units = inner === 0 ? 0 : Math.ceil((outer * count) / of);
  backend.run('gather', units, [...[backend.address(x), backend.address(indices), backend.address(out), outer, size, count, inner, of]]);
  return out;
});

kernel(tf.ScatterNd, ({ inputs, attrs, backend }) => {
  const { indices, updates } = inputs as { indices: tf.TensorInfo; updates: tf.TensorInfo };
  onlyFloats(tf.ScatterNd, updates);
  const shape = attrs.shape as number[];
  const { sliceRank: depth, sliceSize: columns, numUpdates: count } = tf.backend_util.calculateShapes(updates, indices, shape);
  const out = filled(backend, shape, 'float32', 0);
  const strides = stridesOf(shape.slice(0, depth));
  const rows = backend.allocate(count * 4);
  try {
    const flat = new Int32Array(backend.buffer, rows, count);
    const ids = backend.view(indices);
    for (let i = 0; i < count; i++) {
      let row = 0;
      for (let axis = 0; axis < depth; axis++) {
        const id = ids[i * depth + axis] as number;
        if (!(id >= 0 && id < (shape[axis] as number)))
          throw new Error(`${tf.ScatterNd}: the index value ${id} is not in [0, ${(shape[axis] as number) - 1}]`);
        row += id * (strides[axis] as number);
      }
      flat[i] = row;
    }
    const of = Math.max(16, Math.ceil(unit / Math.max(1, count) / 16) * 16);
    backend.run('scatterAdd', Math.ceil(columns / of), [backend.address(updates), rows, backend.address(out), count, columns, of]);
  } finally {
    backend.free(rows);
  }
  return out;
});

// ---- filling

function filled(backend: LoupeBackend, shape: readonly number[], dtype: tf.DataType, value: number): tf.TensorInfo {
  const out = backend.output(shape, dtype);
  backend.view(out).fill(value);
  return out;
}

kernel(tf.Fill, ({ attrs, backend }) => filled(backend, attrs.shape, attrs.dtype ?? 'float32', attrs.value));
kernel(tf.ZerosLike, ({ inputs, backend }) => filled(backend, inputs.x!.shape, inputs.x!.dtype, 0));
kernel(tf.OnesLike, ({ inputs, backend }) => filled(backend, inputs.x!.shape, inputs.x!.dtype, 1));

kernel(tf.Range, ({ attrs, backend }) => {
  const { start, stop, dtype } = attrs as { start: number; stop: number; dtype: 'float32' | 'int32' };
  // 1 is also what is meant where no step is given: then down to a stop below the start.
  const step: number = attrs.step === 1 && stop < start ? -1 : attrs.step;
  const length = Math.max(0, Math.ceil((stop - start) / step));
  const out = backend.output([length], dtype ?? 'float32');
  const values = backend.view(out);
  // Added up as tfjs does, so that the same rounding is seen.
  for (let i = 0, value = start; i < length; i++, value = (values[i - 1] as number) + step) values[i] = value;
  return out;
});

kernel(tf.Cast, ({ inputs, attrs, backend }) => {
  const x = inputs.x!;
  if (x.dtype === attrs.dtype) return backend.share(x);
  const out = backend.output(x.shape, attrs.dtype);
  const [from, to] = [backend.view(x), backend.view(out)];
  for (let i = 0; i < from.length; i++) {
    const value = from[i] as number;
    to[i] = attrs.dtype === 'bool' ? (value ? 1 : 0) : value;
  }
  return out;
});

kernel(tf.OneHot, ({ inputs, attrs, backend }) => {
  const indices = inputs.indices!;
  const { depth, onValue, offValue, dtype } = attrs as { depth: number; onValue: number; offValue: number; dtype?: tf.DataType };
  const out = filled(backend, [...indices.shape, depth], dtype ?? 'float32', offValue);
  const values = backend.view(out);
  backend.view(indices).forEach((id, i) => {
    if (id >= 0 && id < depth) values[i * depth + id] = onValue;
  });
  return out;
});
