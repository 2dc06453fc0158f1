import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { roughly } from '../../../src/core/words';

/** The module reads the page's language when it loads: each language gets a copy of its own. */
async function formatIn(language: string, strings: Record<string, string> = {}) {
  vi.resetModules();
  vi.stubGlobal('document', { getElementById: () => ({ textContent: JSON.stringify({ language, strings }) }) });
  return import('../../../webview/lib/format');
}

describe('counts', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('are singular where the language says so: French for 0 and 1, English for 1 alone', async () => {
    await formatIn('fr', { '{0} step': '{0} pas', '{0} nats per token': '{0} nats par token', '{0} nat per token': '{0} nat par token' });
    const fr = await import('../../../webview/lib/counts');
    expect([0, 1, 2].map(fr.tokens)).toEqual(['0 token', '1 token', '2 tokens']);
    expect(fr.natsPerToken(1.92)).toBe('1,92 nat par token');
    expect(fr.natsPerToken(2.1)).toBe('2,10 nats par token');
    await formatIn('en');
    const en = await import('../../../webview/lib/counts');
    expect([0, 1, 1204].map(en.files)).toEqual(['0 files', '1 file', '1,204 files']);
    expect(en.natsPerToken(1.92)).toBe('1.92 nats per token');
  });
});

describe('predicted times', () => {
  it('are rounded by steps that grow, and stay near', () => {
    expect([0, 12, 58, 89, 3_560, 3_599, 5_300, 34_300, 36_500, 172_000, 1e6].map(roughly)).toEqual([
      5, 10, 60, 60, 3_540, 3_600, 5_400, 34_200, 36_000, 172_800, 1_036_800,
    ]);
    fc.assert(
      fc.property(fc.double({ min: 30, max: 1e7, noNaN: true }), (seconds) => {
        expect(Math.abs(roughly(seconds) / seconds - 1)).toBeLessThan(0.34);
        expect(roughly(roughly(seconds))).toBe(roughly(seconds));
      }),
    );
  });
});

const N = '\u202f';

describe('numbers', () => {
  beforeEach(() => vi.resetModules());
  afterEach(() => vi.unstubAllGlobals());

  it('have three significant digits and a minus sign', async () => {
    const { num } = await formatIn('en');
    expect(num(0.0123456)).toBe('0.0123');
    expect(num(-4.5678)).toBe('−4.57');
    expect(num(12.0)).toBe('12.0');
    expect(num(1234.5)).toBe('1,235');
    expect(num(0)).toBe('0');
    expect(num(1.234e-7)).toBe('1.23×10⁻⁷');
    expect(num(-375835290)).toBe('−3.76×10⁸');
    expect(num(Number.NaN)).toBe('not a number');
    expect(num(Number.NEGATIVE_INFINITY)).toBe('−∞');
  });

  it('are French in French: comma, narrow no-break spaces', async () => {
    const { int, num, percent, fixed } = await formatIn('fr');
    expect(int(1234567)).toBe(`1${N}234${N}567`);
    expect(num(0.42)).toBe('0,420');
    expect(percent(0.071)).toBe(`7,1${N}%`);
    expect(percent(0.0001)).toBe(`<${N}0,1${N}%`);
    expect(fixed(-1.25, 3)).toBe('−1,250');
  });

  it('give percentages that say what is small, and never a negative zero', async () => {
    const { fixed, percent } = await formatIn('en');
    expect(percent(0.714)).toBe(`71${N}%`);
    expect(percent(0.0714)).toBe(`7.1${N}%`);
    expect(percent(0.0996)).toBe(`10${N}%`);
    expect(percent(0.0001)).toBe(`<${N}0.1${N}%`);
    expect(percent(0)).toBe(`0${N}%`);
    expect(percent(0.34219, 3)).toBe(`34.2${N}%`);
    expect(fixed(-0.0001, 2)).toBe('0.00');
  });

  it('keep all digits of a float32 for hovers', async () => {
    const { full } = await formatIn('en');
    for (const x of [0.1, -1 / 3, 123456.789, 6.02e-9, 1e20]) {
      const shown = full(Math.fround(x))
        .replace('−', '-')
        .replace(
          /×10(.*)/,
          (_, e: string) =>
            `e${[...e]
              .map((c) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(c))
              .map((i) => (i ? i - 1 : '-'))
              .join('')}`,
        );
      const relative = Math.abs(Number(shown) / Math.fround(x) - 1);
      expect(relative).toBeLessThan(Math.abs(x) < 1e-6 || Math.abs(x) > 1e15 ? 0.01 : 1e-8);
    }
  });

  it('tell time and sizes as people do', async () => {
    const { duration, megabytes, remaining } = await formatIn('en');
    expect(duration(8.4)).toBe('8 s');
    expect(duration(250)).toBe('4 min 10 s');
    expect(duration(1500)).toBe('25 min');
    expect(duration(7500)).toBe('2 h 5 min');
    expect(remaining(251)).toBe('about 4 min left');
    expect(remaining(Number.NaN)).toBe('time left not known yet');
    expect(megabytes(1_234_000)).toBe('1.2 MB');
    expect(megabytes(45_600_000)).toBe('46 MB');
    expect(megabytes(2_300)).toBe('2.3 kB');
    expect(remaining(69_660)).toBe('about 19 h left');
    expect(remaining(8_000)).toBe('about 2 h left');
    expect(remaining(9_500)).toBe('about 2 h 30 min left');
    expect(remaining(200_000)).toBe('about 2 days left');
    expect(remaining(3)).toBe('a few seconds left');
    const fr = await formatIn('fr', { 'about {0} left': 'encore {0} environ' });
    expect(fr.remaining(251)).toBe('encore 4 min environ');
  });
});
