// Causal attention with grouped key-value heads for training, as FlashAttention cuts it (Dao et al. 2022): tiles of `side`
// queries by `side` keys in working memory, a running softmax, no tile beyond the diagonal, and of [T, T] only one number a row
// (log of the sum of exponentials) is kept; the gradient computes the rest again. RoPE is applied on the way in.
//
// Rows are flat: q, out, dOut, dQ [B T, H d]; k, v, dK, dV [B T, Hkv d]; cos, sin [T, d] or 0; lse [B, H, T].
// Pointers: q 0, k 1, v 2, cos 3, sin 4, out 5, lse 6, dOut 7, dQ 8, dK 9, dV 10; ints: B 11, H 12, Hkv 13, T 14, d 15;
// float: scale of the scores. Working memory: 8 tiles [side, d] and 2 [side, side].
import { at, float, int, pointer } from '../args';
import { vExp, vLog } from '../math';
import { scratch } from '../scratch';
import { V, vAdd, vGreatest, vLoad, vMadd, vMul, vSplat, vStore, vStorePart, vSub, vSum, vUpper, W } from '../vector';
import { transposed, turnRows } from './rotate';
import { product } from './tiles';

/** Queries, and keys, of a tile, as many as the working memory holds. As in `../../loupe/fused/attention.ts`. */
// @ts-ignore: decorator
@inline
function sideFor(d: i32): i32 {
  return d <= 256 ? 64 : d <= 512 ? 32 : d <= 1024 ? 16 : 8;
}

// @ts-ignore: decorator
@inline
function padded(n: i32, to: i32): i32 {
  return (n + to - 1) & -to;
}

/** Copies rows into a tile, turned and scaled, and fills it up with rows of zeros to a multiple of 8. */
function fetch(x: usize, stride: usize, tile: usize, rows: i32, d: i32, width: i32, cos: usize, sin: usize, scale: f32): void {
  const wide = <usize>width << 2;
  if (width != d || rows % 8 != 0) memory.fill(tile, 0, wide * padded(rows, 8));
  turnRows(x, stride, tile, wide, rows, d, cos, sin, false, scale);
}

/** Of scores [rows, side] up to the diagonal: row r sees `seen` + r keys, of `keys`. `width` columns for the four rows from r on. */
// @ts-ignore: decorator
@inline
function visible(r: i32, seen: i32, keys: i32): i32 {
  return min<i32>(seen + r, keys);
}

/** scores (four rows at a time, no further than the last of them sees) = a . b. */
function triangle(a: usize, lda: usize, b: usize, scores: usize, sideBytes: usize, rows: i32, keys: i32, seen: i32, k: i32): void {
  for (let r = 0; r < rows; r += 4) {
    const width = padded(visible(r + 3, seen, keys), 8);
    product(a + <usize>r * lda, lda, false, b, sideBytes, scores + <usize>r * sideBytes, sideBytes, 4, width, k, false);
  }
}

/** Units: (batch, head, block of `side` queries). */
export function attention(args: usize, begin: i32, end: i32): void {
  const H = int(args, 12);
  const kvHeads = int(args, 13);
  const T = int(args, 14);
  const d = int(args, 15);
  const side = sideFor(d);
  const sideBytes = <usize>side << 2;
  const width = padded(d, 8);
  const wide = <usize>width << 2;
  const blocks = (T + side - 1) / side;
  const qStride = <usize>(H * d) << 2;
  const kStride = <usize>(kvHeads * d) << 2;
  const tile = <usize>side * wide;
  const q = scratch;
  const rows64 = q + tile;
  const keysT = rows64 + tile;
  const values = keysT + tile;
  const sums = values + tile;
  const scores = sums + tile;
  const tops = scores + <usize>side * sideBytes;
  const totals = tops + sideBytes;
  const cos = pointer(args, 3);
  const sin = pointer(args, 4);
  for (let unit = begin; unit < end; unit++) {
    const block = unit % blocks;
    const head = (unit / blocks) % H;
    const batch = unit / blocks / H;
    const kvHead = head / (H / kvHeads);
    const first = block * side;
    const rows = min<i32>(side, T - first);
    const position = at(0, first * d);
    const qAt = pointer(args, 0) + <usize>(batch * T + first) * qStride + at(0, head * d);
    fetch(qAt, qStride, q, rows, d, width, cos == 0 ? 0 : cos + position, sin + position, float(args, 0));
    for (let from = 0; from < first + rows; from += side) {
      const keys = min<i32>(side, first + rows - from);
      const kvAt = <usize>(batch * T + from) * kStride + at(0, kvHead * d);
      const turned = at(0, from * d);
      fetch(pointer(args, 1) + kvAt, kStride, rows64, keys, d, width, cos == 0 ? 0 : cos + turned, sin + turned, 1);
      transposed(rows64, wide, keysT, sideBytes, padded(keys, 8), width);
      fetch(pointer(args, 2) + kvAt, kStride, values, keys, d, width, 0, 0, 1);
      const seen = first - from + 1;
      triangle(q, wide, keysT, scores, sideBytes, rows, keys, seen, d);
      for (let r = 0; r < rows; r++) {
        softmaxRow(scores + <usize>r * sideBytes, visible(r, seen, keys), padded(visible(r | 3, seen, keys), 8), from == 0, at(tops, r), at(totals, r), sums + <usize>r * wide, width);
      }
      for (let r = 0; r < rows; r += 4) {
        const sees = visible(r + 3, seen, keys);
        product(scores + <usize>r * sideBytes, sideBytes, false, values, wide, sums + <usize>r * wide, wide, 4, width, sees, from > 0);
      }
    }
    const outAt = pointer(args, 5) + <usize>(batch * T + first) * qStride + at(0, head * d);
    const lse = at(pointer(args, 6), (batch * H + head) * T + first);
    for (let r = 0; r < rows; r++) {
      const total = load<f32>(at(totals, r));
      turnRows(sums + <usize>r * wide, 0, outAt + <usize>r * qStride, 0, 1, d, 0, 0, false, <f32>1 / total);
      vStorePart(at(lse, r), vAdd(vLog(vSplat(total)), vSplat(load<f32>(at(tops, r)))), 1);
    }
  }
}

/** One step of the running softmax: `count` scores become exp(score - top), those behind them up to `width` 0; earlier sums are corrected. */
function softmaxRow(x: usize, count: i32, width: i32, fresh: bool, top: usize, total: usize, sums: usize, columns: i32): void {
  for (let i = count; i < width; i++) store<f32>(at(x, i), -Infinity);
  const before: f32 = fresh ? -Infinity : load<f32>(top);
  let most = vSplat(before);
  const to = padded(count, 4);
  for (let i = 0; i < to; i += W) most = vUpper(most, vLoad(at(x, i)));
  // Finite even where no score is: a tile of nothing but negative infinity adds 0, where NaN would stay in the tiles that follow.
  const now = max<f32>(vGreatest(most), -f32.MAX_VALUE);
  const shift = vSplat(now);
  let added = vSplat(0);
  for (let i = 0; i < to; i += W) {
    const e = vExp(vSub(vLoad(at(x, i)), shift));
    vStore(at(x, i), e);
    added = vAdd(added, e);
  }
  for (let i = to; i < width; i += W) vStore(at(x, i), vSplat(0));
  let sum = vSum(added);
  if (!fresh) {
    const correction = vExp(vSub(vSplat(before), shift));
    for (let i = 0; i < columns; i += W) vStore(at(sums, i), vMul(vLoad(at(sums, i)), correction));
    vStorePart(total, vMul(correction, vSplat(load<f32>(total))), 1);
    sum += load<f32>(total);
  }
  store<f32>(top, now);
  store<f32>(total, sum);
}

/**
 * Units: (batch, key-value head): all sums stay within one. With P = exp(S - lse), dP = dOut v^T, delta = dOut . out by rows:
 * dS = P (dP - delta), dV = P^T dOut, dK = dS^T q, dQ = dS k.
 */
export function attentionGrad(args: usize, begin: i32, end: i32): void {
  const H = int(args, 12);
  const kvHeads = int(args, 13);
  const T = int(args, 14);
  const d = int(args, 15);
  const side = sideFor(d);
  const sideBytes = <usize>side << 2;
  const group = H / kvHeads;
  const width = padded(d, 8);
  const wide = <usize>width << 2;
  const qStride = <usize>(H * d) << 2;
  const kStride = <usize>(kvHeads * d) << 2;
  const tile = <usize>side * wide;
  const q = scratch;
  const k = q + tile;
  const keysT = k + tile;
  const valuesT = keysT + tile;
  const dOut = valuesT + tile;
  const dK = dOut + tile;
  const dV = dK + tile;
  const dQ = dV + tile;
  const scores = dQ + tile;
  const dScores = scores + <usize>side * sideBytes;
  const deltas = dScores + <usize>side * sideBytes;
  const cos = pointer(args, 3);
  const sin = pointer(args, 4);
  const scale = float(args, 0);
  for (let unit = begin; unit < end; unit++) {
    const batch = unit / kvHeads;
    const kvHead = unit % kvHeads;
    for (let from = 0; from < T; from += side) {
      const keys = min<i32>(side, T - from);
      const kvAt = <usize>(batch * T + from) * kStride + at(0, kvHead * d);
      const turned = at(0, from * d);
      // The values pass through dOut's place on their way.
      fetch(pointer(args, 2) + kvAt, kStride, dOut, keys, d, width, 0, 0, 1);
      transposed(dOut, wide, valuesT, sideBytes, padded(keys, 8), width);
      fetch(pointer(args, 1) + kvAt, kStride, k, keys, d, width, cos == 0 ? 0 : cos + turned, sin + turned, 1);
      transposed(k, wide, keysT, sideBytes, padded(keys, 8), width);
      memory.fill(dK, 0, tile);
      memory.fill(dV, 0, tile);
      for (let head = kvHead * group; head < (kvHead + 1) * group; head++) {
        for (let first = from; first < T; first += side) {
          const rows = min<i32>(side, T - first);
          const position = at(0, first * d);
          const place = <usize>(batch * T + first) * qStride + at(0, head * d);
          fetch(pointer(args, 0) + place, qStride, q, rows, d, width, cos == 0 ? 0 : cos + position, sin + position, scale);
          // `out` passes through dQ's place.
          fetch(pointer(args, 7) + place, qStride, dOut, rows, d, width, 0, 0, 1);
          fetch(pointer(args, 5) + place, qStride, dQ, rows, d, width, 0, 0, 1);
          for (let r = 0; r < rows; r++) {
            store<f32>(at(deltas, r), dot(dOut + <usize>r * wide, dQ + <usize>r * wide, width));
          }
          const seen = first - from + 1;
          triangle(q, wide, keysT, scores, sideBytes, rows, keys, seen, d);
          triangle(dOut, wide, valuesT, dScores, sideBytes, rows, keys, seen, d);
          const lse = at(pointer(args, 6), (batch * H + head) * T + first);
          const rows4 = padded(rows, 4);
          for (let r = 0; r < rows4; r++) {
            const count = r < rows ? visible(r, seen, keys) : 0;
            softmaxRowGrad(scores + <usize>r * sideBytes, dScores + <usize>r * sideBytes, count, padded(visible(r | 3, seen, keys), 8), r < rows ? load<f32>(at(lse, r)) : 0, load<f32>(at(deltas, r)));
          }
          for (let r = 0; r < rows; r += 4) {
            const sees = visible(r + 3, seen, keys);
            product(dScores + <usize>r * sideBytes, sideBytes, false, k, wide, dQ + <usize>r * wide, wide, 4, width, sees, false);
          }
          // Four keys at a time; only queries that see the first of them.
          for (let c = 0; c < keys; c += 4) {
            const r = max<i32>(0, c + 1 - seen) & -4;
            const column = at(0, c) + <usize>r * sideBytes;
            const below = <usize>r * wide;
            product(scores + column, sideBytes, true, dOut + below, wide, dV + <usize>c * wide, wide, 4, width, rows - r, true);
            product(dScores + column, sideBytes, true, q + below, wide, dK + <usize>c * wide, wide, 4, width, rows - r, true);
          }
          flush(dQ, wide, pointer(args, 8) + place, qStride, rows, d, from > 0);
        }
      }
      turnRows(dK, wide, pointer(args, 9) + kvAt, kStride, keys, d, cos == 0 ? 0 : cos + turned, sin + turned, true, 1);
      turnRows(dV, wide, pointer(args, 10) + kvAt, kStride, keys, d, 0, 0, false, 1);
    }
    for (let head = kvHead * group; head < (kvHead + 1) * group; head++) {
      const whole = pointer(args, 8) + <usize>(batch * T) * qStride + at(0, head * d);
      turnRows(whole, qStride, whole, qStride, T, d, cos, sin, true, scale);
    }
  }
}

// @ts-ignore: decorator
@inline
function dot(a: usize, b: usize, width: i32): f32 {
  let all = vSplat(0);
  for (let i = 0; i < width; i += W) all = vMadd(vLoad(at(a, i)), vLoad(at(b, i)), all);
  return vSum(all);
}

/** Scores become the pattern P = exp(S - lse), dP becomes dS = P (dP - delta); 0 from `count` up to `width`. */
function softmaxRowGrad(x: usize, dx: usize, count: i32, width: i32, lse: f32, delta: f32): void {
  const shift = vSplat(lse);
  const mean = vSplat(delta);
  for (let i = 0; i < count; i += W) {
    const p = vExp(vSub(vLoad(at(x, i)), shift));
    vStore(at(x, i), p);
    vStore(at(dx, i), vMul(p, vSub(vLoad(at(dx, i)), mean)));
  }
  for (let i = count; i < width; i++) {
    store<f32>(at(x, i), 0);
    store<f32>(at(dx, i), 0);
  }
}

/** Writes or adds the rows of a tile to where they belong. */
function flush(tile: usize, wide: usize, out: usize, stride: usize, rows: i32, d: i32, accumulate: bool): void {
  if (!accumulate) {
    turnRows(tile, wide, out, stride, rows, d, 0, 0, false, 1);
    return;
  }
  for (let r = 0; r < rows; r++) {
    let i = 0;
    for (; i + W <= d; i += W) vStore(at(out, i), vAdd(vLoad(at(out, i)), vLoad(at(tile, i))));
    for (; i < d; i++) store<f32>(at(out, i), load<f32>(at(out, i)) + load<f32>(at(tile, i)));
    tile += wide;
    out += stride;
  }
}
