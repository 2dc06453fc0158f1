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
  /** B is all of this tensor, which is likely to be multiplied with again. */
  readonly weight?: object;
  /** Adds to what is in C. */
  readonly add?: boolean;
  /** Products one after another: numbers from one A (B) to the next, 0 for one that all share. */
  readonly batch?: number;
  readonly strideA?: number;
  readonly strideB?: number;
}

/** B [k, n] (or, transposed, [n, k]) in the order in which products read it. */
function pack(backend: LoupeBackend, { b, k, n, transposeB }: Product, packed: number, beside: boolean): void {
  const share = panelsOfUnit(k);
  const units = Math.ceil(panelsOf(n) / share);
  backend.run('packPanels', units, [b, packed, k, n, transposeB ? 1 : 0, transposeB ? k : n, share], [], beside);
}

const panelsOf = (n: number) => Math.ceil(n / tileColumns);
const packedBytes = ({ k, n }: Product) => panelsOf(n) * tileColumns * k * 4;

/**
 * Products of a batch of 1 in rounds: those of one round need none of each other's results and are done side by side. What they
 * read is packed before the first round: once where several read the same, and not again where it is a weight that is kept so. All
 * results are allocated before.
 */
export function multiplyAll(backend: LoupeBackend, rounds: readonly (readonly Product[])[]): void {
  backend.packs.holding(() => {
    const all = new Map<string, Panels>();
    const key = ({ b, k, n, transposeB }: Product) => `${b} ${k} ${n} ${transposeB === true}`;
    try {
      for (const product of rounds.flat()) {
        if (isEmpty(product) || narrow(product) || all.has(key(product))) continue;
        all.set(key(product), panelsFor(backend, product));
      }
      let beside = false;
      for (const panels of all.values()) {
        if (panels.filled) continue;
        pack(backend, panels.product, panels.at, beside);
        panels.filled = true;
        beside = true;
      }
      for (const round of rounds) {
        beside = false;
        for (const product of round) {
          if (isEmpty(product)) continue;
          const call = narrow(product) ?? blocks(product, all.get(key(product))?.at as number);
          backend.run(call.kernel, call.units, call.ints, [], beside);
          beside = true;
        }
      }
    } finally {
      for (const { at, product, kept, filled } of all.values()) {
        if (!kept) backend.free(at);
        else if (!filled) backend.packs.changed(product.weight as object);
      }
    }
  });
}

/** Where the panels of a right operand are, or will be. */
interface Panels {
  readonly product: Product;
  readonly at: number;
  readonly kept: boolean;
  filled: boolean;
}

function panelsFor(backend: LoupeBackend, product: Product): Panels {
  const { weight, k, n, transposeB = false } = product;
  const how = `${k} ${n} ${transposeB}`;
  const known = weight && backend.packs.find(weight, how);
  if (known !== undefined) return { product, at: known, kept: true, filled: true };
  const kept = weight ? backend.packs.keep(weight, how, packedBytes(product)) : null;
  return { product, at: kept ?? backend.allocate(packedBytes(product)), kept: kept !== null, filled: false };
}

interface Run {
  readonly kernel: string;
  readonly units: number;
  readonly ints: number[];
}

const isEmpty = ({ m, n, batch = 1 }: Product) => m === 0 || n === 0 || batch === 0;

/** So few rows that B is read as it is. */
function narrow({ a, b, c, m, k, n, transposeA, transposeB, add, batch = 1 }: Product): Run | null {
  if (batch > 1 || add || k === 0) return null;
  if (transposeB && m < tileRows && (!transposeA || m === 1)) {
    const rows = blockOf(n, 4, 65536 / k);
    return { kernel: 'rowsTimesTransposed', units: Math.ceil(n / rows), ints: [a, b, c, m, k, n, rows] };
  }
  if (!transposeB && m === 1) {
    const columns = blockOf(n, 32, 65536 / k);
    return { kernel: 'rowTimes', units: Math.ceil(n / columns), ints: [a, b, c, k, n, columns] };
  }
  return null;
}

/** The blocks of one product, or of a batch that shares B. */
function blocks(product: Product, packed: number): Run {
  const { m, n, k, transposeA, batch = 1 } = product;
  const { rows, columns } = transposeA ? cutTransposed(m, n) : cut(m, n, k);
  const units = Math.ceil(m / rows) * Math.ceil(n / columns) * batch;
  return { kernel: 'gemm', units, ints: [...argumentsFor(product, packed, rows, columns), 1, units] };
}
/** `packed`: the address of B packed; null: every block packs B for itself. */
function argumentsFor(product: Product, packed: number | null, rows: number, columns: number): number[] {
  const { a, b, c, m, k, n, transposeA, transposeB, add, strideA = 0, strideB = 0 } = product;
  return [
    ...[a, packed ?? b, c, m, k, n, transposeA ? 1 : 0, transposeB ? 1 : 0, transposeA ? m : k, transposeB ? k : n, rows, columns],
    ...[Math.ceil(m / rows), Math.ceil(n / columns), strideA, packed === null ? strideB : 0, m * n, add ? 1 : 0, packed === null ? 0 : 1],
  ];
}

/** C = A . B for each product of the batch, C one after another. */
export function multiply(backend: LoupeBackend, product: Product): void {
  const { a, b, c, m, k, n, batch = 1, strideA = 0, strideB = 0 } = product;
  if (isEmpty(product)) return;
  if (batch === 1) {
    multiplyAll(backend, [[product]]);
    return;
  }
  if (packedBytes(product) + rowsPacked(m, k) <= scratchBytes - 256) {
    // Some products are a unit.
    const each = Math.max(1, Math.floor(leastWork / (m * n * Math.max(1, k))));
    const ints = argumentsFor(product, null, Math.ceil(m / tileRows) * tileRows, panelsOf(n) * tileColumns);
    backend.run('gemm', Math.ceil(batch / each), [...ints, each, batch]);
    return;
  }
  const packed = backend.allocate(packedBytes(product));
  try {
    for (let index = 0; index < (strideB === 0 ? 1 : batch); index++) {
      const one = { ...product, a: a + index * strideA * 4, b: b + index * strideB * 4, c: c + index * m * n * 4 };
      pack(backend, one, packed, false);
      const { kernel, units, ints } = blocks(strideB === 0 ? product : { ...one, batch: 1 }, packed);
      backend.run(kernel, units, ints);
    }
  } finally {
    backend.free(packed);
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
