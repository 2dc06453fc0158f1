// Matrix products: C = A . B, or C += A . B, with A or B as they are or transposed, one product or a batch.
// B is packed into panels of 8 columns (rows of 8 numbers, K of them, one after the other, columns beyond the last are 0), so
// that the innermost loop reads it straight on; a transposed A is packed likewise, 6 rows at a time. C is done in tiles of
// 6 x 8: twelve vectors of sums stay in registers (Goto & van de Geijn 2008).
import { at, int, pointer } from './args';
import { scratch, scratchBytes } from './scratch';
import { V, vAdd, vLoad, vLoadSplat, vMadd, vMul, vSplat, vStore } from './vector';

const MR: i32 = 6;
const NR: i32 = 8;
/** Depth of one pass over the tiles: 6 rows of A and 8 columns of B of this depth fit into the first-level cache. */
const KC: i32 = 512;
/** One tile, for what sticks out of C, at the end of the working memory. */
const tileAt: usize = scratchBytes - 256;

/** Packs columns of B [K, N] (or, transposed, [N, K]) into panels. A unit is some panels. b, out, k, n, transposed, row stride of b, panels of a unit. */
export function packPanels(args: usize, begin: i32, end: i32): void {
  const b = pointer(args, 0);
  const out = pointer(args, 1);
  const k = int(args, 2);
  const n = int(args, 3);
  const transposed = int(args, 4) != 0;
  const stride = int(args, 5);
  const share = int(args, 6);
  const last = min((n + NR - 1) / NR, end * share);
  for (let panel = begin * share; panel < last; panel++) packPanel(b, at(out, panel * k * NR), k, n, transposed, stride, panel * NR);
}

function packPanel(b: usize, out: usize, k: i32, n: i32, transposed: bool, stride: i32, column: i32): void {
  const columns = min(NR, n - column);
  if (columns < NR) {
    for (let p = 0; p < k; p++) {
      const row = at(out, p * NR);
      for (let j = 0; j < NR; j++) {
        const from = transposed ? (column + j) * stride + p : p * stride + column + j;
        store<f32>(at(row, j), j < columns ? load<f32>(at(b, from)) : 0);
      }
    }
    return;
  }
  if (!transposed) {
    let from = at(b, column);
    const step = (<usize>stride) << 2;
    for (let p = 0; p < k; p++) {
      copy8(out, from);
      from += step;
      out += NR << 2;
    }
    return;
  }
  const top = at(b, column * stride);
  const bottom = at(top, 4 * stride);
  let p = 0;
  if (ASC_FEATURE_SIMD) {
    for (; p + 4 <= k; p += 4) {
      transpose4(at(top, p), stride, at(out, p * NR), NR);
      transpose4(at(bottom, p), stride, at(out, p * NR + 4), NR);
    }
  }
  for (; p < k; p++) {
    for (let j = 0; j < NR; j++) store<f32>(at(out, p * NR + j), load<f32>(at(top, j * stride + p)));
  }
}

// @ts-ignore: decorator
@inline
function copy8(to: usize, from: usize): void {
  store<u64>(to, load<u64>(from));
  store<u64>(to + 8, load<u64>(from + 8));
  store<u64>(to + 16, load<u64>(from + 16));
  store<u64>(to + 24, load<u64>(from + 24));
}

/** 4 x 4 numbers, rows `stride` apart, to columns `step` apart. */
// @ts-ignore: decorator
@inline
export function transpose4(from: usize, stride: i32, to: usize, step: i32): void {
  const a = v128.load(from);
  const b = v128.load(at(from, stride));
  const c = v128.load(at(from, 2 * stride));
  const d = v128.load(at(from, 3 * stride));
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(ab0, cd0, 0, 2));
  v128.store(at(to, step), v128.shuffle<f64>(ab0, cd0, 1, 3));
  v128.store(at(to, 2 * step), v128.shuffle<f64>(ab1, cd1, 0, 2));
  v128.store(at(to, 3 * step), v128.shuffle<f64>(ab1, cd1, 1, 3));
}

/** Packs `rows` (up to 6) rows of a transposed A [K, M] from `row`, depth p0 .. p0 + depth - 1: 6 numbers per depth, 0 where there is no row. */
function packRows(a: usize, out: usize, stride: i32, row: i32, rows: i32, p0: i32, depth: i32): void {
  let from = at(a, p0 * stride + row);
  const step = (<usize>stride) << 2;
  if (rows == MR) {
    for (let p = 0; p < depth; p++) {
      store<u64>(out, load<u64>(from));
      store<u64>(out + 8, load<u64>(from + 8));
      store<u64>(out + 16, load<u64>(from + 16));
      from += step;
      out += MR << 2;
    }
    return;
  }
  for (let p = 0; p < depth; p++) {
    for (let i = 0; i < MR; i++) store<f32>(at(out, i), i < rows ? load<f32>(at(from, i)) : 0);
    from += step;
    out += MR << 2;
  }
}

/**
 * A block of C is `rows` x `columns` of one product of the batch; a unit is one block or some.
 * a, b (packed if `packed`), c, m, k, n, a transposed, b transposed, row strides of a and b, rows and columns of a block,
 * blocks down and across, strides of a, b and c from one product to the next, add to C, packed, blocks of a unit, all blocks. Row stride of C is n.
 */
export function gemm(args: usize, begin: i32, end: i32): void {
  const m = int(args, 3);
  const k = int(args, 4);
  const n = int(args, 5);
  const transposedA = int(args, 6) != 0;
  const transposedB = int(args, 7) != 0;
  const strideA = int(args, 8);
  const strideB = int(args, 9);
  const rows = int(args, 10);
  const columns = int(args, 11);
  const down = int(args, 12);
  const blocks = down * int(args, 13);
  const adds = int(args, 17) != 0;
  const packed = int(args, 18) != 0;
  const share = int(args, 19);
  const last = min(int(args, 20), end * share);
  for (let index = begin * share; index < last; index++) {
    const product = index / blocks;
    const block = index % blocks;
    const a = at(pointer(args, 0), product * int(args, 14));
    let b = at(pointer(args, 1), product * int(args, 15));
    const c = at(pointer(args, 2), product * int(args, 16));
    const i0 = (block % down) * rows;
    const j0 = (block / down) * columns;
    const i1 = min(m, i0 + rows);
    const j1 = min(n, j0 + columns);
    let work = scratch;
    if (!packed) {
      // Small products pack for themselves.
      for (let j = j0; j < j1; j += NR) packPanel(b, at(work, j * k), k, n, transposedB, strideB, j);
      b = work;
      work = at(work, ((n + NR - 1) / NR) * NR * k);
    }
    if (k == 0 && !adds) {
      for (let i = i0; i < i1; i++) memory.fill(at(c, i * n + j0), 0, (<usize>(j1 - j0)) << 2);
    }
    for (let p0 = 0; p0 < k; p0 += KC) {
      const depth = min(KC, k - p0);
      const add = adds || p0 > 0;
      if (transposedA) {
        for (let i = i0; i < i1; i += MR) packRows(a, at(work, (i - i0) * depth), strideA, i, min(MR, i1 - i), p0, depth);
      }
      for (let j = j0; j < j1; j += NR) {
        const panel = at(b, j * k + p0 * NR);
        for (let i = i0; i < i1; i += MR) {
          const height = min(MR, i1 - i);
          const whole = height == MR && j1 - j >= NR;
          const pa = transposedA ? at(work, (i - i0) * depth) : at(a, i * strideA + p0);
          const step: usize = transposedA ? MR << 2 : 4;
          const apart: usize = transposedA ? 4 : (<usize>strideA) << 2;
          const to = whole ? at(c, i * n + j) : scratch + tileAt;
          const toStride: usize = whole ? (<usize>n) << 2 : NR << 2;
          tile(pa, apart, transposedA ? MR - 1 : height - 1, step, panel, depth, to, toStride, add && whole);
          if (!whole) putTile(to, at(c, i * n + j), n, height, min(NR, j1 - j), add);
        }
      }
    }
  }
}

/** The part of a tile that lies within C. */
function putTile(from: usize, c: usize, n: i32, rows: i32, columns: i32, add: bool): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const to = at(c, i * n + j);
      const value = load<f32>(at(from, i * NR + j));
      store<f32>(to, add ? load<f32>(to) + value : value);
    }
  }
}

// @ts-ignore: decorator
@inline
function put(to: usize, x: V, y: V, add: bool): void {
  if (add) {
    vStore(to, vAdd(vLoad(to), x));
    vStore(to + 16, vAdd(vLoad(to + 16), y));
  } else {
    vStore(to, x);
    vStore(to + 16, y);
  }
}

/**
 * 6 x 8 sums of products. Row r of A begins at `a + min(r, lastRow) * apart`, its numbers are `step` bytes apart.
 */
function tile(a: usize, apart: usize, lastRow: i32, step: usize, b: usize, depth: i32, to: usize, toStride: usize, add: bool): void {
  if (ASC_FEATURE_SIMD) {
    const a1 = lastRow > 0 ? apart : 0;
    const a2 = lastRow > 1 ? 2 * apart : 0;
    const a3 = lastRow > 2 ? 3 * apart : 0;
    const a4 = lastRow > 3 ? 4 * apart : 0;
    const a5 = lastRow > 4 ? 5 * apart : 0;
    let c00 = vSplat(0);
    let c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
    for (let p = 0; p < depth; p++) {
      const b0 = vLoad(b);
      const b1 = vLoad(b + 16);
      let x = vLoadSplat(a);
      c00 = vMadd(x, b0, c00);
      c01 = vMadd(x, b1, c01);
      x = vLoadSplat(a + a1);
      c10 = vMadd(x, b0, c10);
      c11 = vMadd(x, b1, c11);
      x = vLoadSplat(a + a2);
      c20 = vMadd(x, b0, c20);
      c21 = vMadd(x, b1, c21);
      x = vLoadSplat(a + a3);
      c30 = vMadd(x, b0, c30);
      c31 = vMadd(x, b1, c31);
      x = vLoadSplat(a + a4);
      c40 = vMadd(x, b0, c40);
      c41 = vMadd(x, b1, c41);
      x = vLoadSplat(a + a5);
      c50 = vMadd(x, b0, c50);
      c51 = vMadd(x, b1, c51);
      a += step;
      b += NR << 2;
    }
    put(to, c00, c01, add);
    put(to + toStride, c10, c11, add);
    put(to + 2 * toStride, c20, c21, add);
    put(to + 3 * toStride, c30, c31, add);
    put(to + 4 * toStride, c40, c41, add);
    put(to + 5 * toStride, c50, c51, add);
  } else {
    for (let i = 0; i < MR; i++) {
      const row = a + <usize>min(i, lastRow) * apart;
      for (let j = 0; j < NR; j++) {
        let sum: f32 = 0;
        for (let p = 0; p < depth; p++) sum += load<f32>(row + <usize>p * step) * load<f32>(at(b, p * NR + j));
        const place = to + <usize>i * toStride + ((<usize>j) << 2);
        store<f32>(place, add ? load<f32>(place) + sum : sum);
      }
    }
  }
}

/**
 * One row times a matrix: y [N] = x [K] . B [K, N]. Reads B once, straight on. A unit is `columns` columns (a multiple of 32).
 * x, b, y, k, n, columns.
 */
export function rowTimes(args: usize, begin: i32, end: i32): void {
  const x = pointer(args, 0);
  const k = int(args, 3);
  const n = int(args, 4);
  const columns = int(args, 5);
  const first = begin * columns;
  const last = min(n, end * columns);
  const stride = (<usize>n) << 2;
  let j = first;
  if (ASC_FEATURE_SIMD) {
    for (; j + 32 <= last; j += 32) {
      let y0 = vSplat(0);
      let y1 = y0, y2 = y0, y3 = y0, y4 = y0, y5 = y0, y6 = y0, y7 = y0;
      let b = at(pointer(args, 1), j);
      for (let p = 0; p < k; p++) {
        const value = vLoadSplat(at(x, p));
        y0 = vMadd(value, vLoad(b), y0);
        y1 = vMadd(value, vLoad(b + 16), y1);
        y2 = vMadd(value, vLoad(b + 32), y2);
        y3 = vMadd(value, vLoad(b + 48), y3);
        y4 = vMadd(value, vLoad(b + 64), y4);
        y5 = vMadd(value, vLoad(b + 80), y5);
        y6 = vMadd(value, vLoad(b + 96), y6);
        y7 = vMadd(value, vLoad(b + 112), y7);
        b += stride;
      }
      const y = at(pointer(args, 2), j);
      put(y, y0, y1, false);
      put(y + 32, y2, y3, false);
      put(y + 64, y4, y5, false);
      put(y + 96, y6, y7, false);
    }
    for (; j + 4 <= last; j += 4) {
      let y = vSplat(0);
      let b = at(pointer(args, 1), j);
      for (let p = 0; p < k; p++) {
        y = vMadd(vLoadSplat(at(x, p)), vLoad(b), y);
        b += stride;
      }
      vStore(at(pointer(args, 2), j), y);
    }
  }
  for (; j < last; j++) {
    let y: f32 = 0;
    for (let p = 0; p < k; p++) y += load<f32>(at(x, p)) * load<f32>(at(pointer(args, 1), p * n + j));
    store<f32>(at(pointer(args, 2), j), y);
  }
}

/**
 * A few rows times a transposed matrix: Y [M, N] = X [M, K] . B [N, K] ^ T, M up to 5. Reads B once, straight on. A unit is `rows`
 * rows of B. x, b, y, m, k, n, rows.
 */
export function rowsTimesTransposed(args: usize, begin: i32, end: i32): void {
  const m = int(args, 3);
  const k = int(args, 4);
  const n = int(args, 5);
  const rows = int(args, 6);
  const last = min(n, end * rows);
  for (let j = begin * rows; j < last; j += 4) {
    const many = min(4, last - j);
    for (let i = 0; i < m; i++) {
      const x = at(pointer(args, 0), i * k);
      const y = at(pointer(args, 2), i * n + j);
      const b = at(pointer(args, 1), j * k);
      if (many == 4) dots(x, b, y, k);
      else for (let row = 0; row < many; row++) store<f32>(at(y, row), dot(x, at(b, row * k), k));
    }
  }
}

/** Four dot products at once. */
function dots(x: usize, b: usize, y: usize, k: i32): void {
  let p = 0;
  let s0: f32 = 0, s1: f32 = 0, s2: f32 = 0, s3: f32 = 0;
  const b1 = at(b, k), b2 = at(b, 2 * k), b3 = at(b, 3 * k);
  if (ASC_FEATURE_SIMD) {
    let v0 = vSplat(0);
    let v1 = v0, v2 = v0, v3 = v0, w0 = v0, w1 = v0, w2 = v0, w3 = v0;
    for (; p + 8 <= k; p += 8) {
      const x0 = vLoad(at(x, p)), x1 = vLoad(at(x, p) + 16);
      v0 = vMadd(x0, vLoad(at(b, p)), v0);
      w0 = vMadd(x1, vLoad(at(b, p) + 16), w0);
      v1 = vMadd(x0, vLoad(at(b1, p)), v1);
      w1 = vMadd(x1, vLoad(at(b1, p) + 16), w1);
      v2 = vMadd(x0, vLoad(at(b2, p)), v2);
      w2 = vMadd(x1, vLoad(at(b2, p) + 16), w2);
      v3 = vMadd(x0, vLoad(at(b3, p)), v3);
      w3 = vMadd(x1, vLoad(at(b3, p) + 16), w3);
    }
    s0 = total(v0, w0);
    s1 = total(v1, w1);
    s2 = total(v2, w2);
    s3 = total(v3, w3);
  }
  for (; p < k; p++) {
    const value = load<f32>(at(x, p));
    s0 += value * load<f32>(at(b, p));
    s1 += value * load<f32>(at(b1, p));
    s2 += value * load<f32>(at(b2, p));
    s3 += value * load<f32>(at(b3, p));
  }
  store<f32>(y, s0);
  store<f32>(y + 4, s1);
  store<f32>(y + 8, s2);
  store<f32>(y + 12, s3);
}

/** The same sum in the same order as one of `dots`. */
function dot(x: usize, b: usize, k: i32): f32 {
  let p = 0;
  let s: f32 = 0;
  if (ASC_FEATURE_SIMD) {
    let v = vSplat(0);
    let w = v;
    for (; p + 8 <= k; p += 8) {
      v = vMadd(vLoad(at(x, p)), vLoad(at(b, p)), v);
      w = vMadd(vLoad(at(x, p) + 16), vLoad(at(b, p) + 16), w);
    }
    s = total(v, w);
  }
  for (; p < k; p++) s += load<f32>(at(x, p)) * load<f32>(at(b, p));
  return s;
}

// @ts-ignore: decorator
@inline
function total(v: v128, w: v128): f32 {
  const x = f32x4.add(v, w);
  return f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 2) + (f32x4.extract_lane(x, 1) + f32x4.extract_lane(x, 3));
}
