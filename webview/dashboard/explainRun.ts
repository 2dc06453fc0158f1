/** How each figure of a run as a whole comes about, with the values that go into it. Pure but for the language. */
import type { ModelConfig } from '../../src/core/model/config';
import type { Schedule } from '../../src/core/train/schedule';
import type { DashboardRun } from '../../src/protocol/panels';
import { files, heads, layers, steps, tokens } from '../lib/counts';
import { duration, full, int, megabytes, percent } from '../lib/format';
import { t } from '../lib/l10n';
import { exact, stepShape } from './explain';
import type { History } from './history';
import { plannedSteps } from './planned';

/** Tokens read, and how often that is the whole text. */
export function readSoFar({ start, step }: History): string | null {
  if (!start || start.trainTokens <= 0) return null;
  const [each, all, read] = [start.tokensPerStep, start.trainTokens, step * start.tokensPerStep];
  return t(
    'Read so far: {0} × {1} = {2}. The text to learn from has {3}: {4} ÷ {3} = {5} times.',
    steps(step),
    tokens(each),
    tokens(read),
    int(all),
    int(read),
    exact(read / all),
  );
}

export function stepsDone(history: History, run: DashboardRun): string | null {
  const [done, planned] = [history.step || run.info.step, plannedSteps(history, run)];
  return planned > 0 ? t('{0} ÷ {1} = {2} of what is planned.', int(done), int(planned), percent(done / planned)) : null;
}

export function time(history: History, run: DashboardRun): string {
  const { remainingSeconds, elapsedSeconds, step } = history;
  const left = plannedSteps(history, run) - step;
  const running = run.info.state === 'running' && remainingSeconds !== null && left > 0;
  const ahead = running
    ? t(
        '{0} left × {1} s = {2}. The time of a step is the mean of the last ones, 20 at most; evaluations and samples come on top.',
        steps(left),
        exact(remainingSeconds / left),
        duration(remainingSeconds),
      )
    : null;
  const spent = t('Time of training: {0}. Evaluations, samples and checkpoints count, pauses do not.', duration(elapsedSeconds));
  return [ahead, spent].filter((words) => words !== null).join('\n');
}

/** What `memoryToTrain` of the core is made of. */
export function memory({ start }: History, { settings }: DashboardRun): string | null {
  if (!start) return null;
  const summed = (settings?.accumulate ?? 1) > 1;
  const copies = summed ? 5 : 4;
  const held = copies * 4 * start.parameters;
  const sizes = [
    int(copies),
    int(start.parameters),
    megabytes(held),
    megabytes(Math.max(0, start.memoryBytes - held)),
    megabytes(start.memoryBytes),
  ];
  return summed
    ? t(
        'Reckoned from the shape of the model, not measured. Weights, gradients, their sum and the two moments of AdamW: {0} × {1} × 4 bytes = {2}. What a pass or an evaluation needs besides, at its peak: {3}. Together {4}.',
        ...sizes,
      )
    : t(
        'Reckoned from the shape of the model, not measured. Weights, gradients and the two moments of AdamW: {0} × {1} × 4 bytes = {2}. What a pass or an evaluation needs besides, at its peak: {3}. Together {4}.',
        ...sizes,
      );
}

/** Null where they do not add up to what the run says it has. */
export function parameterSum(total: number, config: ModelConfig): string | null {
  const { vocabSize, dModel, nLayers, nHeads, nKvHeads, headDim, dFf, tieEmbeddings } = config;
  const table = vocabSize * dModel;
  const attention = 2 * dModel * headDim * (nHeads + nKvHeads);
  const feedForward = 3 * dModel * dFf;
  const layer = attention + feedForward + 2 * dModel;
  if ((tieEmbeddings ? 1 : 2) * table + nLayers * layer + dModel !== total) return null;
  return [
    t('Embedding: {0} entries × {1} numbers = {2}.', int(vocabSize), int(dModel), int(table)),
    t(
      'A layer: {0} for attention + {1} for the feed-forward + {2} for norms = {3}.',
      int(attention),
      int(feedForward),
      int(2 * dModel),
      int(layer),
    ),
    tieEmbeddings
      ? t(
          '{0} + {1} × {2} + {3} for the last norm = {4}; the output uses the embedding again.',
          int(table),
          layers(nLayers),
          int(layer),
          int(dModel),
          int(total),
        )
      : t(
          '{0} + {1} × {2} + {3} for the last norm + {0} for the output = {4}.',
          int(table),
          layers(nLayers),
          int(layer),
          int(dModel),
          int(total),
        ),
  ].join('\n');
}

export function shape({ nHeads, headDim, contextLength }: ModelConfig, { tokenizer }: History): string {
  const each = t('In every layer {0} of {1} numbers each.', heads(nHeads), int(headDim));
  if (!tokenizer) return each;
  const bytes = contextLength * tokenizer.bytesPerToken;
  return [
    each,
    t(
      'It sees {0} at once: at {1} bytes each, about {2} bytes of text.',
      tokens(contextLength),
      exact(tokenizer.bytesPerToken),
      int(bytes),
    ),
  ].join('\n');
}

export function vocabulary(bytesPerToken: number): string {
  return t(
    '{0} bytes of the training text are about {1}: {0} ÷ {2}.',
    int(1000),
    tokens(Math.round(1000 / bytesPerToken)),
    exact(bytesPerToken),
  );
}

export function corpus(count: number, bytes: number): string | null {
  return count > 0 ? t('{0} bytes ÷ {1} = {2} bytes each on average.', int(bytes), files(count), int(bytes / count)) : null;
}

export function heldOut(trainTokens: number, validationTokens: number): string {
  const share = validationTokens / (trainTokens + validationTokens);
  return t(
    'Held out: {0} ÷ ({1} + {0}) = {2}. The model never learns from these tokens; it is measured on some of them.',
    int(validationTokens),
    int(trainTokens),
    percent(share),
  );
}

export function eachStep({ start }: History, run: DashboardRun): string | null {
  if (!start) return null;
  const { trainTokens, tokensPerStep } = start;
  return t(
    '{0}. As many tokens as the text has are read after {1} ÷ {2} = {3}.',
    stepShape(tokensPerStep, run),
    int(trainTokens),
    int(tokensPerStep),
    steps(Math.ceil(trainTokens / tokensPerStep)),
  );
}

export function schedule({ warmup, steps: end, learningRate: high, minLearningRate: low }: Schedule): string {
  const rising = warmup > 0 ? t('Each step of the warm-up adds {0} ÷ {1} = {2}.', full(high), int(warmup), exact(high / warmup)) : null;
  const half = t(
    'Half way down, around step {0}, it is ({1} + {2}) ÷ 2 = {3}.',
    int(Math.round((warmup + end) / 2)),
    full(high),
    full(low),
    exact((high + low) / 2),
  );
  return [rising, half].filter((words) => words !== null).join('\n');
}

export function seed(value: number): string {
  return t('Whatever is left to chance is drawn from {0}: another number, another run.', String(value));
}
