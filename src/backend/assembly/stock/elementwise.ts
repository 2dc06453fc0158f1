// Functions of one tensor or of two, number by number.
import { at, int, pointer } from '../args';
import { vExp, vLog, vSigmoid, vTanh } from '../math';
import { V, vAbs, vAdd, vCeil, vDiv, vFloor, vLoad, vLoadPart, vLoadSplat, vMax, vMin, vMul, vNeg, vNearest, vSplat, vSqrt, vStore, vStorePart, vSub, W } from '../vector';

/** Elements of a unit. As in `../../loupe/stock/elementwise.ts`. */
const block: i32 = 16384;

// ---- one tensor: x, out, n

const EXP = 0, LOG = 1, SQRT = 2, RSQRT = 3, NEG = 4, ABS = 5, SQUARE = 6, SIGMOID = 7, TANH = 8, RELU = 9, RECIPROCAL = 10, FLOOR = 11, CEIL = 12, ROUND = 13;

// @ts-ignore: decorator
@inline
function f1(op: i32, x: V): V {
  if (op == EXP) return vExp(x);
  if (op == LOG) return vLog(x);
  if (op == SQRT) return vSqrt(x);
  if (op == RSQRT) return vDiv(vSplat(1), vSqrt(x));
  if (op == NEG) return vNeg(x);
  if (op == ABS) return vAbs(x);
  if (op == SQUARE) return vMul(x, x);
  if (op == SIGMOID) return vSigmoid(x);
  if (op == TANH) return vTanh(x);
  if (op == RELU) return vMax(x, vSplat(0));
  if (op == RECIPROCAL) return vDiv(vSplat(1), x);
  if (op == FLOOR) return vFloor(x);
  if (op == CEIL) return vCeil(x);
  return vNearest(x);
}

// @ts-ignore: decorator
@inline
function unary(op: i32, args: usize, begin: i32, end: i32): void {
  const x = pointer(args, 0);
  const out = pointer(args, 1);
  const last = min(int(args, 2), end * block);
  let i = begin * block;
  for (; i + W <= last; i += W) vStore(at(out, i), f1(op, vLoad(at(x, i))));
  if (i < last) vStorePart(at(out, i), f1(op, vLoadPart(at(x, i), last - i)), last - i);
}

export function exp(args: usize, begin: i32, end: i32): void { unary(EXP, args, begin, end); }
export function log(args: usize, begin: i32, end: i32): void { unary(LOG, args, begin, end); }
export function sqrt(args: usize, begin: i32, end: i32): void { unary(SQRT, args, begin, end); }
export function rsqrt(args: usize, begin: i32, end: i32): void { unary(RSQRT, args, begin, end); }
export function neg(args: usize, begin: i32, end: i32): void { unary(NEG, args, begin, end); }
export function abs(args: usize, begin: i32, end: i32): void { unary(ABS, args, begin, end); }
export function square(args: usize, begin: i32, end: i32): void { unary(SQUARE, args, begin, end); }
export function sigmoid(args: usize, begin: i32, end: i32): void { unary(SIGMOID, args, begin, end); }
export function tanh(args: usize, begin: i32, end: i32): void { unary(TANH, args, begin, end); }
export function relu(args: usize, begin: i32, end: i32): void { unary(RELU, args, begin, end); }
export function reciprocal(args: usize, begin: i32, end: i32): void { unary(RECIPROCAL, args, begin, end); }
export function floor(args: usize, begin: i32, end: i32): void { unary(FLOOR, args, begin, end); }
export function ceil(args: usize, begin: i32, end: i32): void { unary(CEIL, args, begin, end); }
export function round(args: usize, begin: i32, end: i32): void { unary(ROUND, args, begin, end); }

// ---- two tensors: a, b, out, rows, columns, whether a and b go on along a row (or repeat one number), rows and columns of a
// unit, number of axes that make the rows (0 .. 4), then for each axis: size, stride in a, stride in b

const ADD = 0, SUB = 1, MUL = 2, DIV = 3, MAX = 4, MIN = 5, SQUARED_DIFFERENCE = 6;

// @ts-ignore: decorator
@inline
function f2(op: i32, a: V, b: V): V {
  if (op == ADD) return vAdd(a, b);
  if (op == SUB) return vSub(a, b);
  if (op == MUL) return vMul(a, b);
  if (op == DIV) return vDiv(a, b);
  if (op == MAX) return vMax(a, b);
  if (op == MIN) return vMin(a, b);
  return vMul(vSub(a, b), vSub(a, b));
}

// @ts-ignore: decorator
@inline
function along(op: i32, a: usize, b: usize, out: usize, n: i32, goesA: bool, goesB: bool): void {
  const oneA = goesA ? vSplat(0) : vLoadSplat(a);
  const oneB = goesB ? vSplat(0) : vLoadSplat(b);
  let i = 0;
  for (; i + W <= n; i += W) vStore(at(out, i), f2(op, goesA ? vLoad(at(a, i)) : oneA, goesB ? vLoad(at(b, i)) : oneB));
  if (i < n) {
    const rest = n - i;
    vStorePart(at(out, i), f2(op, goesA ? vLoadPart(at(a, i), rest) : oneA, goesB ? vLoadPart(at(b, i), rest) : oneB), rest);
  }
}

// @ts-ignore: decorator
@inline
function binary(op: i32, args: usize, begin: i32, end: i32): void {
  const rows = int(args, 3);
  const columns = int(args, 4);
  const goesA = int(args, 5) != 0;
  const goesB = int(args, 6) != 0;
  const rowsOfUnit = int(args, 7);
  const columnsOfUnit = int(args, 8);
  const axes = int(args, 9);
  const across = (columns + columnsOfUnit - 1) / columnsOfUnit;
  for (let unit = begin; unit < end; unit++) {
    const from = (unit % across) * columnsOfUnit;
    const n = min(columnsOfUnit, columns - from);
    const first = (unit / across) * rowsOfUnit;
    const last = min(rows, first + rowsOfUnit);
    for (let row = first; row < last; row++) {
      let a = 0;
      let b = 0;
      let rest = row;
      for (let axis = axes - 1; axis >= 0; axis--) {
        const size = int(args, 10 + 3 * axis);
        const i = rest % size;
        rest /= size;
        a += i * int(args, 11 + 3 * axis);
        b += i * int(args, 12 + 3 * axis);
      }
      const pa = at(pointer(args, 0), goesA ? a + from : a);
      const pb = at(pointer(args, 1), goesB ? b + from : b);
      const out = at(pointer(args, 2), row * columns + from);
      if (goesA) {
        if (goesB) along(op, pa, pb, out, n, true, true);
        else along(op, pa, pb, out, n, true, false);
      } else if (goesB) along(op, pa, pb, out, n, false, true);
      else along(op, pa, pb, out, n, false, false);
    }
  }
}

export function add(args: usize, begin: i32, end: i32): void { binary(ADD, args, begin, end); }
export function sub(args: usize, begin: i32, end: i32): void { binary(SUB, args, begin, end); }
export function mul(args: usize, begin: i32, end: i32): void { binary(MUL, args, begin, end); }
export function div(args: usize, begin: i32, end: i32): void { binary(DIV, args, begin, end); }
export function maximum(args: usize, begin: i32, end: i32): void { binary(MAX, args, begin, end); }
export function minimum(args: usize, begin: i32, end: i32): void { binary(MIN, args, begin, end); }
export function squaredDifference(args: usize, begin: i32, end: i32): void { binary(SQUARED_DIFFERENCE, args, begin, end); }
