/**
 * Numbers as a reader of the editor's language writes them: three significant digits in pictures, all digits on hover,
 * a minus sign (not a hyphen), narrow no-break spaces for thousands in French and before units everywhere.
 */
import { roughly } from '../../src/core/words';
import { boot } from './boot';
import { t, tn } from './l10n';

const NARROW = '\u202f';
const MINUS = '\u2212';

function intl(options: Intl.NumberFormatOptions): (x: number) => string {
  const format = new Intl.NumberFormat(boot.language, { ...options, signDisplay: 'negative' });
  return (x) =>
    format
      .format(x)
      .replace(/-/g, MINUS)
      .replace(/[\u00a0\u2009]/g, NARROW);
}
const significant = Array.from({ length: 9 }, (_, digits) =>
  intl({ minimumSignificantDigits: digits || 1, maximumSignificantDigits: digits || 1 }),
);
const scientific = new Intl.NumberFormat(boot.language, {
  notation: 'scientific',
  minimumSignificantDigits: 3,
  maximumSignificantDigits: 3,
});
const plain = intl({ maximumSignificantDigits: 9, useGrouping: false });
const whole = intl({ maximumFractionDigits: 0 });
const fixedFormats = Array.from({ length: 7 }, (_, digits) => intl({ minimumFractionDigits: digits, maximumFractionDigits: digits }));

/** Three significant digits (or as many as asked, at most 8): 0.0123, 12.3, 1,230, −4.56, 1.23×10⁻⁷. */
export function num(x: number, digits = 3): string {
  const odd = notFinite(x);
  if (odd) return odd;
  if (x === 0) return '0';
  const size = Math.abs(x);
  if (size < 1e-4 || size >= 1e6) return power(x);
  if (size >= 10 ** digits) return whole(x);
  return significant[Math.min(digits, 8)]!(x);
}

/** Every digit a float32 holds (nine), for hovers and steps of a calculation. */
export function full(x: number): string {
  const odd = notFinite(x);
  if (odd) return odd;
  return x !== 0 && (Math.abs(x) < 1e-6 || Math.abs(x) >= 1e15) ? power(x) : plain(x);
}

/** A count: 1,234,567 or 1 234 567. */
export function int(x: number): string {
  return notFinite(x) ?? whole(x);
}

/** Fixed decimals, for columns whose digits must align: 0.401, −1.250. */
export function fixed(x: number, decimals: number): string {
  return notFinite(x) ?? fixedFormats[Math.min(decimals, 6)]!(x);
}

/** A probability: "71 %", "7.1 %", "0.4 %", "< 0.1 %"; with `digits`, that many significant ones. */
export function percent(p: number, digits?: number): string {
  const odd = notFinite(p);
  if (odd) return odd;
  const x = p * 100;
  const unit = `${NARROW}%`;
  if (digits) return (x === 0 ? '0' : Math.abs(x) < 1e-3 ? power(x) : significant[digits]!(x)) + unit;
  if (x > 0 && x < 0.05) return `<${NARROW}${fixed(0.1, 1)}${unit}`;
  return fixed(x, x >= 9.95 || x === 0 ? 0 : 1) + unit;
}

/** A size in MB (10^6 bytes): "0.4 MB", "12 MB"; what is too small for that, in kB. */
export function megabytes(bytes: number): string {
  if (bytes > 0 && bytes < 50_000) return t('{0} kB', bytes < 9_950 ? fixed(bytes / 1e3, 1) : int(bytes / 1e3));
  const mb = bytes / 1e6;
  return t('{0} MB', mb >= 10 ? int(mb) : fixed(mb, mb > 0 && mb < 0.1 ? 2 : 1));
}

/** A length of time: "8 s", "4 min 10 s", "2 h 5 min". */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '…';
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return t('{0} s', s);
  if (s < 3600) return s % 60 && s < 600 ? t('{0} min {1} s', Math.floor(s / 60), s % 60) : t('{0} min', Math.round(s / 60));
  const minutes = Math.round(s / 60);
  return minutes % 60 ? t('{0} h {1} min', Math.floor(minutes / 60), minutes % 60) : t('{0} h', minutes / 60);
}

/** What is left, rounded as a person would: "about 4 min left", "about 19 h left". */
export function remaining(seconds: number): string {
  if (!Number.isFinite(seconds)) return t('time left not known yet');
  if (seconds < 7.5) return t('a few seconds left');
  const left = roughly(seconds);
  const days = left / 86_400;
  return t('about {0} left', days >= 2 ? tn(days, '{0} day', '{0} days', int(days)) : duration(left));
}

function notFinite(x: number): string | null {
  if (Number.isFinite(x)) return null;
  return Number.isNaN(x) ? t('not a number') : x > 0 ? '∞' : `${MINUS}∞`;
}

function power(x: number): string {
  const raised: Record<string, string> = {
    '-': '⁻',
    '0': '⁰',
    '1': '¹',
    '2': '²',
    '3': '³',
    '4': '⁴',
    '5': '⁵',
    '6': '⁶',
    '7': '⁷',
    '8': '⁸',
    '9': '⁹',
  };
  const [mantissa = '', exponent = ''] = scientific.format(x).split('E');
  return `${mantissa.replace('-', MINUS)}×10${[...exponent].map((c) => raised[c] ?? c).join('')}`;
}
