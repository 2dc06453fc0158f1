/**
 * From exact columns to what is drawn: units, debiased smoothing, an envelope of few points, the y range. Pure.
 * A column of n values is drawn with at most `limit` points: each stands for a run of steps, with their smallest and
 * largest value as the envelope, so that no peak is lost.
 */
import { firstAtLeast, type History } from './history';

export type Unit = 'nats' | 'bitsPerByte';

/**
 * What a training loss in nats per token is multiplied by to become bits per byte of the training text, or null while it is not
 * known. Held-out text may have fewer bytes to a token: its ratio is only for a run whose history does not tell the other.
 */
export function trainingFactor(history: History): number | null {
  const { baselines, tokenizer } = history;
  if (tokenizer) return 1 / (Math.LN2 * tokenizer.bytesPerToken);
  const last = history.evals.step.length - 1;
  if (last >= 0 && history.evals.valLoss[last]! > 0) return history.evals.bitsPerByte[last]! / history.evals.valLoss[last]!;
  return baselines && baselines.uniformNats > 0 ? baselines.uniform / baselines.uniformNats : null;
}

/**
 * Exponential moving average over about `span` steps. Unlike the textbook's it is not pulled towards zero at first, and it
 * looks back an eighth of the run at most: early on, where the loss falls fast, a long memory would draw a line that lags far
 * above the values. Values that are not numbers are left out, and stay gaps.
 */
export function smooth(values: readonly number[], span: number): number[] {
  if (span <= 1) return values.slice();
  let mean = 0;
  let seen = 0;
  return values.map((value) => {
    if (!Number.isFinite(value)) return Number.NaN;
    mean += (value - mean) / Math.min(span, 1 + seen / 8);
    seen++;
    return mean;
  });
}

/** A span that follows the length of the run: about one eightieth of it, so that the line is calm and still turns in time. */
export function automaticSpan(length: number): number {
  return Math.max(1, Math.min(200, Math.round(length / 80)));
}

export interface Thinned {
  readonly x: number[];
  /** The smoothed value at the end of each run of steps. */
  readonly line: (number | null)[];
  readonly low: (number | null)[];
  readonly high: (number | null)[];
}

/**
 * At most `limit` points for a column, from index `from` to before `to`; values times `factor`. Where every step has a point
 * of its own, the envelope is the raw value itself. `log`: points at equal distances on a logarithmic axis.
 */
export function thin(
  x: readonly number[],
  values: readonly number[],
  smoothed: readonly number[],
  limit: number,
  factor = 1,
  from = 0,
  to = x.length,
  log = false,
): Thinned {
  const out: Thinned = { x: [], line: [], low: [], high: [] };
  const count = Math.max(0, to - from);
  const buckets = Math.min(count, Math.max(1, limit));
  const edge = log ? logEdges(x, from, to, buckets) : (bucket: number) => from + Math.floor((bucket * count) / buckets);
  for (let bucket = 0; bucket < buckets; bucket++) {
    const begin = edge(bucket);
    const end = edge(bucket + 1);
    if (begin === end) continue;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = begin; i < end; i++) {
      const value = values[i]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    out.x.push(x[end - 1]!);
    out.line.push(orGap(smoothed[end - 1]! * factor));
    out.low.push(orGap(low * factor));
    out.high.push(orGap(high * factor));
  }
  return out;
}

/** Where each of `buckets` parts of equal length on a logarithmic axis begins; early ones may hold no step at all. */
function logEdges(x: readonly number[], from: number, to: number, buckets: number): (bucket: number) => number {
  const first = Math.max(1, x[from] ?? 1);
  const ratio = Math.max(1, x[to - 1] ?? 1) / first;
  return (bucket) => (bucket === 0 ? from : bucket === buckets ? to : Math.min(to, firstAtLeast(x, first * ratio ** (bucket / buckets))));
}

/** What the loss chart draws: one x axis; training as line and envelope, validation where it was measured. */
export interface LossSeries extends Thinned {
  readonly validation: (number | null)[];
}

/** A part of the x axis, both ends included. */
export interface Span {
  readonly min: number;
  readonly max: number;
}

/** Indices of a rising column that lie in `span`, and one beyond on each side, so that lines leave the picture at its edge. */
function within(rising: readonly number[], span: Span): [from: number, to: number] {
  return [Math.max(0, firstAtLeast(rising, span.min) - 1), Math.min(rising.length, firstAtLeast(rising, span.max + 1) + 1)];
}

export function lossSeries(history: History, unit: Unit, smoothing: number, limit: number, span: Span, log = false): LossSeries {
  const factor = unit === 'nats' ? 1 : (trainingFactor(history) ?? 1);
  const { steps, evals } = history;
  const train = thin(steps.step, steps.loss, smooth(steps.loss, smoothing), limit, factor, ...within(steps.step, span), log);
  const held = unit === 'nats' ? evals.valLoss : evals.bitsPerByte;
  const seen = thinEvals(evals.step, held, limit, ...within(evals.step, span));
  return join(train, seen.x, seen.y);
}

/** One column alone, for the small charts. */
export function columnSeries(
  x: readonly number[],
  values: readonly number[],
  smoothing: number,
  limit: number,
  span: Span,
  log = false,
): Thinned {
  return thin(x, values, smooth(values, smoothing), limit, 1, ...within(x, span), log);
}

/** What the x axis shows: all planned steps, but not more than twice what is done, so that a young curve has room. */
export function wholeSpan(history: History, steps: number): Span {
  const step = Math.max(history.step, history.evals.step.at(-1) ?? 0);
  let max = 50;
  while (max < step) max *= 2;
  return { min: 1, max: Math.max(2, step, steps > 0 ? Math.min(max, steps) : max) };
}

/** Nearer (`factor` below 1) or farther around `centre`, inside `whole`; null is all of it. */
export function zoomed(span: Span, whole: Span, centre: number, factor: number): Span | null {
  const width = Math.max(10, (span.max - span.min) * factor);
  if (width >= whole.max - whole.min) return null;
  const share = (centre - span.min) / Math.max(1, span.max - span.min);
  return panned({ min: centre - share * width, max: centre + (1 - share) * width }, whole, 0);
}

/** Moved by `steps`, as far as there is something to see. */
export function panned(span: Span, whole: Span, steps: number): Span {
  const width = span.max - span.min;
  const min = Math.min(Math.max(span.min + steps, whole.min), whole.max - width);
  return { min, max: min + width };
}

/** Evaluations are few; should there be thousands, every nth and always the last. */
function thinEvals(x: readonly number[], y: readonly number[], limit: number, from: number, to: number): { x: number[]; y: number[] } {
  const stride = Math.max(1, Math.ceil((to - from) / limit));
  const out = { x: [] as number[], y: [] as number[] };
  for (let i = from + ((to - 1 - from) % stride); i < to; i += stride) {
    out.x.push(x[i]!);
    out.y.push(y[i]!);
  }
  return out;
}

/** Both on one rising x axis; null where a series has no value (drawn through). */
function join(train: Thinned, evalX: readonly number[], evalY: readonly number[]): LossSeries {
  const out: LossSeries = { x: [], line: [], low: [], high: [], validation: [] };
  let i = 0;
  let j = 0;
  while (i < train.x.length || j < evalX.length) {
    const a = train.x[i] ?? Number.POSITIVE_INFINITY;
    const b = evalX[j] ?? Number.POSITIVE_INFINITY;
    const x = Math.min(a, b);
    out.x.push(x);
    out.line.push(a === x ? train.line[i]! : null);
    out.low.push(a === x ? train.low[i]! : null);
    out.high.push(a === x ? train.high[i]! : null);
    out.validation.push(b === x ? orGap(evalY[j]!) : null);
    if (a === x) i++;
    if (b === x) j++;
  }
  return out;
}

/** Smallest and largest of the values that are numbers. */
export function range(values: readonly (number | null)[]): { min: number; max: number } | null {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value === null || !Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? { min, max } : null;
}

/** Without the outermost hundredth on each side: one wild batch in the envelope must not flatten the lines. */
function inner(values: readonly (number | null)[]): (number | null)[] {
  const sorted = values.filter((value): value is number => value !== null).sort((a, b) => a - b);
  return sorted.slice(Math.floor(sorted.length * 0.01), Math.ceil(sorted.length * 0.99));
}

export interface BaselinePlace {
  readonly value: number;
  /** Inside the picture, or named at its edge because it would flatten the curve. */
  readonly inside: boolean;
}

/**
 * The y range of the loss chart and where the baselines stand in it. A baseline may at most double the height that the
 * curve itself needs; beyond that it is named at the edge instead. `ahead`: what is expected, and is seen too.
 */
export function lossRange(
  series: LossSeries,
  baselines: readonly number[],
  ahead: readonly number[] = [],
): { min: number; max: number; places: BaselinePlace[] } | null {
  const own = range([...series.line, ...series.validation, ...ahead, ...inner(series.low), ...inner(series.high)]);
  if (!own) return null;
  const height = Math.max(own.max - own.min, Math.abs(own.max) * 0.02, 1e-6);
  let { min, max } = own;
  const places = baselines.map((value) => {
    const inside = value <= own.max + height && value >= own.min - height;
    if (inside) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
    return { value, inside };
  });
  const margin = Math.max(max - min, height) * 0.05;
  return { min: Math.max(0, min - margin), max: max + margin, places };
}

/** Index of the last step at or before `step`, -1 when there is none. */
export function atStep(rising: readonly number[], step: number): number {
  const index = firstAtLeast(rising, step);
  return rising[index] === step ? index : index - 1;
}

function orGap(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
