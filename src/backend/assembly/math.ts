// Functions that WebAssembly has no instruction for, four at a time, from the multiplications and additions that follow: so
// they give the same bits everywhere but for `vMadd`. Errors are under 2 units in the last place, NaN stays NaN.
import { V, vAdd, vDiv, vEq, vExponent, vLe, vLt, vMadd, vMantissa, vMax, vMin, vMul, vNearest, vNeg, vNmadd, vPowerOfTwo, vSelect, vSplat, vSub } from './vector';

/** e ** x (polynomial of Cephes' expf). */
// @ts-ignore: decorator
@inline
export function vExp(x0: V): V {
  // Beyond these, two powers of two overflow to infinity or vanish; `min` and `max` keep NaN.
  const x = vMax(vMin(x0, vSplat(90)), vSplat(-105));
  const n = vNearest(vMul(x, vSplat(1.44269504088896341)));
  const r = vNmadd(n, vSplat(-2.12194440e-4), vNmadd(n, vSplat(0.693359375), x));
  let p = vMadd(r, vSplat(1.9875691500e-4), vSplat(1.3981999507e-3));
  p = vMadd(p, r, vSplat(8.3334519073e-3));
  p = vMadd(p, r, vSplat(4.1665795894e-2));
  p = vMadd(p, r, vSplat(1.6666665459e-1));
  p = vMadd(p, r, vSplat(5.0000001201e-1));
  p = vMadd(vMul(r, r), p, vAdd(r, vSplat(1)));
  // 2 ** n in two halves, so that results near the ends neither overflow early nor vanish early.
  const half = vNearest(vMul(n, vSplat(0.5)));
  return vMul(vMul(p, vPowerOfTwo(half)), vPowerOfTwo(vSub(n, half)));
}

/** Natural logarithm (polynomial of Cephes' logf): NaN below 0, -infinity at 0. */
// @ts-ignore: decorator
@inline
export function vLog(x0: V): V {
  const tiny = vLt(x0, vSplat(1.17549435e-38));
  const x = vSelect(tiny, vMul(x0, vSplat(8388608)), x0);
  const low = vLt(vMantissa(x), vSplat(0.707106781186547524));
  const e = vSub(vSub(vExponent(x), vSelect(tiny, vSplat(23), vSplat(0))), vSelect(low, vSplat(1), vSplat(0)));
  const m = vMantissa(x);
  const f = vSub(vSelect(low, vAdd(m, m), m), vSplat(1));
  const z = vMul(f, f);
  let p = vMadd(f, vSplat(7.0376836292e-2), vSplat(-1.1514610310e-1));
  p = vMadd(p, f, vSplat(1.1676998740e-1));
  p = vMadd(p, f, vSplat(-1.2420140846e-1));
  p = vMadd(p, f, vSplat(1.4249322787e-1));
  p = vMadd(p, f, vSplat(-1.6668057665e-1));
  p = vMadd(p, f, vSplat(2.0000714765e-1));
  p = vMadd(p, f, vSplat(-2.4999993993e-1));
  p = vMadd(p, f, vSplat(3.3333331174e-1));
  let y = vMul(vMul(f, z), p);
  y = vMadd(e, vSplat(-2.12194440e-4), y);
  y = vNmadd(z, vSplat(0.5), y);
  const result = vMadd(e, vSplat(0.693359375), vAdd(f, y));
  // What has no logarithm: 0, infinity, what is below 0, NaN.
  const ordinary = vSelect(vLt(x0, vSplat(Infinity)), result, vAdd(x0, x0));
  const nonNegative = vSelect(vEq(x0, vSplat(0)), vSplat(-Infinity), ordinary);
  return vSelect(vLt(x0, vSplat(0)), vSplat(NaN), nonNegative);
}

/** 1 / (1 + e ** -x). */
// @ts-ignore: decorator
@inline
export function vSigmoid(x: V): V {
  return vDiv(vSplat(1), vAdd(vSplat(1), vExp(vNeg(x))));
}

/** Hyperbolic tangent: an odd polynomial near 0 (Cephes' tanhf), 1 - 2 / (e ** 2x + 1) elsewhere. */
// @ts-ignore: decorator
@inline
export function vTanh(x: V): V {
  const z = vMul(x, x);
  let p = vMadd(z, vSplat(-5.70498872745e-3), vSplat(2.06390887954e-2));
  p = vMadd(p, z, vSplat(-5.37397155531e-2));
  p = vMadd(p, z, vSplat(1.33314422036e-1));
  p = vMadd(p, z, vSplat(-3.33332819422e-1));
  const near = vMadd(vMul(p, z), x, x);
  const far = vSub(vSplat(1), vDiv(vSplat(2), vAdd(vExp(vAdd(x, x)), vSplat(1))));
  return vSelect(vLe(z, vSplat(0.390625)), near, far);
}
