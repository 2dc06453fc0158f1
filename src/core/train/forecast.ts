/**
 * Where a learning curve goes: a power law fitted to the evaluations so far, along two clocks. By *steps*, learning goes on as
 * it did; by *learning rate spent*, it slows down as the schedule does. Past runs ended between the two (the annealed rate
 * costs steps and gains calm: Tissue et al. 2024, "Scaling law with learning rate annealing"), so they are the band.
 */
import { log2, power } from '../math';
import { learningRateAt, type Schedule } from './schedule';

export interface Evaluated {
  readonly step: number;
  readonly bitsPerByte: number;
}

export type Forecast =
  | { readonly kind: 'band'; readonly step: number; readonly expected: number; readonly low: number; readonly high: number }
  /** Held-out text gets worse since `since`: the model begins to learn the training text by heart. */
  | { readonly kind: 'rising'; readonly since: number; readonly best: number };

/** Evaluations after the warm-up that a fit needs. */
const NEEDED = 4;
/** Share of a run before which its fits went wrong, above all where a model is continued: its loss may rise before it falls. */
const EARLIEST = 0.3;
/** Evaluations before this share of the way belong to another part of the curve. */
const FROM = 0.3;
/** Share by which past runs left their fit, besides its noise, for each doubling of the steps so far. */
const DRIFT = 0.04;
/** Worse than the best by more than this share is no noise. */
const NOISE = 0.005;

/**
 * Bits per byte expected on the held-out text at a step ahead.
 *
 * @param evaluations ascending by step
 * @param firstPass step by which the training text has been read once: before it nothing is learnt by heart
 * @returns null while there is too little to say anything
 */
export function forecast(evaluations: readonly Evaluated[], schedule: Schedule, step: number, firstPass = 0): Forecast | null {
  const last = evaluations.at(-1);
  if (!last || step < last.step) return null;
  const best = evaluations.reduce((least, each) => (each.bitsPerByte < least.bitsPerByte ? each : least));
  // The first ones after the best may still be near it: curves turn slowly.
  const latest = evaluations.filter((each) => each.step > best.step).slice(-3);
  if (last.step >= firstPass && latest.length === 3 && latest.every(({ bitsPerByte }) => bitsPerByte > best.bitsPerByte * (1 + NOISE))) {
    return { kind: 'rising', since: best.step, best: best.bitsPerByte };
  }
  if (last.step < schedule.steps * EARLIEST) return null;
  const used = evaluations.filter((each) => each.step >= Math.max(schedule.warmup, last.step * FROM) && Number.isFinite(each.bitsPerByte));
  if (used.length < NEEDED) return null;
  const values = used.map(({ bitsPerByte }) => bitsPerByte);
  const weights = used.map((each) => each.step / last.step);
  const spent = learningRateSpent(schedule, Math.max(step, schedule.steps));
  const bySteps = powerLaw(
    used.map((each) => each.step / step),
    values,
    weights,
  );
  const bySpent = powerLaw(
    used.map((each) => spent[each.step]! / spent[step]!),
    values,
    weights,
  );
  const expected = (bySteps.atOne + bySpent.atOne) / 2;
  const noise = 2 * Math.max(bySteps.residual, bySpent.residual) + DRIFT * expected * log2(step / last.step);
  return {
    kind: 'band',
    step,
    expected,
    low: Math.max(0, Math.min(bySteps.atOne, bySpent.atOne) - noise),
    high: Math.max(bySteps.atOne, bySpent.atOne) + noise,
  };
}

/** Sum of the learning rates of the steps 1 .. n, for each n. */
function learningRateSpent(schedule: Schedule, steps: number): Float64Array {
  const spent = new Float64Array(steps + 1);
  for (let step = 1; step <= steps; step++) spent[step] = spent[step - 1]! + learningRateAt(step, schedule);
  return spent;
}

/** x is 1 at the step asked for; y = floor + scale x^-b with floor >= 0, by weighted least squares: linear for each b of a grid. */
function powerLaw(x: readonly number[], y: readonly number[], weights: readonly number[]): { atOne: number; residual: number } {
  let best = { atOne: y.at(-1)!, residual: Number.POSITIVE_INFINITY };
  for (let b = 0.05; b <= 1.5; b += 0.05) {
    const powers = x.map((each) => power(each, -b));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const meanOf = (numbers: readonly number[]) => numbers.reduce((sum, each, i) => sum + each * weights[i]!, 0) / total;
    const meanX = meanOf(powers);
    const meanY = meanOf(y);
    const variance = meanOf(powers.map((each) => square(each - meanX)));
    let scale = variance === 0 ? 0 : meanOf(powers.map((each, i) => (each - meanX) * (y[i]! - meanY))) / variance;
    let floor = meanY - scale * meanX;
    if (floor < 0) {
      // Nothing is predicted better than perfectly: through zero instead.
      floor = 0;
      scale = meanOf(powers.map((each, i) => each * y[i]!)) / meanOf(powers.map((each) => each * each));
    }
    const residual = Math.sqrt(meanOf(y.map((each, i) => square(each - floor - scale * powers[i]!))));
    if (residual < best.residual) best = { atOne: floor + scale, residual };
  }
  return best;
}

function square(x: number): number {
  return x * x;
}
