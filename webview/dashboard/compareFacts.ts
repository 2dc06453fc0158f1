/** What differs between runs, in words and figures; and how far their figures can be compared at all. Pure but for the language. */
import type { MeasuredOn } from '../../src/protocol/engine';
import type { DashboardRun } from '../../src/protocol/panels';
import { duration, full, int, megabytes } from '../lib/format';
import { t } from '../lib/l10n';
import type { History } from './history';
import { loss } from './words';

/** `tokenizer`: the same text in other tokens; `text`: measured on another text; `unknown`: what it was measured on is not known. */
export type Comparable = 'same' | 'tokenizer' | 'text' | 'textAndTokenizer' | 'unknown';

export function comparable(own: MeasuredOn | null, other: MeasuredOn | null): Comparable {
  if (!own || !other || own.text === null || other.text === null) return 'unknown';
  const tokenizer = own.tokenizer === other.tokenizer;
  if (own.text === other.text) return tokenizer ? 'same' : 'tokenizer';
  return tokenizer ? 'text' : 'textAndTokenizer';
}

/** Nats per token are of the tokens: other tokens, other unit. */
export function inNats(how: Comparable): boolean {
  return how === 'same' || how === 'text';
}

export function comparableWords(how: Comparable): string {
  switch (how) {
    case 'same':
      return t('Measured on the same held-out text with the same tokenizer: the losses compare.');
    case 'tokenizer':
      return t('The same held-out text, cut into other tokens: only bits per byte can be compared, not nats per token.');
    case 'text':
      return t('Not comparable: measured on other held-out text. Which of the two is better, these figures do not say.');
    case 'textAndTokenizer':
      return t(
        'Not comparable: measured on other held-out text, with another tokenizer. Bits per byte have the same unit, but they are of different texts.',
      );
    case 'unknown':
      return t('What one of the two was measured on is not known: their figures may not be comparable.');
  }
}

export interface Side {
  readonly run: DashboardRun;
  readonly history: History;
}

/** One fact of each run; empty where a run does not say it. */
export interface Row {
  readonly name: string;
  readonly values: readonly string[];
}

type Fact = readonly [name: string, read: (side: Side) => string | number | null | undefined];

/** Rows of settings, corpus and model in which the runs are not all alike. */
export function differences(sides: readonly Side[]): Row[] {
  return facts()
    .map(([name, read]) => ({ name, values: sides.map((side) => written(read(side))) }))
    .filter(({ values }) => new Set(values).size > 1);
}

/** Where each run arrived, side by side. `nats`: whether a run's nats per token are of the same tokens as the first one's. */
export function outcomes(sides: readonly Side[], nats: readonly boolean[]): Row[] {
  const row = (name: string, read: (side: Side, i: number) => string): Row => ({ name, values: sides.map(read) });
  const best = ({ history }: Side) => history.evals.bitsPerByte.reduce((a, b) => (b < a ? b : a), Number.POSITIVE_INFINITY);
  return [
    row(t('Held-out text, bits per byte'), ({ history }) => loss(history.evals.bitsPerByte.at(-1))),
    row(t('Best of the run, bits per byte'), (side) => (Number.isFinite(best(side)) ? loss(best(side)) : '–')),
    ...(nats.filter(Boolean).length > 1
      ? [row(t('Held-out text, nats per token'), ({ history }, i) => (nats[i] ? loss(history.evals.valLoss.at(-1)) : '–'))]
      : []),
    ...(sides.length > 1 ? [row(t('Losses equal to the last bit'), (side, i) => (i === 0 ? '–' : alike(sides[0]!, side)))] : []),
    row(t('Tokens read'), ({ history }) => (history.start ? int(history.step * history.start.tokensPerStep) : '–')),
    row(t('Time of training'), ({ history }) => (history.elapsedSeconds > 0 ? duration(history.elapsedSeconds) : '–')),
  ];
}

/** How far two curves are one and the same. */
function alike({ history: own }: Side, { history: other }: Side): string {
  const [mine, theirs] = [own.steps, other.steps];
  const both = Math.min(mine.step.length, theirs.step.length);
  let equal = 0;
  while (equal < both && mine.step[equal] === theirs.step[equal] && Object.is(mine.loss[equal], theirs.loss[equal])) equal++;
  if (equal === 0) return t('at no step');
  const step = int(mine.step[equal - 1]!);
  return equal === both ? t('at all that both have, up to step {0}', step) : t('up to step {0}', step);
}

function facts(): Fact[] {
  const setting = (name: string, key: keyof NonNullable<DashboardRun['settings']>): Fact => [name, ({ run }) => run.settings?.[key]];
  const shape = (name: string, key: keyof NonNullable<DashboardRun['config']>): Fact => [
    name,
    ({ run }) => {
      const value = run.config?.[key];
      return typeof value === 'boolean' ? (value ? t('yes') : t('no')) : value;
    },
  ];
  return [
    [t('Starts from'), ({ run, history }) => (history.start?.from ?? run.info.from) || t('nothing (random weights)')],
    [t('Preset'), ({ run }) => run.info.preset],
    [t('Parameters'), ({ history }) => history.start?.parameters],
    shape(t('Layers'), 'nLayers'),
    shape(t('Heads'), 'nHeads'),
    shape(t('Heads of keys and values'), 'nKvHeads'),
    shape(t('Width'), 'dModel'),
    shape(t('Width of the feed-forward'), 'dFf'),
    shape(t('Context'), 'contextLength'),
    shape(t('Vocabulary'), 'vocabSize'),
    shape(t('Embedding also used for output'), 'tieEmbeddings'),
    setting(t('Optimiser steps'), 'steps'),
    setting(t('Texts in a batch'), 'batch'),
    setting(t('Batches in a step'), 'accumulate'),
    setting(t('Learning rate'), 'learningRate'),
    setting(t('Learning rate at the end'), 'minLearningRate'),
    setting(t('Warm-up steps'), 'warmup'),
    setting(t('Weight decay'), 'weightDecay'),
    setting('β₁', 'beta1'),
    setting('β₂', 'beta2'),
    setting(t('Gradients clipped at'), 'gradClip'),
    setting(t('Dropout'), 'dropout'),
    setting(t('Seed'), 'seed'),
    [t('Files'), ({ history }) => history.manifest?.files],
    [t('Size of the corpus'), ({ history }) => (history.manifest ? megabytes(history.manifest.bytes) : null)],
    [t('Digest of the corpus'), ({ history }) => history.manifest?.digest.slice(0, 8)],
    [t('Tokens to learn from'), ({ history }) => history.start?.trainTokens],
    [t('Tokens held out'), ({ history }) => history.start?.validationTokens],
    [t('Computed by'), ({ history }) => history.start?.backend],
    [t('Threads'), ({ history }) => history.start?.threads],
  ];
}

function written(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'string') return value;
  return Number.isInteger(value) ? int(value) : full(value);
}
