/** What knowing nothing costs, on the same held-out windows: every token alike, and tokens by their frequency in training. */
import { log } from '../math';
import type { Batch } from './batches';
import { sizeOf } from './evaluate';
import type { TokenSource } from './source';

export interface Baselines {
  /** Bits per byte. */
  readonly uniform: number;
  readonly unigram: number;
  /** Nats per token. */
  readonly uniformNats: number;
  readonly unigramNats: number;
}

/** Frequencies get one added to each count, so that a token never met in training costs a finite number of bits. */
export async function baselines(
  train: TokenSource,
  batches: readonly Batch[],
  vocabSize: number,
  byteLengths: ArrayLike<number>,
  pause: () => Promise<void>,
): Promise<Baselines> {
  const counts = new Float64Array(vocabSize).fill(1);
  const piece = 1 << 20;
  for (let at = 0; at < train.length; at += piece) {
    for (const id of await train.read(at, Math.min(piece, train.length - at))) counts[id] = (counts[id] as number) + 1;
    await pause();
  }
  const total = counts.reduce((sum, count) => sum + count, 0);
  let nats = 0;
  for (const { targets } of batches) {
    for (const row of targets) for (const id of row) nats -= log((counts[id] as number) / total);
  }
  const { tokens, bytes } = sizeOf(batches, byteLengths);
  const uniformNats = log(vocabSize);
  const toBits = (natsPerToken: number) => (natsPerToken * tokens) / Math.LN2 / bytes;
  return { uniform: toBits(uniformNats), unigram: nats / Math.LN2 / bytes, uniformNats, unigramNats: nats / tokens };
}
