// The vector of the SIMD builds: four f32. `vector.scalar.ts` has the same functions for one.

export type V = v128;
/** What comparisons give and `vSelect` takes. */
export type M = v128;
/** Elements in a vector. */
export const W: i32 = 4;
/** Bytes of a vector. */
export const WB: usize = 16;

// @ts-ignore: decorator
@inline
export function vLoad(p: usize): V {
  return v128.load(p);
}

// @ts-ignore: decorator
@inline
export function vStore(p: usize, x: V): void {
  v128.store(p, x);
}

/** The first n (1 .. W - 1) elements; the others are 0. */
// @ts-ignore: decorator
@inline
export function vLoadPart(p: usize, n: i32): V {
  if (n == 1) return v128.load32_zero(p);
  const two = v128.load64_zero(p);
  return n == 2 ? two : v128.load32_lane(p + 8, two, 2);
}

/** The first n (1 .. W - 1) elements; the others are `fill`. */
// @ts-ignore: decorator
@inline
export function vLoadPartOr(p: usize, n: i32, fill: f32): V {
  let x = v128.load32_lane(p, f32x4.splat(fill), 0);
  if (n > 1) x = v128.load32_lane(p + 4, x, 1);
  return n > 2 ? v128.load32_lane(p + 8, x, 2) : x;
}

// @ts-ignore: decorator
@inline
export function vStorePart(p: usize, x: V, n: i32): void {
  if (n == 1) {
    v128.store32_lane(p, x, 0);
  } else {
    v128.store64_lane(p, x, 0);
    if (n == 3) v128.store32_lane(p + 8, x, 2);
  }
}

// @ts-ignore: decorator
@inline
export function vSplat(x: f32): V {
  return f32x4.splat(x);
}

/** The element at p in every place. */
// @ts-ignore: decorator
@inline
export function vLoadSplat(p: usize): V {
  return v128.load32_splat(p);
}

// @ts-ignore: decorator
@inline
export function vAdd(a: V, b: V): V {
  return f32x4.add(a, b);
}

// @ts-ignore: decorator
@inline
export function vSub(a: V, b: V): V {
  return f32x4.sub(a, b);
}

// @ts-ignore: decorator
@inline
export function vMul(a: V, b: V): V {
  return f32x4.mul(a, b);
}

// @ts-ignore: decorator
@inline
export function vDiv(a: V, b: V): V {
  return f32x4.div(a, b);
}

/** a * b + c, rounded once or twice. */
// @ts-ignore: decorator
@inline
export function vMadd(a: V, b: V, c: V): V {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** c - a * b, rounded once or twice. */
// @ts-ignore: decorator
@inline
export function vNmadd(a: V, b: V, c: V): V {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c);
  return f32x4.sub(c, f32x4.mul(a, b));
}

/** NaN where either is. */
// @ts-ignore: decorator
@inline
export function vMin(a: V, b: V): V {
  return f32x4.min(a, b);
}

/** NaN where either is. */
// @ts-ignore: decorator
@inline
export function vMax(a: V, b: V): V {
  return f32x4.max(a, b);
}

/** b where it is below a, else a: so NaN in a stays. One instruction on every processor, unlike `vMin`. */
// @ts-ignore: decorator
@inline
export function vLower(a: V, b: V): V {
  return f32x4.pmin(a, b);
}

/** b where it is above a, else a: so NaN in a stays. */
// @ts-ignore: decorator
@inline
export function vUpper(a: V, b: V): V {
  return f32x4.pmax(a, b);
}

// @ts-ignore: decorator
@inline
export function vSqrt(x: V): V {
  return f32x4.sqrt(x);
}

// @ts-ignore: decorator
@inline
export function vNeg(x: V): V {
  return f32x4.neg(x);
}

// @ts-ignore: decorator
@inline
export function vAbs(x: V): V {
  return f32x4.abs(x);
}

// @ts-ignore: decorator
@inline
export function vFloor(x: V): V {
  return f32x4.floor(x);
}

// @ts-ignore: decorator
@inline
export function vCeil(x: V): V {
  return f32x4.ceil(x);
}

/** To the nearest whole number, halves to even. */
// @ts-ignore: decorator
@inline
export function vNearest(x: V): V {
  return f32x4.nearest(x);
}

/** 2 ** n for whole n in -126 .. 127. */
// @ts-ignore: decorator
@inline
export function vPowerOfTwo(n: V): V {
  // 1.5 * 2 ** 23 + 127 + n has n + 127 in its last bits, and only those survive the shift: two instructions for nine.
  return i32x4.shl(f32x4.add(n, f32x4.splat(12583039)), 23);
}

/** For positive normal x = m * 2 ** e: the mantissa m in [0.5, 1). */
// @ts-ignore: decorator
@inline
export function vMantissa(x: V): V {
  return v128.or(v128.and(x, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000));
}

/** For positive normal x = m * 2 ** e, m in [0.5, 1): e. */
// @ts-ignore: decorator
@inline
export function vExponent(x: V): V {
  return f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(x, 23), i32x4.splat(126)));
}

// @ts-ignore: decorator
@inline
export function vLt(a: V, b: V): M {
  return f32x4.lt(a, b);
}

// @ts-ignore: decorator
@inline
export function vLe(a: V, b: V): M {
  return f32x4.le(a, b);
}

// @ts-ignore: decorator
@inline
export function vEq(a: V, b: V): M {
  return f32x4.eq(a, b);
}

/** Whether the mask holds for some element. */
// @ts-ignore: decorator
@inline
export function vAny(mask: M): bool {
  return v128.any_true(mask);
}

/** a where the mask holds, else b. */
// @ts-ignore: decorator
@inline
export function vSelect(mask: M, a: V, b: V): V {
  return v128.bitselect(a, b, mask);
}

/** The sum of all elements, always in the same order. */
// @ts-ignore: decorator
@inline
export function vSum(x: V): f32 {
  return (f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 2)) + (f32x4.extract_lane(x, 1) + f32x4.extract_lane(x, 3));
}

/** NaN where any element is. */
// @ts-ignore: decorator
@inline
export function vGreatest(x: V): f32 {
  const y = f32x4.max(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.max(y, v128.shuffle<f32>(y, y, 1, 0, 3, 2)), 0);
}

/** NaN where any element is. */
// @ts-ignore: decorator
@inline
export function vLeast(x: V): f32 {
  const y = f32x4.min(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.min(y, v128.shuffle<f32>(y, y, 1, 0, 3, 2)), 0);
}
