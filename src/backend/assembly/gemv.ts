// One row times a matrix that is stored by rows of the result: y[j] = w[j] . x. Every weight is read once; a sum has the same
// order whichever rows are done together.
import { at } from './args';
import { V, vAdd, vLoad, vLoadPart, vMadd, vMul, vSplat, vStore, vStorePart, vSum, W, WB } from './vector';

/**
 * y [rows] = W [rows, k] . x [k], or y += W . x. The rows of W follow one another. The four at a time are a quarter of all apart: four
 * long streams from memory are twice as fast as four that end after a row each.
 */
export function timesRow(w: usize, x: usize, y: usize, rows: i32, k: i32, add: bool): void {
  const quarter = rows >> 2;
  const rest = quarter << 2;
  const apart = <usize>(quarter * k) << 2;
  const stride = <usize>k << 2;
  const yApart = <usize>quarter << 2;
  for (let j = 0; j < quarter; j++) {
    four(w + <usize>j * stride, apart, x, at(y, j), yApart, k, add);
  }
  for (let j = rest; j < rows; j++) {
    const sum = one(w + <usize>j * stride, x, k);
    store<f32>(at(y, j), add ? load<f32>(at(y, j)) + sum : sum);
  }
}

/** Stores the sums of four vectors of sums, each in the order of `vSum`, `apart` bytes from one to the next. */
// @ts-ignore: decorator
@inline
function store4(y: usize, apart: usize, a: V, b: V, c: V, d: V, add: bool): void {
  const y2 = y + 2 * apart;
  if (ASC_FEATURE_SIMD) {
    const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
    const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
    let sums = f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
    if (add) {
      const before = v128.load32_lane(y2 + apart, v128.load32_lane(y2, v128.load32_lane(y + apart, v128.load32_zero(y), 1), 2), 3);
      sums = f32x4.add(before, sums);
    }
    v128.store32_lane(y, sums, 0);
    v128.store32_lane(y + apart, sums, 1);
    v128.store32_lane(y2, sums, 2);
    v128.store32_lane(y2 + apart, sums, 3);
  } else {
    store<f32>(y, (add ? load<f32>(y) : 0) + vSum(a));
    store<f32>(y + apart, (add ? load<f32>(y + apart) : 0) + vSum(b));
    store<f32>(y2, (add ? load<f32>(y2) : 0) + vSum(c));
    store<f32>(y2 + apart, (add ? load<f32>(y2 + apart) : 0) + vSum(d));
  }
}

// @ts-ignore: decorator
@inline
function four(w: usize, apart: usize, x: usize, y: usize, yApart: usize, k: i32, add: bool): void {
  let w1 = w + apart, w2 = w + 2 * apart, w3 = w + 3 * apart;
  let a0 = vSplat(0);
  let a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
  const pairs = w + (<usize>(k & -(2 * W)) << 2);
  while (w < pairs) {
    const x0 = vLoad(x);
    const x1 = vLoad(x + WB);
    a0 = vMadd(x0, vLoad(w), a0);
    a1 = vMadd(x1, vLoad(w + WB), a1);
    b0 = vMadd(x0, vLoad(w1), b0);
    b1 = vMadd(x1, vLoad(w1 + WB), b1);
    c0 = vMadd(x0, vLoad(w2), c0);
    c1 = vMadd(x1, vLoad(w2 + WB), c1);
    d0 = vMadd(x0, vLoad(w3), d0);
    d1 = vMadd(x1, vLoad(w3 + WB), d1);
    x += 2 * WB;
    w += 2 * WB;
    w1 += 2 * WB;
    w2 += 2 * WB;
    w3 += 2 * WB;
  }
  let left = k & (2 * W - 1);
  if (left >= W) {
    const x0 = vLoad(x);
    a0 = vMadd(x0, vLoad(w), a0);
    b0 = vMadd(x0, vLoad(w1), b0);
    c0 = vMadd(x0, vLoad(w2), c0);
    d0 = vMadd(x0, vLoad(w3), d0);
    left -= W;
    x += WB;
    w += WB;
    w1 += WB;
    w2 += WB;
    w3 += WB;
  }
  if (left > 0) {
    const x0 = vLoadPart(x, left);
    a1 = vMadd(x0, vLoadPart(w, left), a1);
    b1 = vMadd(x0, vLoadPart(w1, left), b1);
    c1 = vMadd(x0, vLoadPart(w2, left), c1);
    d1 = vMadd(x0, vLoadPart(w3, left), d1);
  }
  store4(y, yApart, vAdd(a0, a1), vAdd(b0, b1), vAdd(c0, c1), vAdd(d0, d1), add);
}

function one(w: usize, x: usize, k: i32): f32 {
  let a0 = vSplat(0);
  let a1 = a0;
  let p = 0;
  for (; p + 2 * W <= k; p += 2 * W) {
    a0 = vMadd(vLoad(at(x, p)), vLoad(at(w, p)), a0);
    a1 = vMadd(vLoad(at(x, p + W)), vLoad(at(w, p + W)), a1);
  }
  if (p + W <= k) {
    a0 = vMadd(vLoad(at(x, p)), vLoad(at(w, p)), a0);
    p += W;
  }
  if (p < k) a1 = vMadd(vLoadPart(at(x, p), k - p), vLoadPart(at(w, p), k - p), a1);
  return vSum(vAdd(a0, a1));
}

/** y [columns] = p [rows] . V [rows, columns], times `scale`. */
export function mixRows(p: usize, v: usize, y: usize, rows: i32, columns: i32, scale: f32): void {
  const stride = <usize>columns << 2;
  const factor = vSplat(scale);
  const pairs = rows & -2;
  let i = 0;
  // Two positions at a time, in sums of their own.
  for (; i + 4 * W <= columns; i += 4 * W) {
    let a0 = vSplat(0);
    let a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
    let row = at(v, i);
    for (let s = 0; s < pairs; s += 2) {
      const first = vSplat(load<f32>(at(p, s)));
      const second = vSplat(load<f32>(at(p, s + 1)));
      a0 = vMadd(first, vLoad(row), a0);
      a1 = vMadd(first, vLoad(at(row, W)), a1);
      a2 = vMadd(first, vLoad(at(row, 2 * W)), a2);
      a3 = vMadd(first, vLoad(at(row, 3 * W)), a3);
      row += stride;
      b0 = vMadd(second, vLoad(row), b0);
      b1 = vMadd(second, vLoad(at(row, W)), b1);
      b2 = vMadd(second, vLoad(at(row, 2 * W)), b2);
      b3 = vMadd(second, vLoad(at(row, 3 * W)), b3);
      row += stride;
    }
    if (pairs < rows) {
      const first = vSplat(load<f32>(at(p, pairs)));
      a0 = vMadd(first, vLoad(row), a0);
      a1 = vMadd(first, vLoad(at(row, W)), a1);
      a2 = vMadd(first, vLoad(at(row, 2 * W)), a2);
      a3 = vMadd(first, vLoad(at(row, 3 * W)), a3);
    }
    vStore(at(y, i), vMul(vAdd(a0, b0), factor));
    vStore(at(y, i + W), vMul(vAdd(a1, b1), factor));
    vStore(at(y, i + 2 * W), vMul(vAdd(a2, b2), factor));
    vStore(at(y, i + 3 * W), vMul(vAdd(a3, b3), factor));
  }
  for (; i < columns; i += W) {
    const n = min<i32>(W, columns - i);
    let a = vSplat(0);
    let b = a, c = a, d = a;
    let row = at(v, i);
    let s = 0;
    if (n == W) {
      for (; s + 4 <= rows; s += 4) {
        a = vMadd(vSplat(load<f32>(at(p, s))), vLoad(row), a);
        b = vMadd(vSplat(load<f32>(at(p, s + 1))), vLoad(row + stride), b);
        c = vMadd(vSplat(load<f32>(at(p, s + 2))), vLoad(row + 2 * stride), c);
        d = vMadd(vSplat(load<f32>(at(p, s + 3))), vLoad(row + 3 * stride), d);
        row += 4 * stride;
      }
    }
    for (; s < rows; s++) {
      a = vMadd(vSplat(load<f32>(at(p, s))), n == W ? vLoad(row) : vLoadPart(row, n), a);
      row += stride;
    }
    const sum = vMul(vAdd(vAdd(a, b), vAdd(c, d)), factor);
    if (n == W) vStore(at(y, i), sum);
    else vStorePart(at(y, i), sum, n);
  }
}
