/** What logits say of the tokens that came after: the probability each was given, its rank, and how undecided the model was. */
import { LoupeError } from '../errors';
import { exp, log } from '../math';
import { fused } from '../model/fused';
import * as tf from '../tf';
import type { Scores } from './types';

/** Columns of `count` tokens without a prediction, with room for the `top` most probable in place of each. */
export function columns(count: number, top: number): Scores {
  return {
    logprob: new Float32Array(count).fill(Number.NaN),
    rank: new Uint32Array(count),
    entropy: new Float32Array(count).fill(Number.NaN),
    ...(top > 0 ? { top: { count: top, ids: new Uint32Array(count * top), logprobs: new Float32Array(count * top) } } : {}),
  };
}

/**
 * Scores of `targets` [N] by the rows of `logits` [N, V], which is disposed of. Ranks count from 0 as `generate` orders: by logit,
 * then by id. `top`: how many of the most probable tokens to tell for each, V at most. Throws `tokenizer.badId`, `model.nan`.
 */
export async function judge(logits: tf.Tensor2D, targets: Uint32Array, top: number): Promise<Scores> {
  const [count, size] = logits.shape;
  try {
    for (const id of targets) if (id >= size) throw new LoupeError('tokenizer.badId', { id, last: size - 1 });
    const scores = columns(count, top);
    const own = fused('LoupeJudge');
    if (own) {
      const made = tf.tidy(() => own({ logits, targets: tf.tensor1d(Int32Array.from(targets), 'int32') }, { top }));
      await copyJudged(made, scores);
      tf.dispose(made);
    } else {
      const rows = (await logits.data()) as Float32Array;
      for (let row = 0; row < count; row++) judgeRow(rows.subarray(row * size, (row + 1) * size), targets[row]!, row, scores);
    }
    if (scores.logprob.some(Number.isNaN)) throw new LoupeError('model.nan');
    return scores;
  } finally {
    logits.dispose();
  }
}

/** From what the kernel gives: [N, 3] of log probability, rank and entropy; ids [N, top] and log probabilities [N, top]. */
async function copyJudged([judged, ids, logprobs]: tf.Tensor[], scores: Scores): Promise<void> {
  const numbers = await judged!.data();
  for (let row = 0; row < scores.rank.length; row++) {
    scores.logprob[row] = numbers[3 * row]!;
    scores.rank[row] = numbers[3 * row + 1]!;
    scores.entropy[row] = numbers[3 * row + 2]!;
  }
  scores.top?.ids.set(await ids!.data());
  scores.top?.logprobs.set(await logprobs!.data());
}

/** The reference: softmax of one row in double precision. */
function judgeRow(logits: Float32Array, target: number, at: number, scores: Scores): void {
  let highest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) highest = Math.max(highest, logit);
  if (!Number.isFinite(highest)) return;
  const own = logits[target]!;
  let total = 0;
  let weighted = 0;
  let rank = 0;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    const shifted = logit - highest;
    const share = exp(shifted);
    total += share;
    // A token that cannot come (negative infinity) adds nothing; 0 * infinity would.
    if (share > 0) weighted += share * shifted;
    if (logit > own || (logit === own && id < target)) rank++;
  }
  scores.logprob[at] = own - highest - log(total);
  scores.rank[at] = rank;
  scores.entropy[at] = log(total) - weighted / total;
  if (scores.top) fillTop(logits, highest + log(total), at, scores.top);
}

function fillTop(logits: Float32Array, logTotal: number, at: number, top: NonNullable<Scores['top']>): void {
  const best: number[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (let id = 0; id < logits.length; id++) {
    if (best.length === top.count && logits[id]! <= least) continue;
    let place = best.length;
    while (place > 0 && logits[id]! > logits[best[place - 1]!]!) place--;
    best.splice(place, 0, id);
    if (best.length > top.count) best.pop();
    least = logits[best[best.length - 1]!]!;
  }
  best.forEach((id, place) => {
    top.ids[at * top.count + place] = id;
    top.logprobs[at * top.count + place] = logits[id]! - logTotal;
  });
}
