/** How good a model is on held-out text: nats per token, and bits per byte, which compares across tokenizers. */
import { finalStates } from '../model/gpt';
import { headLosses } from '../model/ops';
import { headWeight, type Parameters } from '../model/parameters';
import * as tf from '../tf';
import type { Batch } from './batches';
import { flatTargets } from './gradients';

export interface Evaluation {
  /** Nats per token. */
  readonly loss: number;
  readonly bitsPerByte: number;
}

/**
 * Evaluates on fixed batches. `byteLengths[id]` is the number of UTF-8 bytes of a token, 0 for special tokens: predicting
 * those costs bits and brings no bytes. `pause` is awaited between batches, so that messages get through.
 */
export async function evaluate(
  params: Parameters,
  batches: readonly Batch[],
  byteLengths: ArrayLike<number>,
  pause: () => Promise<void>,
): Promise<Evaluation> {
  let nats = 0;
  for (const batch of batches) {
    const losses = tf.tidy(() => {
      const x = finalStates(params, batch.inputs);
      return headLosses(x, headWeight(params), flatTargets(batch));
    });
    for (const loss of (await losses.data()) as Float32Array) nats += loss;
    losses.dispose();
    await pause();
  }
  const { tokens, bytes } = sizeOf(batches, byteLengths);
  return { loss: nats / tokens, bitsPerByte: nats / Math.LN2 / bytes };
}

/** Tokens to predict, and their bytes. */
export function sizeOf(batches: readonly Batch[], byteLengths: ArrayLike<number>): { tokens: number; bytes: number } {
  let tokens = 0;
  let bytes = 0;
  for (const { targets } of batches) {
    for (const row of targets) {
      tokens += row.length;
      for (const id of row) bytes += byteLengths[id] ?? 0;
    }
  }
  return { tokens, bytes };
}
