/**
 * Numbers, sizes and times in the user's language: French, or English as all other texts. No vscode here: the language and the
 * translation are handed in. No `Intl` either: its first use loads tables for dozens of milliseconds, in the extension host.
 */

import { roughly } from '../../core/words';

/** Signature of `vscode.l10n.t` that pure files use. */
export type Translate = (message: string, ...args: (string | number)[]) => string;

export interface Words {
  readonly t: Translate;
  /** One or several, as the language counts (French says one of 0 too). `count` only chooses; give it again, formatted. */
  tn(count: number, one: string, other: string, ...args: (string | number)[]): string;
  int(value: number): string;
  /** Three significant digits. */
  num(value: number): string;
  /** "7.1 %" */
  percent(share: number): string;
  /** "3.4 MB" (10^6 bytes), kB under 100 kB, bytes under 1 kB. */
  size(bytes: number): string;
  /** "0.8 M" parameters. */
  millions(count: number): string;
  /** "8 s", "4 min", "2 h 5 min". */
  duration(seconds: number): string;
  /** The same for a time that is only predicted, rounded as a person would: "20 s", "4 min", "2 h 30 min", "19 h", "3 days". */
  estimate(seconds: number): string;
  /** "2025-11-06 14:03", where the clock of this machine stands. */
  moment(time: string | number): string;
}

/** No-break, so that a number keeps its unit. */
const narrow = '\u202f';

export function words(t: Translate, language: string): Words {
  const [group, point] = /^fr\b/i.test(language) ? [narrow, ','] : [',', '.'];
  /** Written in full, whatever its size. */
  const written = (digits: string) => {
    const [whole = '', fraction] = digits.replace('-', '').split('.');
    const sign = digits.startsWith('-') && /[1-9∞]/.test(digits) ? '−' : '';
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group);
    return sign + (fraction ? `${grouped}${point}${fraction}` : grouped);
  };
  const int = (value: number) => written(full(value, 0));
  const num = (value: number) => written(significant(value, 3));
  const oneDigit = (value: number) => written(full(value, 1));
  const single = point === ',' ? (count: number) => Math.abs(count) < 2 : (count: number) => count === 1;
  const tn: Words['tn'] = (count, one, other, ...args) => t(single(count) ? one : other, ...args);
  const duration = (seconds: number) => {
    if (seconds < 60) return t('{0} s', int(Math.max(0, seconds)));
    const minutes = Math.round(seconds / 60);
    if (minutes < 60) return t('{0} min', int(minutes));
    return minutes % 60 ? t('{0} h {1} min', Math.floor(minutes / 60), minutes % 60) : t('{0} h', minutes / 60);
  };
  const short = (value: number) => (value >= 10 ? int(value) : oneDigit(value));
  return {
    t,
    tn,
    int,
    num,
    percent: (share) => {
      const value = share * 100;
      if (value > 0 && value < 0.1) return `<${narrow}${oneDigit(0.1)}${narrow}%`;
      return `${value >= 9.95 ? int(value) : oneDigit(value)}${narrow}%`;
    },
    size: (bytes) => {
      if (bytes >= 100_000) return t('{0} MB', short(bytes / 1e6));
      return bytes >= 1_000 ? t('{0} kB', short(bytes / 1e3)) : tn(bytes, '{0} byte', '{0} bytes', int(bytes));
    },
    millions: (count) => t('{0} M', short(count / 1e6)),
    duration,
    estimate: (seconds) => {
      const rounded = roughly(seconds);
      const days = rounded / 86_400;
      return days >= 2 ? tn(days, '{0} day', '{0} days', int(days)) : duration(rounded);
    },
    moment: (time) => {
      const at = new Date(time);
      const two = (value: number) => String(value).padStart(2, '0');
      const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
      return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
    },
  };
}

/** With so many digits after the point; never with an exponent. */
function full(value: number, digits: number): string {
  if (!Number.isFinite(value)) return String(value).replace('Infinity', '∞');
  return Math.abs(value) < 1e21 ? value.toFixed(digits) : BigInt(Math.round(value)).toString();
}

/** Rounded to so many significant digits, without zeros at the end. */
function significant(value: number, digits: number): string {
  if (!Number.isFinite(value)) return full(value, 0);
  const rounded = Number(value.toPrecision(digits));
  const magnitude = rounded === 0 ? 0 : Math.floor(Math.log10(Math.abs(rounded)));
  const fraction = Math.min(100, Math.max(0, digits - 1 - magnitude));
  return full(rounded, fraction)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}
