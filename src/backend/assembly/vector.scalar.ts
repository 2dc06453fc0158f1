// The "vector" of the scalar build: one f32. It takes the place of `vector.ts`, function for function.

export type V = f32;
/** What comparisons give and `vSelect` takes. */
export type M = bool;
/** Elements in a vector. */
export const W: i32 = 1;
/** Bytes of a vector. */
export const WB: usize = 4;

// @ts-ignore: decorator
@inline
export function vLoad(p: usize): V {
  return load<f32>(p);
}

// @ts-ignore: decorator
@inline
export function vStore(p: usize, x: V): void {
  store<f32>(p, x);
}

/** The first n (1 .. W - 1) elements; the others are 0. */
// @ts-ignore: decorator
@inline
export function vLoadPart(p: usize, n: i32): V {
  return load<f32>(p);
}

/** The first n (1 .. W - 1) elements; the others are `fill`. */
// @ts-ignore: decorator
@inline
export function vLoadPartOr(p: usize, n: i32, fill: f32): V {
  return load<f32>(p);
}

// @ts-ignore: decorator
@inline
export function vStorePart(p: usize, x: V, n: i32): void {
  store<f32>(p, x);
}

// @ts-ignore: decorator
@inline
export function vSplat(x: f32): V {
  return x;
}

/** The element at p in every place. */
// @ts-ignore: decorator
@inline
export function vLoadSplat(p: usize): V {
  return load<f32>(p);
}

// @ts-ignore: decorator
@inline
export function vAdd(a: V, b: V): V {
  return a + b;
}

// @ts-ignore: decorator
@inline
export function vSub(a: V, b: V): V {
  return a - b;
}

// @ts-ignore: decorator
@inline
export function vMul(a: V, b: V): V {
  return a * b;
}

// @ts-ignore: decorator
@inline
export function vDiv(a: V, b: V): V {
  return a / b;
}

/** a * b + c, rounded once or twice. */
// @ts-ignore: decorator
@inline
export function vMadd(a: V, b: V, c: V): V {
  return a * b + c;
}

/** c - a * b, rounded once or twice. */
// @ts-ignore: decorator
@inline
export function vNmadd(a: V, b: V, c: V): V {
  return c - a * b;
}

/** NaN where either is. */
// @ts-ignore: decorator
@inline
export function vMin(a: V, b: V): V {
  return min<f32>(a, b);
}

/** NaN where either is. */
// @ts-ignore: decorator
@inline
export function vMax(a: V, b: V): V {
  return max<f32>(a, b);
}

// @ts-ignore: decorator
@inline
export function vLower(a: V, b: V): V {
  return b < a ? b : a;
}

// @ts-ignore: decorator
@inline
export function vUpper(a: V, b: V): V {
  return a < b ? b : a;
}

// @ts-ignore: decorator
@inline
export function vSqrt(x: V): V {
  return sqrt<f32>(x);
}

// @ts-ignore: decorator
@inline
export function vNeg(x: V): V {
  return -x;
}

// @ts-ignore: decorator
@inline
export function vAbs(x: V): V {
  return abs<f32>(x);
}

// @ts-ignore: decorator
@inline
export function vFloor(x: V): V {
  return floor<f32>(x);
}

// @ts-ignore: decorator
@inline
export function vCeil(x: V): V {
  return ceil<f32>(x);
}

/** To the nearest whole number, halves to even. */
// @ts-ignore: decorator
@inline
export function vNearest(x: V): V {
  return nearest<f32>(x);
}

/** 2 ** n for whole n in -126 .. 127. */
// @ts-ignore: decorator
@inline
export function vPowerOfTwo(n: V): V {
  return reinterpret<f32>((<i32>n + 127) << 23);
}

/** For positive normal x = m * 2 ** e: the mantissa m in [0.5, 1). */
// @ts-ignore: decorator
@inline
export function vMantissa(x: V): V {
  return reinterpret<f32>((reinterpret<i32>(x) & 0x007fffff) | 0x3f000000);
}

/** For positive normal x = m * 2 ** e, m in [0.5, 1): e. */
// @ts-ignore: decorator
@inline
export function vExponent(x: V): V {
  return <f32>(<i32>(reinterpret<u32>(x) >> 23) - 126);
}

// @ts-ignore: decorator
@inline
export function vLt(a: V, b: V): M {
  return a < b;
}

// @ts-ignore: decorator
@inline
export function vLe(a: V, b: V): M {
  return a <= b;
}

// @ts-ignore: decorator
@inline
export function vEq(a: V, b: V): M {
  return a == b;
}

/** Whether the mask holds for some element. */
// @ts-ignore: decorator
@inline
export function vAny(mask: M): bool {
  return mask;
}

/** a where the mask holds, else b. */
// @ts-ignore: decorator
@inline
export function vSelect(mask: M, a: V, b: V): V {
  return mask ? a : b;
}

/** The sum of all elements, always in the same order. */
// @ts-ignore: decorator
@inline
export function vSum(x: V): f32 {
  return x;
}

/** NaN where any element is. */
// @ts-ignore: decorator
@inline
export function vGreatest(x: V): f32 {
  return x;
}

/** NaN where any element is. */
// @ts-ignore: decorator
@inline
export function vLeast(x: V): f32 {
  return x;
}
