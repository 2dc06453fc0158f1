/** Matrix products: how they are cut into blocks, and what is packed. The cut follows from the shapes alone. */
import * as tf from '../../../core/tf';
import type { LoupeBackend } from '../backend';
import { scratchBytes } from '../layout';
import { kernel, sizeOf } from '../registry';
import { onlyFloats } from './elementwise';

/** As in `../../assembly/gemm.ts`. */
const tileRows = 6;
const tileColumns = 8;
const deepest = 512;

export interface Product {
  /** Addresses. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** C is [m, n], the products have k terms. */
  readonly m: number;
  readonly k: number;
  readonly n: number;
  /** A is [k, m] in memory, B [n, k]. */
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Adds to what is in C. */
  readonly add?: boolean;
  /** Products one after another: numbers from one A (B) to the next, 0 for one that all share. */
  readonly batch?: number;
  readonly strideA?: number;
  readonly strideB?: number;
  /** B as `pack` made it, for several products; `b` is not read then, and the batch is 1. */
  readonly packed?: number;
}

/** B [k, n] (or, transposed, [n, k]) in the order in which products read it. The caller frees it. */
export function pack(backend: LoupeBackend, b: number, k: number, n: number, transposeB: boolean): number {
  const panels = Math.ceil(n / tileColumns);
  const packed = backend.allocate(panels * tileColumns * k * 4);
  packInto(backend, packed, b, k, n, transposeB);
  return packed;
}

function packInto(backend: LoupeBackend, packed: number, b: number, k: number, n: number, transposeB: boolean): void {
  const share = panelsOfUnit(k);
  const units = Math.ceil(Math.ceil(n / tileColumns) / share);
  backend.run('packPanels', units, [b, packed, k, n, transposeB ? 1 : 0, transposeB ? k : n, share]);
}

/** C = A . B for each product of the batch, C one after another. */
export function multiply(backend: LoupeBackend, product: Product): void {
  const { a, b, c, m, k, n, transposeA = false, transposeB = false, add = false, batch = 1, strideA = 0, strideB = 0 } = product;
  if (m === 0 || n === 0 || batch === 0) return;
  if (batch === 1 && !add && k > 0 && product.packed === undefined) {
    if (transposeB && m < tileRows && (!transposeA || m === 1)) {
      const rows = blockOf(n, 4, 65536 / k);
      backend.run('rowsTimesTransposed', Math.ceil(n / rows), [a, b, c, m, k, n, rows]);
      return;
    }
    if (!transposeB && m === 1) {
      const columns = blockOf(n, 32, 65536 / k);
      backend.run('rowTimes', Math.ceil(n / columns), [a, b, c, k, n, columns]);
      return;
    }
  }
  const panels = Math.ceil(n / tileColumns);
  const packedBytes = panels * tileColumns * k * 4;
  const ints = (packed: number, at: number, rows: number, columns: number, strideOfB: number) => [
    ...[a, at, c, m, k, n, transposeA ? 1 : 0, transposeB ? 1 : 0, transposeA ? m : k, transposeB ? k : n, rows, columns],
    ...[Math.ceil(m / rows), Math.ceil(n / columns), strideA, strideOfB, m * n, add ? 1 : 0, packed],
  ];
  /** `each` blocks are a unit. */
  const run = (all: number[], blocks: number, each: number) => backend.run('gemm', Math.ceil(blocks / each), [...all, each, blocks]);
  const small = batch > 1 && packedBytes + rowsPacked(m, k) <= scratchBytes - 256;
  if (small) {
    const each = Math.max(1, Math.floor(leastWork / (m * n * Math.max(1, k))));
    run(ints(0, b, Math.ceil(m / tileRows) * tileRows, panels * tileColumns, strideB), batch, each);
    return;
  }
  const { rows, columns } = transposeA ? cutTransposed(m, n) : cut(m, n, k);
  const shares = strideB === 0 || batch === 1;
  const packed = product.packed ?? backend.allocate(packedBytes);
  try {
    for (let index = 0; index < (shares ? 1 : batch); index++) {
      if (product.packed === undefined) packInto(backend, packed, b + index * strideB * 4, k, n, transposeB);
      const blocks = Math.ceil(m / rows) * Math.ceil(n / columns);
      const all = ints(1, packed, rows, columns, 0);
      if (!shares) {
        all[0] = a + index * strideA * 4;
        all[2] = c + index * m * n * 4;
      }
      run(all, shares ? blocks * batch : blocks, 1);
    }
  } finally {
    if (product.packed === undefined) backend.free(packed);
  }
}

/** Multiplications that a unit is worth. */
const leastWork = 500_000;

/** Panels that one unit packs. */
const panelsOfUnit = (k: number) => Math.max(1, Math.floor(2048 / Math.max(1, k)));

/** Bytes that a transposed A takes in the working memory of a thread. */
const rowsPacked = (m: number, k: number) => Math.ceil(m / tileRows) * tileRows * Math.min(k, deepest) * 4;

/** A multiple of `step` that makes blocks of about `wanted`. */
function blockOf(size: number, step: number, wanted: number): number {
  return Math.max(1, Math.min(Math.ceil(size / step), Math.round(wanted / step))) * step;
}

/** Blocks large enough to be worth taking, and at least sixteen of them where that can be. */
function cut(m: number, n: number, k: number): { rows: number; columns: number } {
  let rows = Math.min(16, Math.ceil(m / tileRows));
  let columns = Math.min(64, Math.ceil(n / tileColumns));
  const blocks = () => Math.ceil(m / (rows * tileRows)) * Math.ceil(n / (columns * tileColumns));
  const work = () => rows * tileRows * columns * tileColumns * k;
  while (blocks() < 16 && work() > leastWork && (rows > 4 || columns > 4)) {
    if (rows > columns || columns <= 4) rows = Math.ceil(rows / 2);
    else columns = Math.ceil(columns / 2);
  }
  return { rows: rows * tileRows, columns: columns * tileColumns };
}

/** A transposed A is packed by every block anew: so blocks are as wide as C, and low. */
function cutTransposed(m: number, n: number): { rows: number; columns: number } {
  const rows = Math.max(1, Math.min(16, Math.floor(m / tileRows / 16)));
  return { rows: rows * tileRows, columns: Math.min(128, Math.ceil(n / tileColumns)) * tileColumns };
}

kernel(tf.BatchMatMul, ({ inputs, attrs, backend }) => {
  const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
  const a = inputs.a!;
  const b = inputs.b!;
  const [aRows, aColumns] = a.shape.slice(-2) as [number, number];
  const [bRows, bColumns] = b.shape.slice(-2) as [number, number];
  const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [inner, n] = transposeB ? [bColumns, bRows] : [bRows, bColumns];
  onlyFloats(tf.BatchMatMul, a, b);
  tf.util.assert(a.shape.length > 1 && b.shape.length > 1 && k === inner, () => {
    const how = `transposeA=${transposeA} and transposeB=${transposeB}`;
    return `Error in matMul: inner shapes (${k}) and (${inner}) of Tensors with shapes ${a.shape} and ${b.shape} and ${how} must match.`;
  });
  const [aBatch, bBatch] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const shape = tf.broadcast_util.assertAndGetBroadcastShape(aBatch, bBatch);
  const out = backend.output([...shape, m, n]);
  const [atA, atB, atC] = [backend.address(a), backend.address(b), backend.address(out)];
  const [countA, countB, count] = [sizeOf(aBatch), sizeOf(bBatch), sizeOf(shape)];
  const how = { m, k, n, transposeA, transposeB };
  if (countB === 1 && countA === count && !transposeA) {
    // Rows of all products under each other.
    multiply(backend, { ...how, a: atA, b: atB, c: atC, m: count * m });
  } else if ((countA === count || countA === 1) && (countB === count || countB === 1)) {
    const [strideA, strideB] = [countA === 1 ? 0 : m * k, countB === 1 ? 0 : k * n];
    multiply(backend, { ...how, a: atA, b: atB, c: atC, batch: count, strideA, strideB });
  } else {
    // Both repeat, along different axes.
    const indexA = repeated(aBatch, shape);
    const indexB = repeated(bBatch, shape);
    for (let i = 0; i < count; i++) {
      multiply(backend, { ...how, a: atA + indexA(i) * m * k * 4, b: atB + indexB(i) * k * n * 4, c: atC + i * m * n * 4 });
    }
  }
  return out;
});

/** Where entry i of `to` is found in `from`, which repeats along axes of 1 and those it lacks. */
function repeated(from: readonly number[], to: readonly number[]): (i: number) => number {
  return (i) => {
    let index = 0;
    let stride = 1;
    for (let axis = to.length - 1, rest = i; axis >= 0; axis--) {
      const size = from[axis - to.length + from.length] ?? 1;
      if (size > 1) index += (rest % (to[axis] as number)) * stride;
      stride *= size;
      rest = Math.floor(rest / (to[axis] as number));
    }
    return index;
  };
}
