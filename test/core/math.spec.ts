/** Our own functions against what arithmetic of 220 bits gives, and a guard: nothing that is computed asks the platform for them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { cos, exp, log, log2, power, powerOfTwoFrom, sin, wholePower } from '../../src/core/math';
import { Rng } from '../../src/core/rng';

// ---- numbers of 220 bits behind the point

const bits = 220n;
const one = 1n << bits;

/** Exactly. */
function fixed(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const word = view.getBigUint64(0);
  const exponent = Number((word >> 52n) & 0x7ffn);
  const mantissa = (word & 0xfffffffffffffn) | (exponent === 0 ? 0n : 0x10000000000000n);
  const shift = BigInt(Math.max(exponent, 1) - 1075) + bits;
  const size = shift >= 0n ? mantissa << shift : mantissa >> -shift;
  return word >> 63n ? -size : size;
}

/** x ** first / first! + ..., every `step`th term, signs as `sign` says. */
function series(x: bigint, first: bigint, step: bigint, sign: bigint): bigint {
  let term = first === 0n ? one : x;
  let sum = 0n;
  for (let n = first; term !== 0n; ) {
    sum += term;
    for (let i = 0n; i < step; i++) term = (term * x) / one / ++n;
    term *= sign;
  }
  return sum;
}

/** e ** x for small x, by e ** (x / 2 ** 8) squared eight times. */
function bigExp(x: bigint): bigint {
  let result = series(x >> 8n, 0n, 1n, 1n);
  for (let i = 0; i < 8; i++) result = (result * result) >> bits;
  return result;
}

/** Machin 1706. */
const pi = (() => {
  const arctan = (inverse: bigint) => {
    let sum = 0n;
    for (let power = one / inverse, n = 1n; power !== 0n; power /= -inverse * inverse, n += 2n) sum += power / n;
    return sum;
  };
  return 16n * arctan(5n) - 4n * arctan(239n);
})();

/** Between -pi and pi. */
const reduced = (x: bigint) => ((((x + pi) % (2n * pi)) + 2n * pi) % (2n * pi)) - pi;

/** How many units in the last place of an f64 the found number is away. */
function units(found: number, exact: bigint): number {
  const unit = Number(exact < 0n ? -exact : exact) / Number(one);
  const place = 2 ** (Math.floor(Math.log2(unit)) - 52);
  return Math.abs(Number(fixed(found) - exact) / Number(one)) / place;
}

const rng = Rng.from(31);
/** 1500 numbers between two. */
const between = (label: string, from: number, to: number) =>
  Array.from({ length: 1500 }, (_, i) => from + (to - from) * (rng.split(label).uint32(i) / 2 ** 32));
const worst = (numbers: readonly number[], error: (x: number) => number) => numbers.reduce((most, x) => Math.max(most, error(x)), 0);

describe('within one unit in the last place of f64', () => {
  test('exp', () => {
    for (const [from, to] of [
      [-1, 1],
      [-40, 40],
    ] as const) {
      expect(worst(between('exp', from, to), (x) => units(exp(x), bigExp(fixed(x))))).toBeLessThan(1);
    }
    expect([exp(0), exp(-800), exp(800), exp(Number.NEGATIVE_INFINITY), exp(Number.POSITIVE_INFINITY), exp(Number.NaN)]).toEqual([
      ...[1, 0, Number.POSITIVE_INFINITY, 0, Number.POSITIVE_INFINITY, Number.NaN],
    ]);
    // Below the smallest normal number, and near the largest.
    expect(exp(-744.5)).toBe(5e-324);
    expect(exp(709.5) / 1.3549863193146328e308).toBeCloseTo(1, 14);
  });

  test('log', () => {
    // y = log x exactly where e ** y = x: what is missing is x / e ** y - 1, as good as its logarithm.
    const error = (x: number) => {
      const y = log(x);
      const power = bigExp(fixed(y));
      return units(y, fixed(y) + ((fixed(x) - power) * one) / power);
    };
    for (const [from, to] of [
      [0.01, 2],
      [0.9, 1.1],
      [1, 1e6],
      [1e-9, 1e-6],
    ] as const)
      expect(worst(between('log', from, to), error)).toBeLessThan(1);
    expect([log(1), log(0), log(-1), log(Number.POSITIVE_INFINITY), log(Number.NaN)]).toEqual([
      ...[0, Number.NEGATIVE_INFINITY, Number.NaN, Number.POSITIVE_INFINITY, Number.NaN],
    ]);
    expect(log(5e-324)).toBeCloseTo(-744.4400719213812, 12);
  });

  test('sin and cos', () => {
    for (const [from, to] of [
      [-0.7, 0.7],
      [0, 7],
      [-2000, 2000],
      [0, 1.5e6],
    ] as const) {
      const angles = between('angle', from, to);
      expect(
        worst(angles, (x) => units(sin(x), series(reduced(fixed(x)), 1n, 2n, -1n))),
        `sin to ${to}`,
      ).toBeLessThan(1);
      expect(
        worst(angles, (x) => units(cos(x), series(reduced(fixed(x)), 0n, 2n, -1n))),
        `cos to ${to}`,
      ).toBeLessThan(1);
    }
    expect([sin(0), sin(-0), cos(0)]).toEqual([0, -0, 1]);
    expect([sin(2e6), cos(Number.POSITIVE_INFINITY), sin(Number.NaN)]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });
});

test('powers and logarithms of other bases', () => {
  expect(worst(between('power', 0, 1), (x) => Math.abs(power(10_000, x) / 10_000 ** x - 1))).toBeLessThan(2e-15);
  expect([power(500_000, 0), wholePower(0.5, 10), wholePower(3, 0), wholePower(-2, 5)]).toEqual([1, 2 ** -10, 1, -32]);
  expect(wholePower(0.999, 100_000) / 0.999 ** 100_000).toBeCloseTo(1, 10);
  for (const n of [-3, 0, 1, 20]) expect(log2(2 ** n)).toBe(n);
  expect([1, 2, 3, 1000, 1024, 1025].map(powerOfTwoFrom)).toEqual([1, 2, 4, 1024, 1024, 2048]);
});

test('what is computed takes none of these functions from the platform, whose choice their last bits are', () => {
  const root = fileURLToPath(new URL('../../src', import.meta.url));
  const functions =
    'exp expm1 log log2 log10 log1p sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh pow cbrt hypot random';
  const platform = new RegExp(`\\bMath\\.(${functions.replaceAll(' ', '|')})\\b`);
  // A power of two constants is one wherever it is computed.
  const powers = /(?<!\b2 )\*\*|\*\* (?!-?\d)/;
  const found = ['core', 'backend', 'engine'].flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('generated.ts'))
      .flatMap((name) => {
        const code = readFileSync(join(root, room, name), 'utf8').replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*|`[^`]*`|'[^'\n]*'/g, '');
        return code.split('\n').flatMap((line) => (platform.test(line) || powers.test(line) ? [`${room}/${name}: ${line.trim()}`] : []));
      }),
  );
  expect(found).toEqual([]);
  const guilty = ['beta ** step', 'x **= 2', '2 ** n', 'a ** 2', '(a + b) ** 3'].map((line) => powers.test(line));
  expect(guilty).toEqual([true, true, true, true, true]);
  expect(['2 ** 32', '2 ** -10'].map((line) => powers.test(line))).toEqual([false, false]);
});
