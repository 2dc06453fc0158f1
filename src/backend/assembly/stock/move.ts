// Moving numbers of four bytes, whatever they mean.
import { at, int, pointer } from '../args';
import { transpose4 } from '../gemm';
import { vAdd, vLoad, vLoadPart, vStore, vStorePart, W } from '../vector';

/** Rows are short: a loop of our own costs less than a call of `memory.copy`. */
// @ts-ignore: decorator
@inline
function copyRow(out: usize, x: usize, n: i32): void {
  if (n > 1024) {
    memory.copy(out, x, (<usize>n) << 2);
    return;
  }
  let i = 0;
  for (; i + W <= n; i += W) vStore(at(out, i), vLoad(at(x, i)));
  for (; i < n; i++) store<u32>(at(out, i), load<u32>(at(x, i)));
}

/**
 * Reads x along strides: slices, transposes, repeats. x, out, rows, columns, stride of x along a row, rows of a unit, number of axes that make the
 * rows (0 .. 6), stride of out from row to row, then for each axis: size, stride in x.
 */
export function strided(args: usize, begin: i32, end: i32): void {
  const columns = int(args, 3);
  const stride = int(args, 4);
  const share = int(args, 5);
  const axes = int(args, 6);
  const apart = int(args, 7);
  const last = min(int(args, 2), end * share);
  for (let row = begin * share; row < last; row++) {
    let from = 0;
    let rest = row;
    for (let axis = axes - 1; axis >= 0; axis--) {
      const size = int(args, 8 + 2 * axis);
      from += (rest % size) * int(args, 9 + 2 * axis);
      rest /= size;
    }
    const x = at(pointer(args, 0), from);
    const out = at(pointer(args, 1), row * apart);
    if (stride == 1) copyRow(out, x, columns);
    else for (let i = 0; i < columns; i++) store<u32>(at(out, i), load<u32>(at(x, i * stride)));
  }
}

/** Each of `count` matrices [rows, columns] -> [columns, rows]. A piece is some rows of one, a multiple of four; a unit is some pieces. x, out, count, rows, columns, rows of a piece, pieces of a unit. */
export function transposeMatrices(args: usize, begin: i32, end: i32): void {
  const rows = int(args, 3);
  const columns = int(args, 4);
  const height = int(args, 5);
  const pieces = (rows + height - 1) / height;
  const share = int(args, 6);
  const end1 = min(int(args, 2) * pieces, end * share);
  for (let piece = begin * share; piece < end1; piece++) {
    const matrix = (piece / pieces) * rows * columns;
    const first = (piece % pieces) * height;
    const last = min(rows, first + height);
    for (let i = first; i < last; i += 4) transposeRows(pointer(args, 0), pointer(args, 1), matrix, i, min(4, last - i), rows, columns);
  }
}

/** Up to four rows. */
function transposeRows(from: usize, to: usize, matrix: i32, i: i32, height: i32, rows: i32, columns: i32): void {
  const x = at(from, matrix + i * columns);
  const out = at(to, matrix + i);
  let j = 0;
  if (ASC_FEATURE_SIMD) {
    if (height == 4) for (; j + 4 <= columns; j += 4) transpose4(at(x, j), columns, at(out, j * rows), rows);
  }
  for (; j < columns; j++) {
    for (let r = 0; r < height; r++) store<u32>(at(out, j * rows + r), load<u32>(at(x, r * columns + j)));
  }
}

/** out [outer, ids, inner] = x [outer, axis, inner] at the ids. x, ids (i32), out, outer, axis, ids, inner, rows of a unit. */
export function gather(args: usize, begin: i32, end: i32): void {
  const axis = int(args, 4);
  const count = int(args, 5);
  const inner = int(args, 6);
  const share = int(args, 7);
  const last = min(int(args, 3) * count, end * share);
  for (let row = begin * share; row < last; row++) {
    const id = load<i32>(at(pointer(args, 1), row % count));
    const x = at(pointer(args, 0), ((row / count) * axis + id) * inner);
    const out = at(pointer(args, 2), row * inner);
    copyRow(out, x, inner);
  }
}

/** Adds rows [count, columns] into those of out [.., columns] that the ids name, in their order. A unit is some columns. x, ids, out, count, columns, columns of a unit. */
export function scatterAdd(args: usize, begin: i32, end: i32): void {
  const count = int(args, 3);
  const columns = int(args, 4);
  const share = int(args, 5);
  const from = begin * share;
  const n = min(columns, end * share) - from;
  for (let row = 0; row < count; row++) {
    const x = at(pointer(args, 0), row * columns + from);
    const out = at(pointer(args, 2), load<i32>(at(pointer(args, 1), row)) * columns + from);
    let i = 0;
    for (; i + W <= n; i += W) vStore(at(out, i), vAdd(vLoad(at(out, i)), vLoad(at(x, i))));
    if (i < n) vStorePart(at(out, i), vAdd(vLoadPart(at(out, i), n - i), vLoadPart(at(x, i), n - i)), n - i);
  }
}
