/**
 * Training as a stream of events. Everything that decides a number (batches, dropout, schedule) is a function of
 * (seed, step): the state is the weights, the moments and the step, so a resumed run equals one that never stopped, bit
 * for bit. Files, clocks and the tokenizer are handed in; whoever reads the stream writes the checkpoints.
 */
import { LoupeError } from '../errors';
import { memoryToTrain, parameterCount } from '../model/account';
import { fused } from '../model/fused';
import type { Parameters } from '../model/parameters';
import { checkSettings, intervalsOf } from '../model/presets';
import { Rng } from '../rng';
import { AdamW, type OptimizerTensors } from './adamw';
import { baselines } from './baselines';
import { type Batch, evaluationBatches, evaluationWindows, trainingBatch } from './batches';
import { type ByteBaselines, byteBaselines, type TokenBytes } from './byteCounters';
import type { TrainControl } from './control';
import { type Evaluation, evaluate } from './evaluate';
import type { TrainEvent, TrainSettings } from './events';
import { addGradients, disposeGradients, type Gradients, globalNorm } from './gradients';
import { learningRateAt } from './schedule';
import type { TokenSource } from './source';

export interface TrainJob {
  /** Trained in place; they stay the caller's, who disposes them. */
  readonly params: Parameters;
  readonly settings: TrainSettings;
  readonly train: TokenSource;
  /** Null, or too short to predict anything: no evaluation. */
  readonly validation: TokenSource | null;
  /** UTF-8 bytes of each token, 0 for special ones. */
  readonly byteLengths: ArrayLike<number>;
  readonly tokenBytes: TokenBytes;
  /** What counted bytes predict, computed elsewhere while training begins. Without it, or where it never comes, it is computed here. */
  readonly counters?: Promise<ByteBaselines>;
  /** What `start` reports about where it runs and what it began from. */
  readonly origin: { readonly backend: string; readonly threads: number; readonly from: string | null };
  /** Where it was: from a checkpoint's snapshot. `settings` must be those of that snapshot. */
  readonly resume?: TrainState;
  readonly resumeMoments?: ReadonlyMap<string, { readonly data: Float32Array }>;
  /** Replaces `settings.steps` by what fits into this time, by a probe before the first step. */
  readonly minutes?: number | null;
  /** Continues the fixed prompt with the model as it is. Seeded by the caller. */
  readonly sample?: (params: Parameters, step: number) => Promise<{ prompt: string; text: string; truth: string }>;
  readonly control: TrainControl;
  readonly signal?: AbortSignal;
  /** Milliseconds of any clock: only speeds and times come from it. */
  readonly now: () => number;
}

/** What a checkpoint keeps besides weights and moments: plain JSON. */
export interface TrainState {
  readonly version: 1;
  /** Steps done. */
  readonly step: number;
  /** As it runs: `steps` is what was fixed at the start. */
  readonly settings: TrainSettings;
  readonly elapsedSeconds: number;
  /** Of the last evaluation, if there was one. */
  readonly evaluation: { readonly step: number; readonly loss: number; readonly valLoss: number; readonly bitsPerByte: number } | null;
  /** The checkpoint with the lowest validation loss. */
  readonly best: { readonly step: number; readonly valLoss: number } | null;
}

export interface Snapshot {
  readonly step: number;
  /** The live weights: read them (`readParameters`, `modelFiles`) before asking for the next event. */
  readonly params: Parameters;
  /** The moments of that step. */
  readonly moments: OptimizerTensors;
  readonly state: TrainState;
  /** It has the lowest validation loss so far. */
  readonly best: boolean;
}

export type LoopEvent =
  /** `settings`: as it runs; with a time limit they are known only now. */
  | (Extract<TrainEvent, { type: 'start' }> & { settings: TrainSettings })
  | Extract<TrainEvent, { type: 'baselines' | 'step' | 'eval' | 'sample' | 'paused' | 'resumed' | 'warning' }>
  /** Write it now: the loop goes on when the next event is asked for. */
  | { type: 'checkpointDue'; snapshot: Snapshot }
  /** The last event; a `checkpointDue` of the same step came before. Losses are NaN where nothing was held out. */
  | { type: 'finished'; steps: number; loss: number; valLoss: number; bitsPerByte: number; stopped: boolean };

/** Lets timers and messages of this thread through. */
export const breathe = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, 0);
  });

/**
 * Runs the job. Throws `training.badSettings`, `corpus.tooSmall`, `training.nan` (the weights are then those before the
 * bad step), `cancelled` on abort (at once, without a checkpoint), `file.broken` for moments that do not fit.
 */
export async function* trainLoop(job: TrainJob): AsyncGenerator<LoopEvent, void, undefined> {
  const optimizer = new AdamW(job.params, job.settings);
  try {
    yield* steps(job, optimizer);
  } finally {
    optimizer.dispose();
  }
}

async function* steps(job: TrainJob, optimizer: AdamW): AsyncGenerator<LoopEvent, void, undefined> {
  const { params, control, signal, now, train } = job;
  const { config } = params;
  checkSettings(job.settings);
  if (train.length < 2) throw new LoupeError('corpus.tooSmall', { bytes: train.length, minimum: 2 });

  const bad = job.resumeMoments ? optimizer.restore(job.resumeMoments) : null;
  if (bad) throw new LoupeError('file.broken', { path: 'optimizer.safetensors', detail: `it has no fitting "${bad}"` });

  const settings = job.minutes && !job.resume ? { ...job.settings, ...(await stepsFor(job, job.minutes)) } : job.settings;
  const tokensPerStep = settings.batch * settings.accumulate * Math.min(config.contextLength, train.length - 1);
  const counts = evaluationWindows(config.contextLength);
  const windows = (source: TokenSource | null, count: number) =>
    source ? evaluationBatches(source, count, settings.batch, config.contextLength) : Promise.resolve([]);
  const heldOut = await windows(job.validation, counts.heldOut);
  const seen = heldOut.length > 0 ? await windows(train, counts.seen) : [];

  let step = job.resume?.step ?? 0;
  let evaluation = job.resume?.evaluation ?? null;
  let best = job.resume?.best ?? null;
  let lastLoss = Number.NaN;
  let saved = job.resume ? step : -1;
  const clock = new Stopwatch(now, job.resume?.elapsedSeconds ?? 0);

  yield {
    type: 'start',
    parameters: parameterCount(config),
    tokensPerStep,
    steps: settings.steps,
    warmup: settings.warmup,
    ...job.origin,
    memoryBytes: memoryToTrain(config, { ...settings, fused: fused('LoupeHeadLoss') !== null }),
    trainTokens: train.length,
    validationTokens: job.validation?.length ?? 0,
    seed: settings.seed,
    settings,
  };
  const byTokens = heldOut.length > 0 ? await baselines(train, heldOut, config.vocabSize, job.byteLengths, breathe) : null;
  let byBytes: ByteBaselines | null = null;
  let compared = false;
  checkAborted();
  if (byTokens) {
    if (job.counters) void job.counters.then((counters) => (byBytes = counters));
    else byBytes = await countHere();
  } else {
    yield { type: 'warning', message: 'Nothing is held out: there is no validation loss.' };
  }

  yield* compare();
  while (step < settings.steps && !control.stopping) {
    if (control.paused) {
      if (saved !== step) yield checkpoint();
      yield { type: 'paused', step };
      clock.pause();
      await control.whenUnpaused(signal);
      clock.unpause();
      checkAborted();
      if (control.stopping) break;
      yield { type: 'resumed', step };
    }
    clock.lap(0); // what others did since the last step is not the step's
    const taken = await oneStep(step + 1);
    step++;
    lastLoss = taken.loss;
    clock.lap(tokensPerStep);
    yield { type: 'step', step, ...taken, ...clock.report(settings.steps - step) };
    yield* compare();

    const due = step % settings.checkpointEvery === 0 || step === settings.steps;
    if (due || step % settings.evalEvery === 0) yield* evaluated();
    if (job.sample && (step % settings.sampleEvery === 0 || step === settings.steps))
      yield { type: 'sample', step, ...(await job.sample(params, step)) };
    if (due) yield checkpoint();
  }
  if (evaluation?.step !== step) yield* evaluated();
  if (saved !== step) yield checkpoint();
  // Whoever stops does not wait for it: it comes with the next part of the run.
  if (!control.stopping && byTokens && !compared) byBytes ??= await countHere();
  yield* compare();
  yield {
    type: 'finished',
    steps: step,
    loss: evaluation?.loss ?? lastLoss,
    valLoss: evaluation?.valLoss ?? Number.NaN,
    bitsPerByte: evaluation?.bitsPerByte ?? Number.NaN,
    stopped: step < settings.steps,
  };

  function countHere(): Promise<ByteBaselines> {
    return byteBaselines(train, heldOut, job.tokenBytes, async () => {
      await breathe();
      checkAborted();
    });
  }

  /** Once, as soon as all of it is known. */
  function* compare(): Generator<LoopEvent, void, undefined> {
    if (compared || !byTokens || !byBytes) return;
    compared = true;
    yield { type: 'baselines', ...byTokens, ...byBytes, trigram: byBytes.bytes3, fivegram: byBytes.bytes5 };
  }

  async function oneStep(number: number): Promise<{ loss: number; learningRate: number; gradNorm: number }> {
    const rng = Rng.from(settings.seed).split('train').split(number);
    const gradients: Gradients = new Map();
    try {
      let loss = 0;
      for (let micro = 0; micro < settings.accumulate; micro++) {
        const batch = await trainingBatch(train, rng.split('batch'), micro, settings.batch, config.contextLength);
        const dropout = settings.dropout > 0 ? { rate: settings.dropout, rng: rng.split('dropout').split(micro) } : null;
        loss += (await addGradients(params, batch, gradients, 1 / settings.accumulate, dropout)) / settings.accumulate;
        await breathe();
        checkAborted();
      }
      const gradNorm = globalNorm(gradients);
      if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) {
        throw new LoupeError('training.nan', { step: number, checkpoint: Math.max(0, saved) });
      }
      const learningRate = learningRateAt(number, settings);
      optimizer.apply(gradients, number, learningRate, Math.min(1, settings.gradClip / (gradNorm + 1e-6)));
      return { loss, learningRate, gradNorm };
    } finally {
      disposeGradients(gradients);
    }
  }

  async function* evaluated(): AsyncGenerator<LoopEvent, void, undefined> {
    if (heldOut.length === 0) return;
    const look = async (batches: readonly Batch[]): Promise<Evaluation> => {
      const result = await evaluate(params, batches, job.byteLengths, breathe);
      checkAborted();
      return result;
    };
    const { loss } = await look(seen);
    const { loss: valLoss, bitsPerByte } = await look(heldOut);
    evaluation = { step, loss, valLoss, bitsPerByte };
    clock.lap(0);
    yield { type: 'eval', step, loss, valLoss, bitsPerByte };
  }

  function checkpoint(): LoopEvent {
    saved = step;
    // Among the saved: what an evaluation between two checkpoints saw cannot be kept.
    if (evaluation?.step === step && (!best || evaluation.valLoss < best.valLoss)) best = { step, valLoss: evaluation.valLoss };
    const state: TrainState = { version: 1, step, settings, elapsedSeconds: clock.seconds(), evaluation, best };
    return { type: 'checkpointDue', snapshot: { step, params, moments: optimizer.tensors(), state, best: best?.step === step } };
  }

  function checkAborted(): void {
    if (signal?.aborted) throw new LoupeError('cancelled');
  }
}

/** Steps that fit into a time, with what follows from their number, from two passes of the real work, whose gradients are thrown away. */
async function stepsFor(job: TrainJob, minutes: number): Promise<Partial<TrainSettings>> {
  const { settings, params, now, train } = job;
  const probe = Rng.from(settings.seed).split('probe');
  let milliseconds = 0;
  for (let pass = 0; pass < 2; pass++) {
    const batch = await trainingBatch(train, probe, pass, settings.batch, params.config.contextLength);
    const start = now();
    const gradients: Gradients = new Map();
    await addGradients(params, batch, gradients, 1, null);
    disposeGradients(gradients);
    milliseconds = now() - start; // the first pass also pays for compiling
    await breathe();
  }
  const perStep = milliseconds * settings.accumulate;
  // Training and held-out windows, forwards only.
  const windows = evaluationWindows(params.config.contextLength);
  const perEvaluation = (milliseconds * (windows.heldOut + windows.seen)) / 3 / settings.batch;
  // A tenth for the optimiser and samples.
  const whole = minutes * 60_000 * 0.9;
  const { evalEvery } = intervals(settings, whole / perStep);
  const steps = Math.max(1, Math.floor(whole / (perStep + (job.validation ? perEvaluation / evalEvery : 0))));
  return { steps, warmup: Math.min(settings.warmup, Math.ceil(steps / 10)), ...intervals(settings, steps) };
}

/** How often it is looked at and saved where the number of steps is another: what followed from that number follows it, what was chosen stays. */
function intervals(settings: TrainSettings, steps: number): Pick<TrainSettings, 'evalEvery' | 'sampleEvery' | 'checkpointEvery'> {
  const [before, after] = [intervalsOf(settings.steps), intervalsOf(steps)];
  const every = (name: keyof typeof after) =>
    settings[name] === before[name] ? after[name] : Math.min(settings[name], Math.max(1, Math.ceil(steps / 5)));
  return { evalEvery: every('evalEvery'), sampleEvery: every('sampleEvery'), checkpointEvery: every('checkpointEvery') };
}

/** Time spent training, without pauses, and speed over the last steps. */
class Stopwatch {
  private last: number;
  private readonly laps: { tokens: number; seconds: number }[] = [];

  constructor(
    private readonly now: () => number,
    private total: number,
  ) {
    this.last = now();
  }

  /** Ends a lap; those without tokens (evaluations, samples) count as time only. */
  lap(tokens: number): void {
    const at = this.now();
    const seconds = (at - this.last) / 1000;
    this.last = at;
    this.total += seconds;
    if (tokens > 0) this.laps.push({ tokens, seconds });
    if (this.laps.length > 20) this.laps.shift();
  }

  pause(): void {
    this.lap(0);
  }

  unpause(): void {
    this.last = this.now();
  }

  seconds(): number {
    return this.total;
  }

  report(stepsLeft: number): { tokensPerSecond: number; elapsedSeconds: number; remainingSeconds: number } {
    const tokens = this.laps.reduce((sum, lap) => sum + lap.tokens, 0);
    const seconds = Math.max(
      1e-9,
      this.laps.reduce((sum, lap) => sum + lap.seconds, 0),
    );
    return {
      tokensPerSecond: tokens / seconds,
      elapsedSeconds: this.total,
      remainingSeconds: (stepsLeft * seconds) / this.laps.length,
    };
  }
}
