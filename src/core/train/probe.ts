/** How long a training step will take on this machine: measured on a small piece of the same work, then scaled by FLOPs. */
import type { ModelConfig } from '../model/config';
import { disposeParameters, initialise } from '../model/parameters';
import { Rng } from '../rng';
import type { Batch } from './batches';
import type { TrainSettings } from './events';
import { addGradients, disposeGradients, type Gradients } from './gradients';

export interface ProbeRequest {
  readonly config: ModelConfig;
  readonly settings: Pick<TrainSettings, 'batch' | 'accumulate'>;
  /** Milliseconds of any clock. */
  readonly now: () => number;
  /** About how long it may take; one pass over one sequence is always made. */
  readonly seconds: number;
  readonly pause: () => Promise<void>;
}

/** Tokens per second and seconds per step. Makes a model of its own, with random weights, and disposes it. */
export async function probeSpeed({ config, settings, now, seconds, pause }: ProbeRequest): Promise<{
  tokensPerSecond: number;
  secondsPerStep: number;
}> {
  const params = initialise(config, 0);
  try {
    const deadline = now() + seconds * 1000;
    let sequences = 1;
    let milliseconds = await timed(1);
    // The first pass also pays for compiling: it counts only if there is no time for another.
    for (let next = 1; now() + (milliseconds * next) / sequences < deadline; next = Math.min(settings.batch, next * 2)) {
      milliseconds = await timed(next);
      sequences = next;
      if (next === settings.batch) break;
    }
    const tokensPerSecond = (sequences * config.contextLength * 1000) / Math.max(milliseconds, 0.01);
    const tokensPerStep = settings.batch * settings.accumulate * config.contextLength;
    return { tokensPerSecond, secondsPerStep: tokensPerStep / tokensPerSecond };
  } finally {
    disposeParameters(params);
  }

  async function timed(count: number): Promise<number> {
    const batch = randomBatch(config, count);
    await pause();
    const start = now();
    const gradients: Gradients = new Map();
    await addGradients(params, batch, gradients, 1, null);
    const milliseconds = now() - start;
    disposeGradients(gradients);
    return milliseconds;
  }
}

function randomBatch(config: ModelConfig, sequences: number): Batch {
  const rng = Rng.from(0).split('probe');
  const row = (sequence: number) =>
    Int32Array.from({ length: config.contextLength }, (_, i) => rng.below(sequence * config.contextLength + i, config.vocabSize));
  const inputs = Array.from({ length: sequences }, (_, sequence) => row(sequence));
  return { inputs, targets: inputs };
}
