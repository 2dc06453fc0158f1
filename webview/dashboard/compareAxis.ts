/** What the axis counts where other runs are laid beside this one by tokens or by time, and which places of it have a name. */
import { duration, full } from '../lib/format';
import { t } from '../lib/l10n';
import { type Align, elapsedAt, stepAfter } from './compareSeries';
import type { History } from './history';
import type { Span } from './series';

export type { Align };

export interface AxisWords {
  readonly align: Align;
  /** Steps at which what is counted is round, `most` at most, or one more. */
  splits(span: Span, most: number, log: boolean): number[];
  /** Of a step. */
  words(step: number): string;
}

const DAY = 86_400;
/** Distances that a clock has. */
const SECONDS = [
  0.1,
  0.2,
  0.5,
  1,
  2,
  5,
  10,
  15,
  30,
  60,
  120,
  300,
  600,
  900,
  1800,
  3600,
  7200,
  10_800,
  21_600,
  43_200,
  DAY,
  2 * DAY,
  7 * DAY,
];
const COUNTS = Array.from({ length: 13 }, (_, power) => [1, 2, 5].map((digit) => digit * 10 ** power)).flat();

/** What a place of the axis stands for, where it is not counted in steps; null where it is. */
export function axisWords(own: History, align: Align): AxisWords | null {
  const each = own.start?.tokensPerStep;
  if (align === 'tokens' && each) {
    const splits = splitter(
      (step) => step * each,
      (tokens) => tokens / each,
      COUNTS,
    );
    return { align, splits, words: (step) => thousands(step * each) };
  }
  if (align === 'time' && own.steps.step.length > 0) {
    const splits = splitter(
      (step) => elapsedAt(own, step),
      (seconds) => stepAfter(own, seconds),
      SECONDS,
    );
    return { align, splits, words: (step) => clock(elapsedAt(own, step)) };
  }
  return null;
}

/** Through what is counted and back to steps. */
function splitter(counted: (step: number) => number, stepOf: (count: number) => number, distances: readonly number[]): AxisWords['splits'] {
  return ({ min, max }, most, log) => roundValues(counted(min), counted(max), Math.max(1, most), log, distances).map(stepOf);
}

/** Multiples of the smallest distance of which there are few enough, or one; on a logarithmic axis the distances themselves, thinned. */
export function roundValues(min: number, max: number, most: number, log: boolean, distances: readonly number[]): number[] {
  if (!(max > min)) return [];
  if (log) {
    const apart = (max / Math.max(min, distances[0]!)) ** (1 / most);
    let next = min;
    return distances.filter((value) => {
      if (value < next || value > max) return false;
      next = value * apart;
      return true;
    });
  }
  const first = (distance: number) => Math.ceil(min / distance - 1e-9);
  const count = (distance: number) => Math.floor(max / distance + 1e-9) - first(distance) + 1;
  const distance = distances.find((each) => (max - min) / each <= most || count(each) === 1) ?? distances.at(-1)!;
  return Array.from({ length: count(distance) }, (_, i) => Number(((first(distance) + i) * distance).toFixed(1)));
}

/** Below a second, for who looks that closely; else as any time is said. */
function clock(seconds: number): string {
  const exact = Math.round(seconds * 100) / 100;
  return exact % 1 ? t('{0} s', full(exact)) : duration(exact);
}

/** "154 k", "1.2 M": an axis has no room for more. */
function thousands(count: number): string {
  const short = (unit: number) => full(Number((count / unit).toPrecision(3)));
  if (count >= 1e6) return t('{0} M', short(1e6));
  return count >= 1e3 ? t('{0} k', short(1e3)) : full(Math.round(count));
}
