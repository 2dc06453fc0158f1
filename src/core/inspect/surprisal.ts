/**
 * How surprised a model is by each token of a text: the probability it gave, the rank, and how undecided it was. Texts
 * longer than the context are read in windows that overlap by half a context, each behind `<bos>`.
 */

import { LoupeError } from '../errors';
import { exp } from '../math';
import { forward } from '../model/gpt';
import type { Parameters } from '../model/parameters';
import * as tf from '../tf';
import { columns, judge } from './judge';
import type { Scores } from './types';

export interface ScoreOptions {
  /** What every window begins with; without it the first token of a text has no prediction (NaN). */
  readonly bos: number | undefined;
  /** Tokens before this index are context: read, not scored. Default 0. */
  readonly from?: number;
  /** How many of the most probable tokens to tell for each; default none. */
  readonly top?: number;
  readonly signal?: AbortSignal;
}

/**
 * Scores `ids` (without `<bos>`) from `from` on: columns of ids.length - from entries. Throws `tokenizer.badId`, `model.nan`,
 * `cancelled`.
 */
export async function score(params: Parameters, ids: Uint32Array, options: ScoreOptions): Promise<Scores> {
  const { bos, from = 0, top = 0 } = options;
  const scores = columns(Math.max(0, ids.length - from), Math.min(top, params.config.vocabSize));
  for (const window of windows(ids.length, from, params.config.contextLength, bos !== undefined)) {
    if (options.signal?.aborted) throw new LoupeError('cancelled');
    copyScores(await scoreWindow(params, ids, window, bos, top), 0, window.end - window.first, scores, window.first - from);
    // Others get a turn between windows.
    await new Promise<void>((resolve) => {
      setTimeout(resolve, 0);
    });
  }
  return scores;
}

/**
 * Scores the new tokens of one of the `windows` over `ids`: columns of end - first entries, the same numbers that `score` gives
 * for the whole text. Throws `tokenizer.badId`, `model.nan`.
 */
export async function scoreWindow(
  params: Parameters,
  ids: Uint32Array,
  { start, first, end }: Window,
  bos: number | undefined,
  top: number,
): Promise<Scores> {
  const size = params.config.vocabSize;
  const scores = columns(end - first, Math.min(top, size));
  const lead = bos === undefined ? [] : [bos];
  const input = Int32Array.from([...lead, ...ids.subarray(start, end - 1)]);
  if (input.length === 0) return scores;
  const from = Math.max(first, start + 1 - lead.length);
  // The position that predicts a token is the one before it.
  const logits = tf.tidy(() => forward(params, input, { last: end - from }).logits) as tf.Tensor2D;
  const judged = await judge(logits, ids.subarray(from, end), Math.min(top, size));
  copyScores(judged, 0, end - from, scores, from - first);
  return scores;
}

/** Copies the entries `from` up to `to` of one table to the place `at` of another. */
export function copyScores(source: Scores, from: number, to: number, target: Scores, at: number): void {
  target.logprob.set(source.logprob.subarray(from, to), at);
  target.rank.set(source.rank.subarray(from, to), at);
  target.entropy.set(source.entropy.subarray(from, to), at);
  if (!source.top || !target.top) return;
  const { count } = source.top;
  target.top.ids.set(source.top.ids.subarray(from * count, to * count), at * count);
  target.top.logprobs.set(source.top.logprobs.subarray(from * count, to * count), at * count);
}

/** What one pass of the model reads and scores: indexes of tokens. */
export interface Window {
  readonly start: number;
  readonly first: number;
  readonly end: number;
}

/**
 * Windows over `count` tokens: the model reads start .. end - 2 behind `<bos>` and predicts up to end - 1; tokens from
 * `first` on are new. Each later window has half a context of tokens that were scored before.
 */
export function windows(count: number, from: number, context: number, bos: boolean): Window[] {
  const out: Window[] = [];
  // `<bos>` takes a position, and its prediction is one token more.
  const reach = bos ? context : context + 1;
  const overlap = Math.floor(context / 2);
  let first = from;
  while (first < count) {
    const start = count <= reach ? 0 : Math.max(0, first - overlap);
    const end = Math.min(count, start + reach);
    out.push({ start, first, end });
    first = end;
  }
  return out;
}

/** How many tokens, `<bos>` aside, the model had read before each new one of the windows. */
export function readBefore(windows: readonly Window[]): Uint32Array {
  return Uint32Array.from(windows.flatMap(({ start, first, end }) => Array.from({ length: end - first }, (_, i) => first + i - start)));
}

export interface ScoreSummary {
  /** Mean over the tokens, in nats. */
  readonly nll: number;
  readonly perplexity: number;
  readonly bitsPerByte: number;
}

/** `bytes`: UTF-8 bytes of the scored text. Tokens without a prediction do not count; NaN where none has one. */
export function summarise({ logprob }: Scores, bytes: number): ScoreSummary {
  let total = 0;
  let count = 0;
  for (const value of logprob) {
    if (Number.isNaN(value)) continue;
    total -= value;
    count++;
  }
  const nll = count > 0 ? total / count : Number.NaN;
  return { nll, perplexity: exp(nll), bitsPerByte: bytes > 0 ? total / Math.LN2 / bytes : Number.NaN };
}
