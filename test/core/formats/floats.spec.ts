import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bfloatToFloat,
  floatToBfloat,
  floatToBfloatBits,
  floatToHalf,
  floatToHalfBits,
  halfToFloat,
  halfToFloatBits,
} from '../../../src/core/formats/floats';

const words = new Uint32Array(1);
const floats = new Float32Array(words.buffer);
const toNumber = (bits: number) => {
  words[0] = bits;
  return floats[0]!;
};
const toBits = (value: number) => {
  floats[0] = value;
  return words[0]!;
};

/** The value of a half by its definition. */
function halfValue(half: number): number {
  const exponent = (half >> 10) & 31;
  const mantissa = half & 1023;
  const magnitude =
    exponent === 31
      ? mantissa
        ? Number.NaN
        : Number.POSITIVE_INFINITY
      : exponent
        ? (1 + mantissa / 1024) * 2 ** (exponent - 15)
        : (mantissa / 1024) * 2 ** -14;
  return half & 0x8000 ? -magnitude : magnitude;
}

/**
 * Narrowing by search: the neighbour that is nearest, the even one when two are as near. `finite` are the bit patterns of
 * non-negative finite values in order; one more step stands for infinity.
 */
function nearest(value: number, decode: (bits: number) => number, infinity: number): number {
  const sign = Object.is(value, -0) || value < 0 ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude === Number.POSITIVE_INFINITY) return sign | infinity;
  let low = 0;
  let high = infinity - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (decode(middle) <= magnitude) low = middle;
    else high = middle - 1;
  }
  const below = decode(low);
  const step = low === infinity - 1 ? below - decode(low - 1) : decode(low + 1) - below;
  const rest = magnitude - below;
  return sign | (rest > step / 2 || (rest === step / 2 && low % 2 === 1) ? low + 1 : low);
}

describe('half', () => {
  it('widens all 65536 values as defined', () => {
    for (let half = 0; half < 65536; half++) {
      const value = toNumber(halfToFloatBits(half));
      if (!Object.is(value, halfValue(half))) expect(value, `half ${half}`).toBe(halfValue(half));
    }
  });

  it('comes back from float32 unchanged, NaN payloads too', () => {
    for (let half = 0; half < 65536; half++) {
      const quiet = Number.isNaN(halfValue(half)) ? half | 0x200 : half;
      if (floatToHalfBits(halfToFloatBits(half)) !== quiet) expect(floatToHalfBits(halfToFloatBits(half))).toBe(quiet);
    }
  });

  it('rounds to nearest, ties to even, around every midpoint', () => {
    for (let half = 0; half < 0x7bff; half++) {
      const middle = (halfValue(half) + halfValue(half + 1)) / 2;
      const even = half % 2 === 0 ? half : half + 1;
      for (const [bits, expected] of [
        [toBits(middle) - 1, half],
        [toBits(middle), even],
        [toBits(middle) + 1, half + 1],
      ] as const) {
        if (floatToHalfBits(bits) !== expected) expect(floatToHalfBits(bits), `bits ${bits}`).toBe(expected);
      }
    }
  });

  it('overflows where half an ulp beyond the largest begins', () => {
    expect(floatToHalfBits(toBits(65519.996))).toBe(0x7bff);
    expect(floatToHalfBits(toBits(65520))).toBe(0x7c00);
    expect(floatToHalfBits(toBits(-1e30))).toBe(0xfc00);
  });

  it('agrees with the search on any float32', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (bits) => {
        const value = toNumber(bits);
        if (Number.isNaN(value)) expect(halfValue(floatToHalfBits(bits))).toBeNaN();
        else expect(floatToHalfBits(bits)).toBe(nearest(value, halfValue, 0x7c00));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('bfloat16', () => {
  const value = (bits: number) => toNumber((bits << 16) >>> 0);

  it('agrees with the search on any float32', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), (bits) => {
        const given = toNumber(bits);
        if (Number.isNaN(given)) expect(value(floatToBfloatBits(bits))).toBeNaN();
        else expect(floatToBfloatBits(bits)).toBe(nearest(given, value, 0x7f80));
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps a NaN whose payload is only in the lower half', () => {
    expect(floatToBfloatBits(0x7f800001)).toBe(0x7fc0);
    expect(floatToBfloatBits(0xffffffff)).toBe(0xffff);
  });

  it('overflows to infinity by rounding', () => {
    expect(floatToBfloatBits(0x7f7fffff)).toBe(0x7f80);
    expect(floatToBfloatBits(0xff7fffff)).toBe(0xff80);
  });
});

it('converts arrays as it converts values', () => {
  const values = Float32Array.of(0, -0, 1, -2.5, 65504, 1e-7, 3e38, Number.POSITIVE_INFINITY, Number.NaN);
  expect([...halfToFloat(floatToHalf(values))].slice(0, 5)).toEqual([0, -0, 1, -2.5, 65504]);
  expect([...bfloatToFloat(floatToBfloat(values.subarray(2, 4)))]).toEqual([1, -2.5]);
  expect(halfToFloat(floatToHalf(values))[8]).toBeNaN();
});
