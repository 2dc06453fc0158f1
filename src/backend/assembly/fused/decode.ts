// One position through the model, with the keys and values of those before it in memory: a block is five jobs, each of products
// of one row with what comes before and after them done in passing. Units are heads or rows; what a unit reads of a
// norm it computes itself. The host's side is `../../loupe/fused/decode.ts`.
//
// x [D] is the residual stream; cached keys and values are [Hkv, capacity, d] of a layer, keys after RoPE.
import { at, float, int, pointer } from '../args';
import { mixRows, timesRow } from '../gemv';
import { vExp, vSigmoid } from '../math';
import { scratch } from '../scratch';
import { V, vAdd, vGreatest, vLoad, vLoadPart, vLoadPartOr, vMadd, vMax, vMul, vSplat, vStore, vStorePart, vSub, vSum, W } from '../vector';
import { turnRows } from './rotate';

/** y = RMSNorm(x) w, as `rmsNorm` computes it. */
function norm(x: usize, w: usize, y: usize, D: i32, eps: f32): void {
  const whole = D - (D % W);
  const left = D - whole;
  let squares = vSplat(0);
  for (let i = 0; i < whole; i += W) squares = vMadd(vLoad(at(x, i)), vLoad(at(x, i)), squares);
  if (left > 0) {
    const rest = vLoadPart(at(x, whole), left);
    squares = vMadd(rest, rest, squares);
  }
  const r = vSplat(<f32>1 / sqrt<f32>(vSum(squares) / <f32>D + eps));
  for (let i = 0; i < whole; i += W) vStore(at(y, i), vMul(vMul(vLoad(at(x, i)), r), vLoad(at(w, i))));
  if (left > 0) vStorePart(at(y, whole), vMul(vMul(vLoadPart(at(x, whole), left), r), vLoadPart(at(w, whole), left)), left);
}

/** Bytes of n floats, rounded up to whole cache lines. */
// @ts-ignore: decorator
@inline
function lines(n: i32): usize {
  return ((<usize>n << 2) + 63) & ~63;
}

/**
 * Norm, then the heads of q, k and v; q and k are turned, q is scaled, k and v go to their place in the cache. Units: `each` heads of
 * q, k, v in this order. Pointers: x 0, norm 1, Wq 2, Wk 3, Wv 4, q 5, keys 6, values 7, cos 8, sin 9 (of the position);
 * ints: D 10, H 11, Hkv 12, d 13, position 14, capacity 15, each 16; floats: eps, scale.
 */
export function decodeProject(args: usize, begin: i32, end: i32): void {
  const D = int(args, 10);
  const H = int(args, 11);
  const kvHeads = int(args, 12);
  const d = int(args, 13);
  const each = int(args, 16);
  const cos = pointer(args, 8);
  const sin = pointer(args, 9);
  const x = scratch;
  const head = scratch + lines(D);
  norm(pointer(args, 0), pointer(args, 1), x, D, float(args, 0));
  const last = min<i32>(end * each, H + 2 * kvHeads);
  for (let index = begin * each; index < last; index++) {
    if (index < H) {
      timesRow(at(pointer(args, 2), index * d * D), x, head, d, D, false);
      turnRows(head, 0, at(pointer(args, 5), index * d), 0, 1, d, cos, sin, false, float(args, 1));
      continue;
    }
    const isKey = index < H + kvHeads;
    const kvHead = isKey ? index - H : index - H - kvHeads;
    const w = at(pointer(args, isKey ? 3 : 4), kvHead * d * D);
    const place = at(pointer(args, isKey ? 6 : 7), (kvHead * int(args, 15) + int(args, 14)) * d);
    timesRow(w, x, isKey ? head : place, d, D, false);
    if (isKey) turnRows(head, 0, place, 0, 1, d, cos, sin, false, 1);
  }
}

/** x [count] becomes exp(x - the greatest); gives their sum. */
function exponentials(x: usize, count: i32): f32 {
  const whole = count - (count % W);
  const left = count - whole;
  let most = vSplat(-Infinity);
  for (let i = 0; i < whole; i += W) most = vMax(most, vLoad(at(x, i)));
  if (left > 0) most = vMax(most, vLoadPartOr(at(x, whole), left, -Infinity));
  const shift = vSplat(vGreatest(most));
  let sum = vSplat(0);
  for (let i = 0; i < whole; i += W) {
    const e = vExp(vSub(vLoad(at(x, i)), shift));
    vStore(at(x, i), e);
    sum = vAdd(sum, e);
  }
  if (left > 0) {
    vStorePart(at(x, whole), vExp(vSub(vLoadPart(at(x, whole), left), shift)), left);
    sum = vAdd(sum, vLoadPart(at(x, whole), left));
  }
  return vSum(sum);
}

/**
 * The attention of one query. Units: `each` heads. Pointers: q 0, keys 1, values 2, out 3, scores [H, seen] 10; ints: H 4, Hkv 5,
 * d 6, positions seen 7, capacity 8, each 9.
 */
export function decodeAttend(args: usize, begin: i32, end: i32): void {
  const H = int(args, 4);
  const d = int(args, 6);
  const seen = int(args, 7);
  const each = int(args, 9);
  const group = H / int(args, 5);
  const last = min<i32>(end * each, H);
  for (let head = begin * each; head < last; head++) {
    const from = (head / group) * int(args, 8) * d;
    const scores = at(pointer(args, 10), head * seen);
    timesRow(at(pointer(args, 1), from), at(pointer(args, 0), head * d), scores, seen, d, false);
    const total = exponentials(scores, seen);
    mixRows(scores, at(pointer(args, 2), from), at(pointer(args, 3), head * d), seen, d, <f32>1 / total);
  }
}

/** x [N] += W [N, k] . y [k]. Units: `each` rows. Pointers: y 0, W 1, x 2; ints: k 3, N 4, each 5. */
export function decodeAdd(args: usize, begin: i32, end: i32): void {
  const k = int(args, 3);
  const first = begin * int(args, 5);
  const last = min<i32>(end * int(args, 5), int(args, 4));
  timesRow(at(pointer(args, 1), first * k), pointer(args, 0), at(pointer(args, 2), first), last - first, k, true);
}

/** Norm, gate and up projections, SwiGLU. Units: `each` rows of out. Pointers: x 0, norm 1, gate 2, up 3, out 4; ints: D 5, F 6, each 7; float: eps. */
export function decodeGate(args: usize, begin: i32, end: i32): void {
  const D = int(args, 5);
  const each = int(args, 7);
  const x = scratch;
  const gate = scratch + lines(D);
  const up = gate + lines(each);
  norm(pointer(args, 0), pointer(args, 1), x, D, float(args, 0));
  for (let unit = begin; unit < end; unit++) {
    const first = unit * each;
    const rows = min<i32>(each, int(args, 6) - first);
    timesRow(at(pointer(args, 2), first * D), x, gate, rows, D, false);
    timesRow(at(pointer(args, 3), first * D), x, up, rows, D, false);
    const out = at(pointer(args, 4), first);
    let i = 0;
    for (; i + W <= rows; i += W) vStore(at(out, i), gated(vLoad(at(gate, i)), vLoad(at(up, i))));
    if (i < rows) vStorePart(at(out, i), gated(vLoadPart(at(gate, i), rows - i), vLoadPart(at(up, i), rows - i)), rows - i);
  }
}

// @ts-ignore: decorator
@inline
function gated(gate: V, up: V): V {
  return vMul(vMul(gate, vSigmoid(gate)), up);
}

/** Norm, then the head. Units: `each` rows of it. Pointers: x 0, norm 1, head 2, logits 3; ints: D 4, V 5, each 6; float: eps. */
export function decodeHead(args: usize, begin: i32, end: i32): void {
  const D = int(args, 4);
  const first = begin * int(args, 6);
  const last = min<i32>(end * int(args, 6), int(args, 5));
  norm(pointer(args, 0), pointer(args, 1), scratch, D, float(args, 0));
  timesRow(at(pointer(args, 2), first * D), scratch, at(pointer(args, 3), first), last - first, D, false);
}
