/**
 * Everything a run has said, as columns that charts and tables read. Events only ever arrive at the end; a run that was
 * resumed from a checkpoint repeats steps, and then the repeated ones replace those that came after the checkpoint.
 * Exact: nothing is thinned out here (see series.ts for what is drawn).
 */
import type { TrainEvent } from '../../src/core/train/events';

type Of<Type extends TrainEvent['type']> = Extract<TrainEvent, { type: Type }>;

/** One line of the log: the event, and the step at which it was said (null before the first step). */
export interface LogEntry {
  readonly step: number | null;
  readonly event: TrainEvent;
}

/** Per optimiser step, all of the same length. A loss that is not a number is NaN. */
export interface StepColumns {
  readonly step: number[];
  readonly loss: number[];
  readonly learningRate: number[];
  readonly gradNorm: number[];
  readonly tokensPerSecond: number[];
  /** Of training, pauses left out. */
  readonly elapsedSeconds: number[];
}

/** Per evaluation, all of the same length. */
export interface EvalColumns {
  readonly step: number[];
  readonly loss: number[];
  readonly valLoss: number[];
  readonly bitsPerByte: number[];
}

const logged = new Set<TrainEvent['type']>([
  'manifest',
  'tokenizer',
  'start',
  'baselines',
  'checkpoint',
  'paused',
  'resumed',
  'warning',
  'error',
  'done',
]);

export class History {
  readonly steps: StepColumns = { step: [], loss: [], learningRate: [], gradNorm: [], tokensPerSecond: [], elapsedSeconds: [] };
  readonly evals: EvalColumns = { step: [], loss: [], valLoss: [], bitsPerByte: [] };
  readonly samples: Of<'sample'>[] = [];
  readonly log: LogEntry[] = [];
  readonly checkpoints: number[] = [];
  manifest: Of<'manifest'> | null = null;
  tokenizer: Of<'tokenizer'> | null = null;
  start: Of<'start'> | null = null;
  baselines: Of<'baselines'> | null = null;
  done: Of<'done'> | null = null;
  failure: Of<'error'> | null = null;
  elapsedSeconds = 0;
  remainingSeconds: number | null = null;
  /** Grows with every change of the past (a resumed run): those who keep a position start again. */
  rewinds = 0;

  constructor(events: readonly TrainEvent[] = []) {
    this.append(events);
  }

  /** The last step that was trained; 0 before the first. */
  get step(): number {
    return this.steps.step.at(-1) ?? 0;
  }

  append(events: readonly TrainEvent[]): void {
    for (const event of events) this.add(event);
  }

  private add(event: TrainEvent): void {
    if (logged.has(event.type)) this.log.push({ step: 'step' in event ? event.step : this.step || null, event });
    switch (event.type) {
      case 'step':
        if (event.step <= this.step) this.rewind(event.step);
        this.steps.step.push(event.step);
        this.steps.loss.push(number(event.loss));
        this.steps.learningRate.push(number(event.learningRate));
        this.steps.gradNorm.push(number(event.gradNorm));
        this.steps.tokensPerSecond.push(number(event.tokensPerSecond));
        this.steps.elapsedSeconds.push(event.elapsedSeconds);
        this.elapsedSeconds = event.elapsedSeconds;
        this.remainingSeconds = event.remainingSeconds;
        this.done = null;
        this.failure = null;
        break;
      case 'eval':
        cut(this.evals, event.step);
        this.evals.step.push(event.step);
        this.evals.loss.push(number(event.loss));
        this.evals.valLoss.push(number(event.valLoss));
        this.evals.bitsPerByte.push(number(event.bitsPerByte));
        break;
      case 'sample':
        while ((this.samples.at(-1)?.step ?? -1) >= event.step) this.samples.pop();
        this.samples.push(event);
        break;
      case 'checkpoint':
        if (!this.checkpoints.includes(event.step)) this.checkpoints.push(event.step);
        break;
      case 'manifest':
        this.manifest = event;
        break;
      case 'tokenizer':
        this.tokenizer = event;
        break;
      case 'start':
        this.start = event;
        break;
      case 'baselines':
        this.baselines = event;
        break;
      case 'done':
        this.done = event;
        this.remainingSeconds = 0;
        break;
      case 'error':
        this.failure = event;
        break;
    }
  }

  /** Forgets `step` and what came after it, except the log: that these steps were once lost is part of the story. */
  private rewind(step: number): void {
    cut(this.steps, step);
    cut(this.evals, step);
    while ((this.samples.at(-1)?.step ?? -1) >= step) this.samples.pop();
    this.rewinds++;
  }
}

/** NaN does not travel as JSON: it arrives as null. */
function number(value: number | null): number {
  return value ?? Number.NaN;
}

function cut(columns: { readonly step: number[] }, step: number): void {
  const keep = firstAtLeast(columns.step, step);
  if (keep === columns.step.length) return;
  for (const column of Object.values(columns) as number[][]) column.length = keep;
}

/** Index of the first value of a rising list that is `>= value`; the length when there is none. */
export function firstAtLeast(rising: readonly number[], value: number): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rising[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
