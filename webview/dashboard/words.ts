/** What the dashboard says in sentences: the state of the run, the log, the memory line. Pure but for the language. */

import { type ErrorCode, errorTemplates, translatedArgs } from '../../src/core/errors';
import type { TrainEvent } from '../../src/core/train/events';
import type { Schedule } from '../../src/core/train/schedule';
import { leftOutWords } from '../../src/core/words';
import type { DashboardRun } from '../../src/protocol/panels';
import { bitsPerByte, files, heads, layers, parameters, steps, threads, tokens } from '../lib/counts';
import { duration, full, int, megabytes, num, percent, remaining } from '../lib/format';
import { t, tn } from '../lib/l10n';
import * as explain from './explainRun';
import type { History, LogEntry } from './history';
import { scheduleOf } from './planned';
import type { Unit } from './series';

export function unitName(unit: Unit): string {
  return unit === 'nats' ? t('nats per token') : t('bits per byte');
}

/** Losses on screen: always as many decimals, so that a column or a running figure does not jump. */
export function loss(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : num(value);
}

/** Where the run stands: "Step 400 of 1,000", "about 4 min left". */
export function standing(history: History, run: DashboardRun): { step: string; time: string } {
  const steps = history.start?.steps || run.info.steps;
  const step = t('Step {0} of {1}', int(history.step || run.info.step), int(steps));
  const spent = duration(history.elapsedSeconds);
  switch (run.info.state) {
    case 'running':
      return { step, time: history.remainingSeconds === null ? t('time left not known yet') : remaining(history.remainingSeconds) };
    case 'paused':
      return { step, time: t('paused after {0}', spent) };
    case 'finished':
      return { step, time: t('finished in {0}', spent) };
    case 'stopped':
      return { step, time: t('stopped after {0}', spent) };
    case 'interrupted':
      return { step, time: t('interrupted after {0}', spent) };
    case 'failed':
      return { step, time: t('failed after {0}', spent) };
  }
}

/** One sentence of what a state means, where the figures do not say it; null otherwise. */
export function stateNote(run: DashboardRun, history: History): string | null {
  const { info } = run;
  const kept = info.checkpoints.at(-1) ?? history.checkpoints.at(-1) ?? null;
  switch (info.state) {
    case 'running':
    case 'paused':
      if (run.mine) return null;
      return info.pid === null
        ? t('Another window trains this run; here you watch.')
        : t('Another window (process {0}) trains this run; here you watch.', String(info.pid));
    case 'interrupted':
      return kept === null
        ? t('Training was interrupted before its first checkpoint.')
        : t('Training was interrupted. Everything up to step {0} is safe: resuming goes on from there.', int(kept));
    case 'stopped':
      return kept === null ? null : t('Stopped. The checkpoint of step {0} is kept: you can resume or use it.', int(kept));
    default:
      return null;
  }
}

export interface Fact {
  readonly name: string;
  readonly value: string;
  /** How it comes about; null where that is plain. */
  readonly worked: string | null;
}

/** "1,720 tokens/s", the machine, the model: the facts beside the curve. */
export function facts(history: History, run: DashboardRun): Fact[] {
  const { start, manifest, tokenizer } = history;
  const out: Fact[] = [];
  const add = (name: string, value: string, worked: string | null = null) => out.push({ name, value, worked });
  const { config } = run;
  if (start) add(t('Parameters'), int(start.parameters), config && explain.parameterSum(start.parameters, config));
  if (config)
    add(
      t('Shape'),
      t('{0} × {1}, width {2}, context {3}', layers(config.nLayers), heads(config.nHeads), int(config.dModel), int(config.contextLength)),
      explain.shape(config, history),
    );
  add(t('Starts from'), (start?.from ?? run.info.from) || t('nothing (random weights)'));
  const vocabulary = tokenizer?.vocabSize ?? config?.vocabSize;
  if (vocabulary)
    add(
      t('Vocabulary'),
      tokenizer ? t('{0}, {1} each on average', tokens(vocabulary), bytes(tokenizer.bytesPerToken)) : tokens(vocabulary),
      tokenizer && explain.vocabulary(tokenizer.bytesPerToken),
    );
  if (manifest) add(t('Corpus'), `${files(manifest.files)}, ${megabytes(manifest.bytes)}`, explain.corpus(manifest.files, manifest.bytes));
  if (start) {
    const { trainTokens, validationTokens } = start;
    add(
      t('Text'),
      t('{0} to learn from, {1} held out', tokens(trainTokens), int(validationTokens)),
      explain.heldOut(trainTokens, validationTokens),
    );
    add(t('Each step'), tokens(start.tokensPerStep), explain.eachStep(history, run));
  }
  const schedule = scheduleOf(history, run);
  if (schedule) add(t('Learning rate'), scheduleWords(schedule), explain.schedule(schedule));
  if (start) {
    add(t('Computed by'), `${start.backend}, ${threads(start.threads)}`);
    add(t('Memory'), megabytes(start.memoryBytes), explain.memory(history, run));
    add(t('Seed'), String(start.seed), explain.seed(start.seed));
  }
  return out;
}

/** "50 steps of warm-up to 0.001, then half a cosine down to 0.0001 at step 1,000" */
function scheduleWords({ warmup, learningRate, minLearningRate, steps: end }: Schedule): string {
  const [high, low, last] = [full(learningRate), full(minLearningRate), int(end)];
  return warmup > 0
    ? t('{0} of warm-up to {1}, then half a cosine down to {2} at step {3}', steps(warmup), high, low, last)
    : t('half a cosine from {0} down to {1} at step {2}', high, low, last);
}

export interface LogLine {
  readonly icon: string;
  readonly tone: 'plain' | 'warning' | 'error';
  readonly text: string;
}

export function logLine({ event }: LogEntry): LogLine {
  const line = (icon: string, text: string, tone: LogLine['tone'] = 'plain'): LogLine => ({ icon, tone, text });
  switch (event.type) {
    case 'manifest':
      return line('files', manifestWords(event));
    case 'tokenizer':
      return line('symbol-string', t('Vocabulary of {0}, {1} each on average.', tokens(event.vocabSize), bytes(event.bytesPerToken)));
    case 'start':
      return line('rocket', t('{0}, {1} of {2}.', parameters(event.parameters), steps(event.steps), tokens(event.tokensPerStep)));
    case 'baselines':
      return line(
        'graph-line',
        event.bytes5 === undefined
          ? t(
              'To beat on held-out text: {0} (every token alike), {1} (only counting tokens).',
              bitsPerByte(event.uniform),
              num(event.unigram),
            )
          : t(
              'To beat on held-out text: {0} (counting two bytes), {1} (counting five).',
              bitsPerByte(event.bytes2 ?? Number.NaN),
              num(event.bytes5),
            ),
      );
    case 'checkpoint':
      return line('save', t('Checkpoint saved.'));
    case 'paused':
      return line('debug-pause', t('Paused.'));
    case 'resumed':
      return line('debug-continue', t('Resumed.'));
    case 'warning':
      return line('warning', t(event.template ?? event.message, event.args ?? {}), 'warning');
    case 'error':
      return line('error', errorWords(event), 'error');
    case 'done':
      return event.stopped
        ? line('debug-stop', t('Stopped at {0}; the model is saved.', bitsPerByte(event.bitsPerByte)))
        : line('check', t('Finished at {0}; the model is saved.', bitsPerByte(event.bitsPerByte)));
    default:
      return line('circle-small', event.type);
  }
}

export function errorWords(event: Extract<TrainEvent, { type: 'error' }>): string {
  return t(errorTemplates[event.code as ErrorCode] ?? errorTemplates.internal, { detail: event.code, ...translatedArgs(event.args, t) });
}

function manifestWords(event: Extract<TrainEvent, { type: 'manifest' }>): string {
  const kept = `${files(event.files)}, ${megabytes(event.bytes)}.`;
  if (event.leftOut.length === 0) return kept;
  const list = [...event.leftOut].sort((a, b) => b.files - a.files).map((out) => leftOut(out.reason, out.files));
  return `${kept} ${t('Left out: {0}.', list.join(', '))}`;
}

/** "2 lock files"; a history of another version may know reasons that this one does not. */
function leftOut(reason: string, count: number): string {
  const words = (leftOutWords as Readonly<Record<string, readonly [string, string]>>)[reason];
  return words ? tn(count, ...words, int(count)) : `${int(count)} ${reason}`;
}

function bytes(count: number): string {
  return tn(count, '{0} byte', '{0} bytes', num(count));
}

/** Said to screen readers when an evaluation arrives. */
export function announcement(history: History): string {
  const last = history.evals.step.length - 1;
  return t('Step {0}: {1} on held-out text.', int(history.evals.step[last]!), bitsPerByte(history.evals.bitsPerByte[last]!));
}

/** "12 % done" for the progress bar. */
export function progress(history: History, run: DashboardRun): { share: number; words: string } {
  const steps = history.start?.steps || run.info.steps || 1;
  const share = Math.min(1, (history.step || run.info.step) / steps);
  return { share, words: percent(share) };
}

export function runName(name: string, state: DashboardRun['info']['state']): string {
  const words: Record<typeof state, string> = {
    running: t('running'),
    paused: t('paused'),
    finished: t('finished'),
    stopped: t('stopped'),
    interrupted: t('interrupted'),
    failed: t('failed'),
  };
  return `${name} (${words[state]})`;
}
