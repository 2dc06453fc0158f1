/** Functions of one tensor or of two, number by number, where shapes repeat along axes of 1 (broadcasting). */
import { LoupeError } from '../../../core/errors';
import * as tf from '../../../core/tf';
import type { LoupeBackend } from '../backend';
import { kernel, lacks, sizeOf } from '../registry';

/** As in `../../assembly/stock/elementwise.ts`. */
const block = 16384;
const mostAxes = 4;

const unary = {
  Exp: 'exp',
  Log: 'log',
  Sqrt: 'sqrt',
  Rsqrt: 'rsqrt',
  Neg: 'neg',
  Abs: 'abs',
  Square: 'square',
  Sigmoid: 'sigmoid',
  Tanh: 'tanh',
  Relu: 'relu',
  Reciprocal: 'reciprocal',
  Floor: 'floor',
  Ceil: 'ceil',
  Round: 'round',
};
for (const [name, own] of Object.entries(unary)) {
  kernel(name, ({ inputs, backend }) => {
    const x = inputs.x!;
    onlyFloats(name, x);
    const out = backend.output(x.shape);
    const size = sizeOf(x.shape);
    backend.run(own, Math.ceil(size / block), [backend.address(x), backend.address(out), size]);
    return out;
  });
}

const binary: Record<string, { own: string; ofInts?: (a: number, b: number) => number }> = {
  Add: { own: 'add', ofInts: (a, b) => a + b },
  Sub: { own: 'sub', ofInts: (a, b) => a - b },
  Multiply: { own: 'mul', ofInts: Math.imul },
  RealDiv: { own: 'div' },
  Maximum: { own: 'maximum', ofInts: Math.max },
  Minimum: { own: 'minimum', ofInts: Math.min },
  SquaredDifference: { own: 'squaredDifference', ofInts: (a, b) => Math.imul(a - b, a - b) },
};
for (const [name, { own, ofInts }] of Object.entries(binary)) {
  kernel(name, ({ inputs, backend }) => {
    const { a, b } = inputs as { a: tf.TensorInfo; b: tf.TensorInfo };
    if (ofInts && a.dtype === 'int32' && b.dtype === 'int32') return integers(backend, a, b, ofInts);
    onlyFloats(name, a, b);
    return floats(backend, own, a, b);
  });
}

kernel(tf.AddN, ({ inputs, backend }) => {
  const [first, second, ...others] = Object.values(inputs) as [tf.TensorInfo, ...tf.TensorInfo[]];
  onlyFloats(tf.AddN, ...Object.values(inputs));
  if (!second) return backend.share(first);
  let sum = floats(backend, 'add', first, second);
  for (const other of others) {
    const next = floats(backend, 'add', sum, other);
    backend.disposeData(sum.dataId);
    sum = next;
  }
  return sum;
});

/** What has no kernel for a type says so. */
export function onlyFloats(name: string, ...tensors: tf.TensorInfo[]): void {
  for (const { dtype } of tensors) {
    if (dtype !== 'float32') throw lacks(`${name} of ${dtype}`);
  }
}

function floats(backend: LoupeBackend, own: string, a: tf.TensorInfo, b: tf.TensorInfo): tf.TensorInfo {
  const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const out = backend.output(shape);
  const size = sizeOf(shape);
  if (size === 0) return out;
  const [columns, ...axes] = commonAxes(shape, a.shape, b.shape);
  const { size: along, a: goesA, b: goesB } = columns as Axis;
  if (axes.length > mostAxes) throw new LoupeError('internal', { detail: `shapes ${a.shape} and ${b.shape} are too mixed` });
  const rows = size / along;
  const columnsOfUnit = Math.min(along, block);
  const rowsOfUnit = along < block ? Math.max(1, Math.floor(block / along)) : 1;
  const units = Math.ceil(along / columnsOfUnit) * Math.ceil(rows / rowsOfUnit);
  backend.run(own, units, [
    ...[backend.address(a), backend.address(b), backend.address(out), rows, along, goesA, goesB, rowsOfUnit, columnsOfUnit, axes.length],
    ...axes.reverse().flatMap((axis) => [axis.size, axis.a, axis.b]),
  ]);
  return out;
}

interface Axis {
  size: number;
  /** Strides, 0 where the tensor repeats. */
  a: number;
  b: number;
}

/** The axes of a result from the last to the first, neighbours that both tensors go through in the same manner joined. */
function commonAxes(shape: readonly number[], a: readonly number[], b: readonly number[]): Axis[] {
  const axes: Axis[] = [];
  let strideA = 1;
  let strideB = 1;
  for (let back = 1; back <= shape.length; back++) {
    const size = shape[shape.length - back] as number;
    const ofA = a[a.length - back] ?? 1;
    const ofB = b[b.length - back] ?? 1;
    if (size === 1) continue;
    const axis = { size, a: ofA === 1 ? 0 : strideA, b: ofB === 1 ? 0 : strideB };
    strideA *= ofA;
    strideB *= ofB;
    const last = axes[axes.length - 1];
    const continues = (inner: number, outer: number, length: number) => (inner === 0 ? outer === 0 : outer === inner * length);
    if (last && continues(last.a, axis.a, last.size) && continues(last.b, axis.b, last.size)) last.size *= size;
    else axes.push(axis);
  }
  return axes.length ? axes : [{ size: 1, a: 0, b: 0 }];
}

/** Whole numbers are few (ids and places): a loop will do. */
function integers(backend: LoupeBackend, a: tf.TensorInfo, b: tf.TensorInfo, f: (a: number, b: number) => number): tf.TensorInfo {
  const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const out = backend.output(shape, 'int32');
  const [from, to, into] = [backend.view(a), backend.view(b), backend.view(out)];
  const axes = commonAxes(shape, a.shape, b.shape);
  for (let i = 0; i < into.length; i++) {
    let rest = i;
    let [atA, atB] = [0, 0];
    for (const axis of axes) {
      const step = rest % axis.size;
      rest = (rest - step) / axis.size;
      atA += step * axis.a;
      atB += step * axis.b;
    }
    into[i] = f(from[atA] as number, to[atB] as number);
  }
  return out;
}
