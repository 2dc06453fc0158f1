/**
 * Batches of training: windows at random places of the tokens, each a pure function of (seed, step, place in the batch), so
 * that a resumed run sees exactly what an uninterrupted one would.
 */
import type { Rng } from '../rng';
import type { TokenSource } from './source';

/**
 * How many windows every evaluation looks at: about 4,096 tokens of the held-out text, half as many of the training text. More would
 * say it more exactly, and take as long as the training between two evaluations where that is short.
 */
export function evaluationWindows(context: number): { readonly heldOut: number; readonly seen: number } {
  const heldOut = Math.min(32, Math.max(4, Math.round(4096 / context)));
  return { heldOut, seen: Math.ceil(heldOut / 2) };
}

/** How many windows of which length that makes of a source of so many tokens, which may be too short for all of them. */
export function windowsOf(tokens: number, count: number, context: number): { readonly windows: number; readonly length: number } {
  const length = Math.min(context, tokens - 1);
  return { windows: length < 1 ? 0 : Math.min(count, Math.floor((tokens - 1) / length)), length };
}

/** Sequences of equal length T and what follows each position: targets[i] is inputs[i + 1]. */
export interface Batch {
  /** B sequences of T ids. */
  readonly inputs: readonly Int32Array[];
  /** B sequences of T ids. */
  readonly targets: readonly Int32Array[];
}

/** One micro-batch. `rng` belongs to the step; `micro` counts within it. */
export async function trainingBatch(source: TokenSource, rng: Rng, micro: number, batch: number, context: number): Promise<Batch> {
  const length = Math.min(context, source.length - 1);
  const windows: Int32Array[] = [];
  for (let i = 0; i < batch; i++) {
    const start = rng.below(micro * batch + i, source.length - length);
    windows.push(await source.read(start, length + 1));
  }
  return toBatch(windows);
}

/**
 * Fixed windows for evaluation: at most `count`, evenly spread, not overlapping while there is room; always the same for
 * the same source. Empty where there is nothing to predict.
 */
export async function evaluationBatches(source: TokenSource, count: number, batch: number, context: number): Promise<Batch[]> {
  const { windows, length } = windowsOf(source.length, count, context);
  const room = source.length - (length + 1);
  const batches: Batch[] = [];
  for (let first = 0; first < windows; first += batch) {
    const starts = Array.from({ length: Math.min(batch, windows - first) }, (_, i) =>
      windows === 1 ? 0 : Math.floor((room * (first + i)) / (windows - 1)),
    );
    batches.push(toBatch(await Promise.all(starts.map((start) => source.read(start, length + 1)))));
  }
  return batches;
}

function toBatch(windows: readonly Int32Array[]): Batch {
  return { inputs: windows.map((ids) => ids.subarray(0, -1)), targets: windows.map((ids) => ids.subarray(1)) };
}
