// Dropout whose mask is never stored: what happens to element i is a function of the key and i, by Threefry-2x32 with 20
// rounds (Salmon et al. 2011), the numbers of `Rng.fillUniform` in core. The gradient is the same pass over dy.
import { at, float, int, pointer } from '../args';
import { first, last } from './blocks';

/**
 * out[i] = x[i] * mask, mask = u(i) < rate ? 0 : kept, where u(i) is 24 bits and `threshold` is rate * 2^24, rounded up.
 * Pointers: x, out; ints: count, key 0, key 1, threshold; float: kept = 1 / (1 - rate). Units: blocks.
 */
export function dropout(args: usize, begin: i32, end: i32): void {
  const x = pointer(args, 0);
  const out = pointer(args, 1);
  const to = last(end, int(args, 2));
  const k0 = <u32>int(args, 3);
  const k1 = <u32>int(args, 4);
  const threshold = int(args, 5);
  const kept = float(args, 0);
  let i = first(begin);
  if (ASC_FEATURE_SIMD) {
    for (; i + 8 <= to; i += 8) eight(x, out, i, k0, k1, threshold, kept);
  }
  for (; i < to; i += 2) {
    const bits = threefry(k0, k1, <u32>i >>> 1);
    const x0 = <u32>bits;
    const x1 = <u32>(bits >>> 32);
    store<f32>(at(out, i), load<f32>(at(x, i)) * (<i32>(x0 >>> 8) < threshold ? 0 : kept));
    if (i + 1 < to) store<f32>(at(out, i + 1), load<f32>(at(x, i + 1)) * (<i32>(x1 >>> 8) < threshold ? 0 : kept));
  }
}

/** The block function of `rng.ts`, for the counter (c, 0): two words, the first one below. */
function threefry(k0: u32, k1: u32, c: u32): u64 {
  const k2 = 0x1bd11bda ^ k0 ^ k1;
  // Two rows of four rotations, taken in turn.
  const rotations: u64 = 0x18101d11061a0f0d;
  let x0 = c + k0;
  let x1 = k1;
  for (let group: u32 = 0; group < 5; group++) {
    for (let round: u32 = 0; round < 4; round++) {
      x0 += x1;
      x1 = rotl<u32>(x1, <u32>(rotations >>> (((group & 1) * 4 + round) * 8)) & 31) ^ x0;
    }
    const turn = group % 3;
    x0 += turn == 0 ? k1 : turn == 1 ? k2 : k0;
    x1 += (turn == 0 ? k2 : turn == 1 ? k0 : k1) + group + 1;
  }
  return ((<u64>x1) << 32) | x0;
}

/** Elements i .. i + 7 (i is even), from four counters at once. */
// @ts-ignore: decorator
@inline
function eight(x: usize, out: usize, i: i32, k0: u32, k1: u32, threshold: i32, kept: f32): void {
  const key0 = i32x4.splat(k0);
  const key1 = i32x4.splat(k1);
  const key2 = i32x4.splat(0x1bd11bda ^ k0 ^ k1);
  let x0 = i32x4.add(i32x4.add(i32x4.splat(i >>> 1), i32x4(0, 1, 2, 3)), key0);
  let x1 = key1;
  x0 = i32x4.add(x0, x1);
  x1 = turn(x0, x1, 13);
  x0 = i32x4.add(x0, x1);
  x1 = turn(x0, x1, 15);
  x0 = i32x4.add(x0, x1);
  x1 = turn(x0, x1, 26);
  x0 = i32x4.add(x0, x1);
  x1 = turn(x0, x1, 6);
  x0 = i32x4.add(x0, key1);
  x1 = i32x4.add(i32x4.add(x1, key2), i32x4.splat(1));
  x0 = i32x4.add(x0, x1);
  x1 = turn(x0, x1, 17);
  x0 = i32x4.add(x0, x1);
  x1 = turn(x0, x1, 29);
  x0 = i32x4.add(x0, x1);
  x1 = turn(x0, x1, 16);
  x0 = i32x4.add(x0, x1);
  x1 = turn(x0, x1, 24);
  x0 = i32x4.add(x0, key2);
  x1 = i32x4.add(i32x4.add(x1, key0), i32x4.splat(2));
  x0 = i32x4.add(x0, x1);
  x1 = turn(x0, x1, 13);
  x0 = i32x4.add(x0, x1);
  x1 = turn(x0, x1, 15);
  x0 = i32x4.add(x0, x1);
  x1 = turn(x0, x1, 26);
  x0 = i32x4.add(x0, x1);
  x1 = turn(x0, x1, 6);
  x0 = i32x4.add(x0, key0);
  x1 = i32x4.add(i32x4.add(x1, key1), i32x4.splat(3));
  x0 = i32x4.add(x0, x1);
  x1 = turn(x0, x1, 17);
  x0 = i32x4.add(x0, x1);
  x1 = turn(x0, x1, 29);
  x0 = i32x4.add(x0, x1);
  x1 = turn(x0, x1, 16);
  x0 = i32x4.add(x0, x1);
  x1 = turn(x0, x1, 24);
  x0 = i32x4.add(x0, key1);
  x1 = i32x4.add(i32x4.add(x1, key2), i32x4.splat(4));
  x0 = i32x4.add(x0, x1);
  x1 = turn(x0, x1, 13);
  x0 = i32x4.add(x0, x1);
  x1 = turn(x0, x1, 15);
  x0 = i32x4.add(x0, x1);
  x1 = turn(x0, x1, 26);
  x0 = i32x4.add(x0, x1);
  x1 = turn(x0, x1, 6);
  x0 = i32x4.add(x0, key2);
  x1 = i32x4.add(i32x4.add(x1, key0), i32x4.splat(5));
  const limit = i32x4.splat(threshold);
  const full = f32x4.splat(kept);
  const m0 = v128.andnot(full, i32x4.lt_s(i32x4.shr_u(x0, 8), limit));
  const m1 = v128.andnot(full, i32x4.lt_s(i32x4.shr_u(x1, 8), limit));
  v128.store(at(out, i), f32x4.mul(v128.load(at(x, i)), v128.shuffle<i32>(m0, m1, 0, 4, 1, 5)));
  v128.store(at(out, i + 4), f32x4.mul(v128.load(at(x, i + 4)), v128.shuffle<i32>(m0, m1, 2, 6, 3, 7)));
}

// @ts-ignore: decorator
@inline
function turn(x0: v128, x1: v128, r: i32): v128 {
  return v128.xor(v128.or(i32x4.shl(x1, r), i32x4.shr_u(x1, 32 - r)), x0);
}
