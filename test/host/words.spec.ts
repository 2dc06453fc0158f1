import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { words } from '../../src/host/services/words';

const translate = (message: string, ...args: (string | number)[]) => message.replace(/\{(\d)\}/g, (_, i) => String(args[Number(i)]));
const english = words(translate, 'en');
const french = words(translate, 'fr-CA');

describe('words', () => {
  // The platform's own writing is the oracle; away from ties, where it rounds the decimal number and we the binary one.
  test('numbers are written as the platform would', () => {
    const format = (language: string, options: Intl.NumberFormatOptions, value: number) =>
      new Intl.NumberFormat(language, { ...options, signDisplay: 'negative' }).format(value).replace('-', '−');
    const tie = (value: number, digits: number) => /5$/.test(String(value)) || Math.abs(((value * 10 ** digits) % 1) - 0.5) < 1e-6;
    const numbers = fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true, min: -1e12, max: 1e12 }),
      fc.double({ noNaN: true, min: -10, max: 10 }),
    );
    fc.assert(
      fc.property(numbers, (value) => {
        fc.pre(value === 0 || Math.abs(value) > 1e-9);
        for (const [ours, language] of [
          [english, 'en'],
          [french, 'fr'],
        ] as const) {
          if (!tie(value, 0)) expect(ours.int(value)).toBe(format(language, { maximumFractionDigits: 0 }, value));
          if (!tie(value, 1)) expect(ours.num(value)).toBe(format(language, { maximumSignificantDigits: 3 }, value));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('sizes, shares, parameters and times', () => {
    expect(english.size(3_400_000)).toBe('3.4 MB');
    expect(french.size(3_400_000)).toBe('3,4 MB');
    expect(english.size(1_234_000_000)).toBe('1,234 MB');
    expect(english.size(12_340)).toBe('12 kB');
    expect(english.size(999)).toBe('999 bytes');
    expect(english.percent(0.0712)).toBe('7.1\u202f%');
    expect(french.percent(0.0001)).toBe('<\u202f0,1\u202f%');
    expect(english.percent(0.99951)).toBe('100\u202f%');
    expect(english.millions(840_000)).toBe('0.8 M');
    expect(english.num(0.000123456)).toBe('0.000123');
    expect(english.num(1e25)).toBe('10,000,000,000,000,000,905,969,664');
    expect(english.int(-0.2)).toBe('0');
    expect([english.num(Number.NaN), english.num(Number.NEGATIVE_INFINITY)]).toEqual(['NaN', '−∞']);
    expect(english.duration(7_500)).toBe('2 h 5 min');
    expect(english.moment(new Date(2025, 10, 6, 4, 3).getTime())).toBe('2025-11-06 04:03');
  });
});
