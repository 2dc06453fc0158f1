/**
 * Exponential, logarithm, sine and cosine from multiplications and additions alone, so that every machine gives the same
 * bits: what `Math.exp` and its like give is the platform's choice (ECMA-262, 21.3.2). Within one unit in the last place of
 * f64; the methods and constants are fdlibm's (Sun Microsystems 1993), the way of reducing angles is Cody & Waite's (1980).
 */

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
double[0] = 1;
/** Which of the two words of an f64 holds sign, exponent and the first bits of the mantissa. */
const high = words[1] === 0x3ff00000 ? 1 : 0;

const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;

/** 2 ** n for whole n in -1022 .. 1023, at n + 1022: reading one back from the words just written takes as long as the rest of `exp`. */
const powersOfTwo = Float64Array.from({ length: 2046 }, (_, exponent) => {
  words[high] = (exponent + 1) << 20;
  words[1 - high] = 0;
  return double[0] as number;
});

/** e ** x. */
export function exp(x: number): number {
  if (!(x < 709.782712893384)) return x > 0 ? Number.POSITIVE_INFINITY : Number.NaN;
  if (x < -745.1332191019412) return 0;
  const n = Math.round(x * Math.LOG2E);
  const upper = x - n * ln2High;
  const lower = n * ln2Low;
  const r = upper - lower;
  const t = r * r;
  const c =
    r -
    t *
      (0.16666666666666602 +
        t * (-0.0027777777777015593 + t * (6.613756321437934e-5 + t * (-1.6533902205465252e-6 + t * 4.1381367970572385e-8))));
  const y = 1 - (lower - (r * c) / (2 - c) - upper);
  // In two factors: neither overflows or vanishes before the result does.
  const half = n >> 1;
  return y * (powersOfTwo[half + 1022] as number) * (powersOfTwo[n - half + 1022] as number);
}

/** Natural logarithm: NaN below 0, -infinity at 0. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  const tiny = x < 2.2250738585072014e-308;
  double[0] = tiny ? x * 2 ** 54 : x;
  const word = words[high] as number;
  // The mantissa between sqrt(1/2) and sqrt(2).
  const above = ((word & 0xfffff) + 0x95f64) & 0x100000;
  words[high] = (word & 0xfffff) | (above ^ 0x3ff00000);
  const n = (word >>> 20) - 1023 + (above >>> 20) - (tiny ? 54 : 0);
  const f = (double[0] as number) - 1;
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const half = 0.5 * f * f;
  return n * ln2High - (half - (s * (half + odd + even) + n * ln2Low) - f);
}

/** Logarithm to base 2, within two units in the last place. */
export function log2(x: number): number {
  return log(x) / Math.LN2;
}

/** base ** exponent for a base above 0, within some units in the last place for results of ordinary size. */
export function power(base: number, exponent: number): number {
  return exp(exponent * log(base));
}

/** base ** exponent for a whole exponent from 0 on, by squaring. */
export function wholePower(base: number, exponent: number): number {
  let result = 1;
  for (let left = exponent, square = base; left > 0; left = Math.floor(left / 2), square *= square) if (left % 2 === 1) result *= square;
  return result;
}

/** The smallest power of two that is not below x, for x from 1 to 2 ** 53. */
export function powerOfTwoFrom(x: number): number {
  let result = 1;
  while (result < x) result *= 2;
  return result;
}

/** Angles beyond this give NaN: the reduction would no longer be exact. */
const farthest = 2 ** 20 * 1.5;

/** For angles (radians) up to 1.5 million. */
export function cos(x: number): number {
  return turned(x, 1);
}

/** For angles (radians) up to 1.5 million. */
export function sin(x: number): number {
  return turned(x, 0);
}

/** sin(x + quarters * pi / 2). */
function turned(x: number, quarters: number): number {
  if (!(Math.abs(x) <= farthest)) return Number.NaN;
  const n = Math.abs(x) < Math.PI / 4 ? 0 : Math.round(x * (2 / Math.PI));
  // pi / 2 in three pieces, of which the first two times n are exact.
  const first = x - n * 1.5707963267341256;
  const second = n * 6.077100506303966e-11;
  const rest = first - second;
  const third = n * 2.0222662487959506e-21 - (first - rest - second);
  const r = rest - third;
  const below = rest - r - third;
  switch ((n + quarters) & 3) {
    case 0:
      return sinNear(r, below);
    case 1:
      return cosNear(r, below);
    case 2:
      return -sinNear(r, below);
    default:
      return -cosNear(r, below);
  }
}

/** sin(r + below), r within pi / 4. */
function sinNear(r: number, below: number): number {
  const z = r * r;
  const v = z * r;
  const p =
    0.00833333333332249 +
    z * (-0.0001984126982985795 + z * (2.7557313707070068e-6 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)));
  return r - (z * (0.5 * below - v * p) - below - v * -0.16666666666666632);
}

/** cos(r + below), r within pi / 4. */
function cosNear(r: number, below: number): number {
  const z = r * r;
  const p =
    z *
    (0.0416666666666666 +
      z *
        (-0.001388888888887411 +
          z * (2.480158728947673e-5 + z * (-2.7557314351390663e-7 + z * (2.087572321298175e-9 + z * -1.1359647557788195e-11)))));
  const half = 0.5 * z;
  const w = 1 - half;
  return w + (1 - w - half + (z * p - r * below));
}
