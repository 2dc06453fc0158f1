// Causal attention that is looked at: the last T of S positions ask, keys and values of all S lie by heads, with room for more. Scores
// and patterns are written where they are wanted. Nothing is kept for a gradient: training has `attention.ts`.
//
// q and heads [B, H, T, d]; k, v [B, Hkv, capacity, d]; scores, pattern [B, H, T, S].
import { at, float, int, pointer } from '../args';
import { vExp } from '../math';
import { scratch } from '../scratch';
import { vAdd, vGreatest, vLoad, vLoadPart, vLoadPartOr, vMax, vMul, vSplat, vStore, vStorePart, vSub, vSum, W } from '../vector';
import { transposed, turnRows } from './rotate';
import { product } from './tiles';

/** Keys of a tile. */
const side: i32 = 64;
const sideBytes: usize = 256;

// @ts-ignore: decorator
@inline
function padded(n: i32): i32 {
  return (n + 7) & -8;
}

/**
 * Rows by position to rows by head, turned where there are cos and sin [T, d]: x [B T, n d] -> y [B, n, T, d]. Units: (batch, head).
 * Pointers: x 0, cos 1 (or 0), sin 2, y 3; ints: n 4, T 5, d 6.
 */
export function turnedHeads(args: usize, begin: i32, end: i32): void {
  const n = int(args, 4);
  const T = int(args, 5);
  const d = int(args, 6);
  const stride = <usize>(n * d) << 2;
  for (let unit = begin; unit < end; unit++) {
    const from = at(pointer(args, 0), unit % n * d) + <usize>((unit / n) * T) * stride;
    turnRows(from, stride, at(pointer(args, 3), unit * T * d), <usize>d << 2, T, d, pointer(args, 1), pointer(args, 2), false, 1);
  }
}

/** x [count] becomes exp(scale (x - the greatest)) over their sum; what follows up to `width`, 0. */
function softmaxRow(x: usize, count: i32, width: i32, scale: f32): void {
  const whole = count - (count % W);
  const left = count - whole;
  let most = vSplat(-Infinity);
  for (let i = 0; i < whole; i += W) most = vMax(most, vLoad(at(x, i)));
  if (left > 0) most = vMax(most, vLoadPartOr(at(x, whole), left, -Infinity));
  const shift = vSplat(vGreatest(most));
  const factor = vSplat(scale);
  let sum = vSplat(0);
  for (let i = 0; i < whole; i += W) {
    const e = vExp(vMul(vSub(vLoad(at(x, i)), shift), factor));
    vStore(at(x, i), e);
    sum = vAdd(sum, e);
  }
  if (left > 0) {
    vStorePart(at(x, whole), vExp(vMul(vSub(vLoadPart(at(x, whole), left), shift), factor)), left);
    sum = vAdd(sum, vLoadPart(at(x, whole), left));
  }
  const share = vSplat(<f32>1 / vSum(sum));
  for (let i = 0; i < whole; i += W) vStore(at(x, i), vMul(vLoad(at(x, i)), share));
  if (left > 0) vStorePart(at(x, whole), vMul(vLoadPart(at(x, whole), left), share), left);
  memory.fill(at(x, count), 0, <usize>(width - count) << 2);
}

/**
 * Units: (batch, head, block of `rows` queries). Pointers: q 0, k 1, v 2, heads 3, scores 4 (or 0), pattern 5 (or 0); ints: H 6, Hkv 7, T 8,
 * S 9, capacity 10, d 11, rows 12 (a multiple of 4); float: scale of the scores. Working memory: `scratchFloats` of the host.
 */
export function seenAttention(args: usize, begin: i32, end: i32): void {
  const H = int(args, 6);
  const kvHeads = int(args, 7);
  const T = int(args, 8);
  const S = int(args, 9);
  const capacity = int(args, 10);
  const d = int(args, 11);
  const rows = int(args, 12);
  const scale = float(args, 0);
  const width = padded(d);
  const wide = <usize>width << 2;
  const all = padded(S);
  const allBytes = <usize>all << 2;
  const blocks = (T + rows - 1) / rows;
  const q = scratch;
  const out = q + <usize>rows * wide;
  const tile = out + <usize>rows * wide;
  const keysT = tile + <usize>side * wide;
  const scores = keysT + <usize>width * sideBytes;
  for (let unit = begin; unit < end; unit++) {
    const head = unit / blocks; // batch and head
    const first = (unit % blocks) * rows;
    const count = min<i32>(rows, T - first);
    const seen = S - T + first; // positions before the first query of the block
    const kvHead = (head / H) * kvHeads + (head % H) / (H / kvHeads);
    const kvAt = <usize>(kvHead * capacity) * (<usize>d << 2);
    turnRows(at(pointer(args, 0), (head * T + first) * d), <usize>d << 2, q, wide, count, d, 0, 0, false, 1);
    // The masked part of the scores is computed only where it is wanted.
    const last = pointer(args, 4) != 0 ? S : seen + count;
    for (let from = 0; from < last; from += side) {
      const keys = min<i32>(side, last - from);
      turnRows(pointer(args, 1) + kvAt + at(0, from * d), <usize>d << 2, tile, wide, keys, d, 0, 0, false, 1);
      transposed(tile, wide, keysT, sideBytes, padded(keys), width);
      product(q, wide, false, keysT, sideBytes, at(scores, from), allBytes, (count + 3) & -4, padded(keys), d, false);
    }
    const place = (head * T + first) * S;
    if (pointer(args, 4) != 0) {
      turnRows(scores, allBytes, at(pointer(args, 4), place), <usize>S << 2, count, S, 0, 0, false, 1);
    }
    for (let r = 0; r < count; r++) softmaxRow(scores + <usize>r * allBytes, seen + r + 1, all, scale);
    if (pointer(args, 5) != 0) {
      turnRows(scores, allBytes, at(pointer(args, 5), place), <usize>S << 2, count, S, 0, 0, false, 1);
    }
    for (let from = 0; from < seen + count; from += side) {
      const keys = min<i32>(side, seen + count - from);
      turnRows(pointer(args, 2) + kvAt + at(0, from * d), <usize>d << 2, tile, wide, keys, d, 0, 0, false, 1);
      product(at(scores, from), allBytes, false, tile, wide, out, wide, (count + 3) & -4, width, keys, from > 0);
    }
    turnRows(out, wide, at(pointer(args, 3), (head * T + first) * d), <usize>d << 2, count, d, 0, 0, false, 1);
  }
}
