/**
 * The sentence above the curve: where the model stands among models that only count bytes, how much of the text it has read,
 * and what to expect or to do. Judged in bits per byte, whatever unit is shown. Pure but for the language.
 */
import { type Forecast, forecast } from '../../src/core/train/forecast';
import { roughly } from '../../src/core/words';
import type { DashboardRun } from '../../src/protocol/panels';
import { bitsPerByte, natsPerToken, steps } from '../lib/counts';
import { duration, int, num, percent } from '../lib/format';
import { t } from '../lib/l10n';
import type { History } from './history';
import { plannedSteps, scheduleOf } from './planned';
import type { Unit } from './series';

/** A model that counts so many bytes together, and what it needs on the same held-out text. */
export interface Rung {
  readonly bytes: 1 | 2 | 3 | 5;
  /** Bits per byte. */
  readonly value: number;
}

/** None for runs from before they were counted. */
export function rungs({ baselines }: History): Rung[] {
  if (!baselines) return [];
  const values = [1, baselines.bytes1, 2, baselines.bytes2, 3, baselines.bytes3, 5, baselines.bytes5];
  const out: Rung[] = [];
  for (let i = 0; i < values.length; i += 2) {
    const value = values[i + 1];
    if (value !== undefined && Number.isFinite(value)) out.push({ bytes: values[i] as Rung['bytes'], value });
  }
  return out;
}

/** "counting three bytes" */
export function counterName(bytes: Rung['bytes']): string {
  switch (bytes) {
    case 1:
      return t('counting single bytes');
    case 2:
      return t('counting two bytes');
    case 3:
      return t('counting three bytes');
    case 5:
      return t('counting five bytes');
  }
}

/** The next counter to pass; the best one where all are passed. */
export function nextRung(value: number, all: readonly Rung[]): Rung | null {
  const ahead = all.filter((rung) => rung.value <= value);
  const order = (a: Rung, b: Rung) => b.value - a.value;
  return [...ahead].sort(order)[0] ?? [...all].sort(order).at(-1) ?? null;
}

/** What a loss in bits per byte is multiplied by, to be in the unit. */
function scaleOf({ evals }: History, unit: Unit): number {
  const last = evals.step.length - 1;
  return unit === 'nats' && last >= 0 ? evals.valLoss[last]! / evals.bitsPerByte[last]! : 1;
}

/** What is seen: "Worse than counting three bytes (3.48 against 3.30 bits per byte): it has seen 81 % of your text once." */
export function standingAmong(history: History, unit: Unit): string {
  const { evals, step } = history;
  const last = evals.step.length - 1;
  if (last < 0) return step === 0 ? t('Training starts.') : t('{0} so far; not yet measured on held-out text.', steps(step));
  const value = evals.bitsPerByte[last]!;
  if (!Number.isFinite(value)) return t('The loss is no longer a number after {0}.', steps(evals.step[last]!));
  const scale = scaleOf(history, unit);
  const figure = (bits: number) => (unit === 'nats' ? natsPerToken(bits * scale) : bitsPerByte(bits));
  const rung = nextRung(value, rungs(history));
  const reading = readingOf(history);
  if (!rung) {
    const seen = t('{0} on held-out text after {1}', figure(value), steps(evals.step[last]!));
    return reading ? t('{0}: {1}.', seen, reading) : `${seen}.`;
  }
  const [own, counted] = [num(value * scale), num(rung.value * scale)];
  const words =
    own === counted
      ? t('As good as {0} ({1})', counterName(rung.bytes), figure(rung.value))
      : value > rung.value
        ? t('Worse than {0} ({1} against {2})', counterName(rung.bytes), own, figure(rung.value))
        : t('Better than {0} ({1} against {2})', counterName(rung.bytes), own, figure(rung.value));
  return reading ? t('{0}: {1}.', words, reading) : `${words}.`;
}

/** The figures behind it, for its hover; null where there are none. */
export function ladder(history: History, unit: Unit): string | null {
  const all = rungs(history);
  const value = history.evals.bitsPerByte.at(-1);
  if (all.length === 0 || value === undefined) return null;
  const scale = scaleOf(history, unit);
  const figure = unit === 'nats' ? natsPerToken(value * scale) : bitsPerByte(value);
  const counted = all.map((rung) => `${counterName(rung.bytes)} ${num(rung.value * scale)}`);
  return t('On the same held-out text: the model {0}; {1}. The counters have read the same training text.', figure, counted.join(', '));
}

/** "it has read your text 12 times" */
function readingOf({ start, step }: History): string | null {
  if (!start || start.trainTokens <= 0 || step === 0) return null;
  const times = (step * start.tokensPerStep) / start.trainTokens;
  if (times < 0.95) return t('it has seen {0} of your text once', percent(times));
  return times < 1.5 ? t('it has read your text once') : t('it has read your text {0} times', timesWords(times));
}

/** "1.5", "2", "12" */
function timesWords(times: number): string {
  const rounded = times < 10 ? Math.round(times * 10) / 10 : Math.round(times);
  return Number.isInteger(rounded) ? int(rounded) : num(rounded, 2);
}

/** How far ahead the sentence looks while a run goes on. */
const aheadSeconds = 5 * 60;
/** Expecting less gain than this share is expecting none. */
const noGain = 0.005;

/** What is to be expected at a step, from the evaluations so far. */
export function expectedAt(history: History, run: DashboardRun, step: number): Forecast | null {
  const schedule = scheduleOf(history, run);
  if (!schedule) return null;
  const { evals, start } = history;
  const evaluated = evals.step.map((at, i) => ({ step: at, bitsPerByte: evals.bitsPerByte[i]! }));
  const firstPass = start ? start.trainTokens / start.tokensPerStep : 0;
  return forecast(evaluated, schedule, step, firstPass);
}

/** What is to be expected, and of when. */
export interface Foreseen {
  readonly found: Forecast | null;
  /** It trains, or is paused. */
  readonly live: boolean;
  readonly soon: number;
  readonly end: number;
  /** Seconds; 0: not known. */
  readonly perStep: number;
}

/** Five minutes ahead, or at its end; null where nothing can be said yet. */
export function foresee(history: History, run: DashboardRun): Foreseen | null {
  const { evals, step } = history;
  const last = evals.step.length - 1;
  if (last < 0 || !Number.isFinite(evals.bitsPerByte[last]!)) return null;
  const live = run.info.state === 'running' || run.info.state === 'paused';
  const end = Math.max(plannedSteps(history, run), step);
  const perStep = history.remainingSeconds !== null && end > step ? history.remainingSeconds / (end - step) : 0;
  const soon = live && perStep > 0 ? Math.min(end, step + Math.max(1, Math.round(aheadSeconds / perStep))) : end;
  return { found: expectedAt(history, run, Math.max(soon, evals.step[last]!)), live, soon, end, perStep };
}

/** What to expect or to do; null where nothing can be said yet. */
export function outlook(history: History, run: DashboardRun, unit: Unit, foreseen = foresee(history, run)): string | null {
  if (!foreseen) return null;
  const { found, live, soon, end, perStep } = foreseen;
  const { evals, step } = history;
  if (found?.kind === 'rising') return risingWords(history, run, found.since, live);
  if (run.info.state === 'finished') return conclusion(history);
  if (!found || end <= step) return null;

  const { expected, low, high } = found;
  const now = evals.bitsPerByte.at(-1)!;
  // As exact as it is sure, and as the difference from now needs.
  const value = num(expected * scaleOf(history, unit), high - low < 0.06 || Math.abs(now - expected) < 0.2 ? 3 : 2);
  const when = !live
    ? t('Resumed, at its end')
    : soon < end
      ? t('Five more minutes')
      : t('At its end, in about {0}', duration(roughly((end - step) * perStep)));
  if (expected > now * (1 - noGain)) return t('{0}: about {1} expected, hardly any better.', when, value);
  const passed = rungs(history).filter((rung) => rung.value <= now && rung.value > high);
  const best = passed.sort((a, b) => a.value - b.value)[0];
  return best
    ? t('{0}: about {1} expected, better than {2}.', when, value, counterName(best.bytes))
    : t('{0}: about {1} expected.', when, value);
}

/** How what is expected comes about, for its hover. */
export function forecastWords(history: History, unit: Unit, { found, end }: Foreseen): string | null {
  const { evals, step } = history;
  if (found?.kind !== 'band' || end <= step) return null;
  const scale = scaleOf(history, unit);
  const figure = (bits: number) => num(bits * scale, 4);
  return t(
    'A power law, fitted to the evaluations up to step {0} ({1}) and continued to step {2}, gives {3} to {4}: the middle is {5}.',
    int(evals.step.at(-1)!),
    figure(evals.bitsPerByte.at(-1)!),
    int(found.step),
    figure(found.low),
    figure(found.high),
    figure(found.expected),
  );
}

/** Learning by heart, and what to do about it. */
function risingWords(history: History, run: DashboardRun, since: number, live: boolean): string {
  const kept = bestKept(history, run);
  const [from, use] = [int(since), kept === null ? '' : int(kept)];
  if (live) {
    return kept === null
      ? t('Held-out text gets worse since step {0}: it begins to learn your files by heart. Stop, or add text.', from)
      : t(
          'Held-out text gets worse since step {0}: it begins to learn your files by heart. Stop and use the checkpoint of step {1}, or add text.',
          from,
          use,
        );
  }
  return kept === null
    ? t('Held-out text got worse since step {0}: it learnt your files by heart. More text would help, more steps would not.', from)
    : t(
        'Held-out text got worse since step {0}: it learnt your files by heart. Use the checkpoint of step {1}; more text would help, more steps would not.',
        from,
        use,
      );
}

/** The checkpoint on disk that was best on the held-out text. */
function bestKept({ evals }: History, { info }: DashboardRun): number | null {
  let best = -1;
  evals.step.forEach((step, i) => {
    if (info.checkpoints.includes(step) && (best < 0 || evals.valLoss[i]! < evals.valLoss[best]!)) best = i;
  });
  return best < 0 ? null : evals.step[best]!;
}

/**
 * What would help a run that came to its end. A curve that is flat there may be so because the learning rate has fallen: only one
 * that was flat before, too, says that more steps are of no use.
 */
function conclusion({ evals }: History): string | null {
  const last = evals.step.length - 1;
  if (last < 3) return null;
  const better = (since: number) => evals.valLoss[last]! < evals.valLoss[since]! * 0.99;
  // A quarter of its evaluations ago, or three.
  if (better(last - Math.max(3, last >> 2)))
    return t('It was still getting better at its end: continued with more steps, it would learn more.');
  return better(last >> 1)
    ? t('It settled as its learning rate fell: planned with more steps, it would learn more.')
    : t('It hardly gets better any more: more text or a larger model would help, more steps would not.');
}

export interface Ahead {
  /** From the last evaluation to the end of what is planned, in bits per byte. */
  readonly x: readonly number[];
  readonly expected: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

const aheadPoints = 12;

/** The band of the forecast, for the chart; null where there is none, or the run is over. */
export function bandAhead(history: History, run: DashboardRun): Ahead | null {
  const from = history.evals.step.at(-1);
  const end = plannedSteps(history, run);
  if (from === undefined || run.info.state === 'finished' || run.info.state === 'failed' || end <= from) return null;
  const now = history.evals.bitsPerByte.at(-1)!;
  const out = { x: [from], expected: [now], low: [now], high: [now] };
  for (let i = 1; i <= aheadPoints; i++) {
    const step = Math.round(from + ((end - from) * i) / aheadPoints);
    if (step === out.x.at(-1)) continue;
    const found = expectedAt(history, run, step);
    if (found?.kind !== 'band') return null;
    out.x.push(step);
    for (const key of ['expected', 'low', 'high'] as const) out[key].push(found[key]);
  }
  return out;
}
