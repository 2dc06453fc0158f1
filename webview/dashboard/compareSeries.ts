/** Another run's curves on this run's axis: by step, by tokens read, or by the time training took. Pure. */
import { firstAtLeast, type History } from './history';
import { automaticSpan, smooth, thin, trainingFactor, type Unit } from './series';

export type Align = 'step' | 'tokens' | 'time';

export type Place = readonly [x: number, y: number];

/** What the small charts draw of every step, and which of it is smoothed there. */
export const smallColumns = { learningRate: false, gradNorm: true, tokensPerSecond: true } as const;
export type SmallColumn = keyof typeof smallColumns;

export interface Curves {
  /** Smoothed training loss. */
  readonly training: readonly Place[];
  /** Every evaluation. */
  readonly held: readonly Place[];
  readonly columns: Readonly<Record<SmallColumn, readonly Place[]>>;
}

const POINTS = 400;

/** What a step of `other` stands beside on the axis of `own`; null where one of them does not say. */
export function alongside(own: History, other: History, align: Align): ((step: number) => number) | null {
  if (align === 'step') return (step) => step;
  if (align === 'tokens') {
    const [each, theirs] = [own.start?.tokensPerStep, other.start?.tokensPerStep];
    return each && theirs ? (step) => (step * theirs) / each : null;
  }
  if (own.steps.step.length === 0 || other.steps.step.length === 0) return null;
  return (step) => stepAfter(own, elapsedAt(other, step));
}

/** Seconds of training at a step, between steps and beyond the last by proportion. */
export function elapsedAt({ steps }: Pick<History, 'steps'>, step: number): number {
  return along(steps.step, steps.elapsedSeconds, step);
}

/** The step that was reached after so many seconds, likewise. */
export function stepAfter({ steps }: Pick<History, 'steps'>, seconds: number): number {
  return along(steps.elapsedSeconds, steps.step, seconds);
}

/** Where `at` of one rising column lies in another, which begins at nothing with it. */
function along(from: readonly number[], to: readonly number[], at: number): number {
  const i = firstAtLeast(from, at);
  if (i === from.length) return from.length === 0 ? 0 : (to.at(-1)! / Math.max(1e-9, from.at(-1)!)) * at;
  const [x0, y0] = i === 0 ? [0, 0] : [from[i - 1]!, to[i - 1]!];
  const width = from[i]! - x0;
  return width > 0 ? y0 + ((to[i]! - y0) * (at - x0)) / width : to[i]!;
}

/** In the unit of the chart. Values that are not numbers are left out. */
export function curvesOf(other: History, place: (step: number) => number, unit: Unit, smoothing: number): Curves {
  const { steps, evals } = other;
  const factor = unit === 'nats' ? 1 : trainingFactor(other);
  const span = smoothing || automaticSpan(steps.step.length);
  const lineOf = (values: readonly number[], smoothed: boolean, scale = 1) =>
    thin(steps.step, values, smooth(values, smoothed ? span : 1), POINTS, scale);
  const placed = (step: readonly number[], values: readonly (number | null)[]): Place[] =>
    step.flatMap((each, i) => {
      const value = values[i];
      return typeof value === 'number' && Number.isFinite(value) ? [[place(each), value] as const] : [];
    });
  const placedLine = ({ x, line }: ReturnType<typeof lineOf>) => placed(x, line);
  const columns = Object.entries(smallColumns).map(([name, smoothed]) => [name, placedLine(lineOf(steps[name as SmallColumn], smoothed))]);
  return {
    training: factor === null ? [] : placedLine(lineOf(steps.loss, true, factor)),
    held: placed(evals.step, unit === 'nats' ? evals.valLoss : evals.bitsPerByte),
    columns: Object.fromEntries(columns) as Curves['columns'],
  };
}

/** The last point of a curve at a place or before. */
export function lastPoint(curve: readonly Place[], x: number): Place | null {
  return curve.findLast((point) => point[0] <= x) ?? null;
}
