// AdamW (Loshchilov & Hutter 2019) over all parameters, and the sum of squares of all gradients. The host lists the work:
// a table with, for every unit, the addresses of its piece of weight, gradient and moments, its length and what decay leaves.
import { at, float, pointer } from '../args';
import { V, vAdd, vDiv, vLoad, vLoadPart, vMadd, vMul, vSplat, vSqrt, vStore, vStorePart, vSub, W } from '../vector';

/** Words of one entry of the table: weight, gradient, first, second, count, kept (f32). As in `../../loupe/fused/adamw.ts`. */
const entryWords: i32 = 6;

/** Pointers: table, partials (f64, one a unit). */
export function squaredNorm(args: usize, begin: i32, end: i32): void {
  for (let unit = begin; unit < end; unit++) {
    const entry = at(pointer(args, 0), unit * entryWords);
    const g = pointer(entry, 1);
    const count = load<i32>(at(entry, 4));
    let sum: f64 = 0;
    let i = 0;
    if (ASC_FEATURE_SIMD) {
      let low = f64x2.splat(0);
      let high = f64x2.splat(0);
      for (; i + 4 <= count; i += 4) {
        const x = v128.load(at(g, i));
        const a = f64x2.promote_low_f32x4(x);
        const b = f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 2, 3));
        low = f64x2.add(low, f64x2.mul(a, a));
        high = f64x2.add(high, f64x2.mul(b, b));
      }
      const both = f64x2.add(low, high);
      sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
    }
    for (; i < count; i++) {
      const x = <f64>load<f32>(at(g, i));
      sum += x * x;
    }
    store<f64>(pointer(args, 1) + ((<usize>unit) << 3), sum);
  }
}

/** One step of one piece. */
// @ts-ignore: decorator
@inline
function second(g: V, v: V, beta2: V, rest2: V): V {
  return vAdd(vMul(beta2, v), vMul(rest2, vMul(g, g)));
}

/**
 * first = beta1 first + (1 - beta1) g, second = beta2 second + (1 - beta2) g^2, weight = weight kept - rate first / (sqrt(second) / correction + eps),
 * for g = gradient * scale. Pointers: table; floats: beta1, 1 - beta1, beta2, 1 - beta2, rate, 1 / correction, eps, scale.
 */
export function adamW(args: usize, begin: i32, end: i32): void {
  const beta1 = vSplat(float(args, 0));
  const rest1 = vSplat(float(args, 1));
  const beta2 = vSplat(float(args, 2));
  const rest2 = vSplat(float(args, 3));
  const rate = vSplat(float(args, 4));
  const correction = vSplat(float(args, 5));
  const eps = vSplat(float(args, 6));
  const scale = vSplat(float(args, 7));
  for (let unit = begin; unit < end; unit++) {
    const entry = at(pointer(args, 0), unit * entryWords);
    const weight = pointer(entry, 0);
    const gradient = pointer(entry, 1);
    const first = pointer(entry, 2);
    const squares = pointer(entry, 3);
    const count = load<i32>(at(entry, 4));
    const kept = vSplat(load<f32>(at(entry, 5)));
    let i = 0;
    for (; i + W <= count; i += W) {
      const g = vMul(vLoad(at(gradient, i)), scale);
      const m = vMadd(beta1, vLoad(at(first, i)), vMul(rest1, g));
      const v = second(g, vLoad(at(squares, i)), beta2, rest2);
      vStore(at(first, i), m);
      vStore(at(squares, i), v);
      const size = vMadd(vSqrt(v), correction, eps);
      vStore(at(weight, i), vSub(vMul(vLoad(at(weight, i)), kept), vDiv(vMul(rate, m), size)));
    }
    if (i < count) {
      const n = count - i;
      const g = vMul(vLoadPart(at(gradient, i), n), scale);
      const m = vMadd(beta1, vLoadPart(at(first, i), n), vMul(rest1, g));
      const v = second(g, vLoadPart(at(squares, i), n), beta2, rest2);
      vStorePart(at(first, i), m, n);
      vStorePart(at(squares, i), v, n);
      const size = vMadd(vSqrt(v), correction, eps);
      vStorePart(at(weight, i), vSub(vMul(vLoadPart(at(weight, i), n), kept), vDiv(vMul(rate, m), size)), n);
    }
  }
}
