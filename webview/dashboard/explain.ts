/** How each figure of a step comes about, with the values that go into it: what its hover says. Pure but for the language. */
import { evaluationWindows, windowsOf } from '../../src/core/train/batches';
import type { Schedule } from '../../src/core/train/schedule';
import type { Copied } from '../../src/protocol/engine';
import type { DashboardRun } from '../../src/protocol/panels';
import { bitsPerByte, natsPerToken, parameters, steps, tokens } from '../lib/counts';
import { full, int, percent } from '../lib/format';
import { t, tn } from '../lib/l10n';
import type { History } from './history';
import { scheduleAhead, scheduleOf } from './planned';
import { atStep, trainingFactor, type Unit } from './series';

/** A figure with its name, and how it comes about. */
export interface Worked {
  readonly name: string;
  readonly words: string;
}

/** Four digits, none of them for show: enough to reckon it again. */
export function exact(x: number): string {
  return full(Number(x.toPrecision(4)));
}

const lines = (...parts: (string | null)[]) => parts.filter((part) => part !== null).join('\n');

export interface Smoothed {
  readonly value: number;
  /** Steps. */
  readonly span: number;
}

/** Of the training loss of the last step at or before `step`, in the unit that is shown; `smoothed`: what is shown, in nats. */
export function trainingLoss(history: History, unit: Unit, step: number, smoothed: Smoothed): string | null {
  const { steps: columns, start, tokenizer } = history;
  const at = atStep(columns.step, step);
  const nats = columns.loss[at];
  if (nats === undefined || !Number.isFinite(nats)) return null;
  const factor = trainingFactor(history);
  const shown = (value: number) => (unit === 'nats' || factor === null ? natsPerToken(value) : bitsPerByte(value * factor));
  return lines(
    start &&
      t(
        '{0} at step {1}: the mean of −ln p over its {2}, where p is what the model gave to the token that came.',
        natsPerToken(nats),
        int(columns.step[at]!),
        tokens(start.tokensPerStep),
      ),
    unit === 'bitsPerByte' && tokenizer && factor !== null
      ? t(
          '{0} ÷ ({1} bytes per token of the training text × ln 2) = {2}.',
          exact(nats),
          exact(tokenizer.bytesPerToken),
          bitsPerByte(nats * factor),
        )
      : null,
    smoothed.span > 1 ? t('Smoothed over {0}: {1}.', steps(smoothed.span), shown(smoothed.value)) : null,
  );
}

/** Of the last evaluation at or before `step`. */
export function heldOutLoss({ evals, start }: History, { config }: DashboardRun, step: number): string | null {
  const at = atStep(evals.step, step);
  if (at < 0) return null;
  const [nats, bits, measured] = [evals.valLoss[at]!, evals.bitsPerByte[at]!, int(evals.step[at]!)];
  if (!Number.isFinite(nats) || !start || !config) return t('measured at step {0}', measured);
  const { contextLength } = config;
  const { windows, length } = windowsOf(start.validationTokens, evaluationWindows(contextLength).heldOut, contextLength);
  const count = windows * length;
  const bytes = (nats * count) / (Math.LN2 * bits);
  return lines(
    t(
      '{0}, measured at step {1}: the mean of −ln p over {2} of the held-out text, the same at every evaluation.',
      natsPerToken(nats),
      measured,
      tokens(count),
    ),
    // Bytes are whole: where they are not, the run was measured on another number of tokens.
    count > 0 && Math.abs(bytes - Math.round(bytes)) < 1e-3
      ? t('These tokens are {0} bytes: {1} × {2} ÷ ({0} × ln 2) = {3}.', int(Math.round(bytes)), exact(nats), int(count), bitsPerByte(bits))
      : null,
  );
}

/** Of the learning rate at `step`, and where it goes. */
export function learningRate(history: History, run: DashboardRun, step: number): string | null {
  const { steps: columns } = history;
  const at = atStep(columns.step, step);
  const schedule = scheduleOf(history, run);
  if (at < 0 || !schedule) return null;
  const ahead = scheduleAhead(history, run);
  return lines(
    rateWords(schedule, columns.step[at]!, columns.learningRate[at]!),
    ahead && t('Dashed: as it is planned, down to {0} at step {1}.', full(ahead.minLearningRate), int(ahead.steps)),
  );
}

function rateWords({ warmup, steps: end, learningRate: high, minLearningRate: low }: Schedule, step: number, rate: number): string {
  if (step <= warmup)
    return t('Step {0} of {1} of warm-up to {2}: {2} × {0} ÷ {1} = {3}.', int(step), int(warmup), full(high), exact(rate));
  const [top, bottom, done, rest] = [full(high), full(low), int(step - warmup), int(end - warmup)];
  return t(
    'Half a cosine from {0} down to {1}, {2} of {3} steps done: {4}.',
    top,
    bottom,
    done,
    rest,
    `${bottom} + (${top} − ${bottom}) × (1 + cos(π × ${done} ÷ ${rest})) ÷ 2 = ${exact(rate)}`,
  );
}

/** Of the norm of the gradient at `step`, and what clipping made of it. */
export function gradientNorm({ steps: columns, start }: History, { settings }: DashboardRun, step: number): string | null {
  const at = atStep(columns.step, step);
  if (at < 0 || !start) return null;
  const norm = columns.gradNorm[at]!;
  const limit = settings?.gradClip ?? 0;
  return lines(
    t(
      'The slope of the loss along all {0} at step {1}, as one arrow: its length is √(g₁² + g₂² + …) = {2}.',
      parameters(start.parameters),
      int(columns.step[at]!),
      exact(norm),
    ),
    limit <= 0 || !Number.isFinite(norm)
      ? null
      : norm > limit
        ? t('Longer than {0}: clipped to that, every part of it times {0} ÷ {1} = {2}.', full(limit), exact(norm), exact(limit / norm))
        : t('Not longer than {0}: used as it is.', full(limit)),
  );
}

/** Of the tokens a second at `step`. */
export function speed({ steps: columns, start }: History, run: DashboardRun, step: number): string | null {
  const at = atStep(columns.step, step);
  if (at < 0 || !start) return null;
  const perSecond = columns.tokensPerSecond[at]!;
  return t(
    '{0} of a step ({1}) ÷ {2} s = {3} per second. The time is the mean of the last steps, 20 at most, without evaluations and samples.',
    tokens(start.tokensPerStep),
    stepShape(start.tokensPerStep, run),
    exact(start.tokensPerStep / perSecond),
    int(perSecond),
  );
}

/** "3 pieces of text × 256 tokens" */
export function stepShape(tokensPerStep: number, { settings }: DashboardRun): string {
  const pieces = settings ? settings.batch * settings.accumulate : 1;
  return tn(pieces, '{0} piece of text × {1}', '{0} pieces of text × {1}', int(pieces), tokens(tokensPerStep / pieces));
}

/** Of the share that was copied of the last sample at or before `step` that was compared. */
export function copiedShare({ samples }: History, of: (text: string) => Copied | undefined, step: number): string | null {
  const sample = samples.findLast((each) => each.step <= step && of(each.text));
  const copied = sample && of(sample.text);
  if (!copied) return null;
  const bytes = new TextEncoder().encode(sample.text).length;
  const runs = copied.runs.length;
  const written = t('{0} bytes were written after step {1}.', int(bytes), int(sample.step));
  if (runs === 0) return lines(written, t('No run of 30 characters or more of them stands in the training text.'));
  const inRuns = Math.round(copied.share * bytes);
  return lines(
    written,
    tn(
      runs,
      '{1} of them lie in {0} run of 30 characters or more that stands in the training text, to the letter: {1} ÷ {2} = {3}.',
      '{1} of them lie in {0} runs of 30 characters or more that stand in the training text, to the letter: {1} ÷ {2} = {3}.',
      int(runs),
      int(inRuns),
      int(bytes),
      percent(copied.share),
    ),
  );
}
