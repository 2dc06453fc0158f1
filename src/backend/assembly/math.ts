// Functions that WebAssembly has no instruction for, four at a time, from the multiplications and additions that follow: so
// they give the same bits everywhere but for `vMadd`. Errors are under 2 units in the last place, NaN stays NaN.
import { V, vAdd, vDiv, vEq, vExponent, vLe, vLoadSplat, vLower, vLt, vMadd, vMantissa, vMul, vNearest, vNeg, vNmadd, vPowerOfTwo, vSelect, vSplat, vSub, vUpper } from './vector';

// Numbers lie in memory: a vector of equal ones is then one load, where as a constant it is three instructions each time.

/** Where 2 ** n overflows and vanishes even in two steps; 1 / ln 2; ln 2 in two parts; 1; 1/2. */
const exponents: usize = memory.data<f32>([90, -105, 1.44269504088896341, 0.693359375, -2.12194440e-4, 1, 0.5]);
/** From the highest power down. */
const expTerms: usize = memory.data<f32>([1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1]);
const logTerms: usize = memory.data<f32>([
  7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
]);
const tanhTerms: usize = memory.data<f32>([-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1]);

// @ts-ignore: decorator
@inline
function number(table: usize, i: usize): V {
  return vLoadSplat(table + (i << 2));
}

/** e ** x (polynomial of Cephes' expf). */
// @ts-ignore: decorator
@inline
export function vExp(x0: V): V {
  // Beyond these, two powers of two overflow to infinity or vanish. NaN stays.
  const x = vUpper(vLower(x0, number(exponents, 0)), number(exponents, 1));
  const n = vNearest(vMul(x, number(exponents, 2)));
  const r = vNmadd(n, number(exponents, 4), vNmadd(n, number(exponents, 3), x));
  let p = vMadd(r, number(expTerms, 0), number(expTerms, 1));
  p = vMadd(p, r, number(expTerms, 2));
  p = vMadd(p, r, number(expTerms, 3));
  p = vMadd(p, r, number(expTerms, 4));
  p = vMadd(p, r, number(expTerms, 5));
  p = vMadd(vMul(r, r), p, vAdd(r, number(exponents, 5)));
  // 2 ** n in two halves, so that results near the ends neither overflow early nor vanish early.
  const half = vNearest(vMul(n, number(exponents, 6)));
  return vMul(vMul(p, vPowerOfTwo(half)), vPowerOfTwo(vSub(n, half)));
}

/** Natural logarithm (polynomial of Cephes' logf): NaN below 0, -infinity at 0. */
// @ts-ignore: decorator
@inline
export function vLog(x0: V): V {
  const tiny = vLt(x0, vSplat(1.17549435e-38));
  const x = vSelect(tiny, vMul(x0, vSplat(8388608)), x0);
  const low = vLt(vMantissa(x), vSplat(0.707106781186547524));
  const e = vSub(vSub(vExponent(x), vSelect(tiny, vSplat(23), vSplat(0))), vSelect(low, number(exponents, 5), vSplat(0)));
  const m = vMantissa(x);
  const f = vSub(vSelect(low, vAdd(m, m), m), number(exponents, 5));
  const z = vMul(f, f);
  let p = vMadd(f, number(logTerms, 0), number(logTerms, 1));
  p = vMadd(p, f, number(logTerms, 2));
  p = vMadd(p, f, number(logTerms, 3));
  p = vMadd(p, f, number(logTerms, 4));
  p = vMadd(p, f, number(logTerms, 5));
  p = vMadd(p, f, number(logTerms, 6));
  p = vMadd(p, f, number(logTerms, 7));
  p = vMadd(p, f, number(logTerms, 8));
  let y = vMul(vMul(f, z), p);
  y = vMadd(e, number(exponents, 4), y);
  y = vNmadd(z, number(exponents, 6), y);
  const result = vMadd(e, number(exponents, 3), vAdd(f, y));
  // What has no logarithm: 0, infinity, what is below 0, NaN.
  const ordinary = vSelect(vLt(x0, vSplat(Infinity)), result, vAdd(x0, x0));
  const nonNegative = vSelect(vEq(x0, vSplat(0)), vSplat(-Infinity), ordinary);
  return vSelect(vLt(x0, vSplat(0)), vSplat(NaN), nonNegative);
}

/** 1 / (1 + e ** -x). */
// @ts-ignore: decorator
@inline
export function vSigmoid(x: V): V {
  return vDiv(number(exponents, 5), vAdd(number(exponents, 5), vExp(vNeg(x))));
}

/** Hyperbolic tangent: an odd polynomial near 0 (Cephes' tanhf), 1 - 2 / (e ** 2x + 1) elsewhere. */
// @ts-ignore: decorator
@inline
export function vTanh(x: V): V {
  const z = vMul(x, x);
  let p = vMadd(z, number(tanhTerms, 0), number(tanhTerms, 1));
  p = vMadd(p, z, number(tanhTerms, 2));
  p = vMadd(p, z, number(tanhTerms, 3));
  p = vMadd(p, z, number(tanhTerms, 4));
  const near = vMadd(vMul(p, z), x, x);
  const far = vSub(number(exponents, 5), vDiv(vSplat(2), vAdd(vExp(vAdd(x, x)), number(exponents, 5))));
  return vSelect(vLe(z, vSplat(0.390625)), near, far);
}
