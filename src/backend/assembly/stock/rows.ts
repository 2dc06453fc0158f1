// Functions of whole rows: sums, extremes, softmax.
import { at, float, int, pointer } from '../args';
import { vExp, vLog } from '../math';
import { V, vAdd, vGreatest, vLeast, vLoad, vLoadPart, vLoadPartOr, vMax, vMin, vMul, vSplat, vStore, vStorePart, vSub, vSum, W } from '../vector';

const SUM = 0, MAX = 1, MIN = 2;

// @ts-ignore: decorator
@inline
function reduceRow(op: i32, x: usize, n: i32): f32 {
  const start: f32 = op == SUM ? 0 : op == MAX ? -Infinity : Infinity;
  let r0 = vSplat(start);
  let r1 = r0;
  let i = 0;
  for (; i + 2 * W <= n; i += 2 * W) {
    r0 = join(op, r0, vLoad(at(x, i)));
    r1 = join(op, r1, vLoad(at(x, i + W)));
  }
  for (; i + W <= n; i += W) r0 = join(op, r0, vLoad(at(x, i)));
  if (i < n) r1 = join(op, r1, vLoadPartOr(at(x, i), n - i, start));
  const r = join(op, r0, r1);
  return op == SUM ? vSum(r) : op == MAX ? vGreatest(r) : vLeast(r);
}

// @ts-ignore: decorator
@inline
function join(op: i32, a: V, b: V): V {
  return op == SUM ? vAdd(a, b) : op == MAX ? vMax(a, b) : vMin(a, b);
}

/**
 * out [rows, pieces] from x [rows, columns], where a piece is `length` columns. x, out, rows, columns, length, pieces, rows of a unit; factor.
 */
// @ts-ignore: decorator
@inline
function reduce(op: i32, args: usize, begin: i32, end: i32): void {
  const columns = int(args, 3);
  const length = int(args, 4);
  const pieces = int(args, 5);
  const share = int(args, 6);
  const last = min(int(args, 2) * pieces, end * share);
  for (let i = begin * share; i < last; i++) {
    const from = (i % pieces) * length;
    const value = reduceRow(op, at(pointer(args, 0), (i / pieces) * columns + from), min(length, columns - from));
    store<f32>(at(pointer(args, 1), i), op == SUM ? value * float(args, 0) : value);
  }
}

export function sumRows(args: usize, begin: i32, end: i32): void { reduce(SUM, args, begin, end); }
export function maxRows(args: usize, begin: i32, end: i32): void { reduce(MAX, args, begin, end); }
export function minRows(args: usize, begin: i32, end: i32): void { reduce(MIN, args, begin, end); }

/** The column of the greatest (or least) number of each row, the first of equals. x, out (i32), rows, columns, least, rows of a unit. */
export function argRows(args: usize, begin: i32, end: i32): void {
  const columns = int(args, 3);
  const least = int(args, 4) != 0;
  const share = int(args, 5);
  const last = min(int(args, 2), end * share);
  for (let row = begin * share; row < last; row++) {
    const x = at(pointer(args, 0), row * columns);
    let best = load<f32>(x);
    let place = 0;
    for (let i = 1; i < columns; i++) {
      const value = load<f32>(at(x, i));
      if (least ? value < best : value > best) {
        best = value;
        place = i;
      }
    }
    store<i32>(at(pointer(args, 1), row), place);
  }
}

/** e ** (x - max) of a row into out; gives their sum. */
// @ts-ignore: decorator
@inline
function exponentials(x: usize, out: usize, n: i32, greatest: f32, keeps: bool): f32 {
  const top = vSplat(greatest);
  let sum = vSplat(0);
  let i = 0;
  for (; i + W <= n; i += W) {
    const e = vExp(vSub(vLoad(at(x, i)), top));
    if (keeps) vStore(at(out, i), e);
    sum = vAdd(sum, e);
  }
  let rest: f32 = 0;
  if (i < n) {
    const e = vExp(vSub(vLoadPartOr(at(x, i), n - i, -Infinity), greatest == -Infinity ? vSplat(0) : top));
    if (keeps) vStorePart(at(out, i), e, n - i);
    rest = vSum(e);
  }
  return vSum(sum) + rest;
}

/** x, out, rows, columns, rows of a unit. */
export function softmax(args: usize, begin: i32, end: i32): void {
  const n = int(args, 3);
  const share = int(args, 4);
  const last = min(int(args, 2), end * share);
  for (let row = begin * share; row < last; row++) {
    const x = at(pointer(args, 0), row * n);
    const out = at(pointer(args, 1), row * n);
    const sum = exponentials(x, out, n, reduceRow(MAX, x, n), true);
    const inverse = vSplat(1 / sum);
    let i = 0;
    for (; i + W <= n; i += W) vStore(at(out, i), vMul(vLoad(at(out, i)), inverse));
    if (i < n) vStorePart(at(out, i), vMul(vLoadPart(at(out, i), n - i), inverse), n - i);
  }
}

/** x, out, rows, columns, rows of a unit. */
export function logSoftmax(args: usize, begin: i32, end: i32): void {
  const n = int(args, 3);
  const share = int(args, 4);
  const last = min(int(args, 2), end * share);
  for (let row = begin * share; row < last; row++) {
    const x = at(pointer(args, 0), row * n);
    const out = at(pointer(args, 1), row * n);
    const greatest = reduceRow(MAX, x, n);
    const top = vSplat(greatest);
    const total = vLog(vSplat(exponentials(x, out, n, greatest, false)));
    let i = 0;
    for (; i + W <= n; i += W) vStore(at(out, i), vSub(vSub(vLoad(at(x, i)), top), total));
    if (i < n) vStorePart(at(out, i), vSub(vSub(vLoadPart(at(x, i), n - i), top), total), n - i);
  }
}
