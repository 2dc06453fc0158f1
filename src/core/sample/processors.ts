/**
 * From logits to the distribution a token is drawn from: temperature, top-k, top-p, min-p, in the order of Hugging Face,
 * always over the full vocabulary. Tokens are put in the order of their logits once; every cut then keeps a beginning of
 * that order, so a stage is a count, and a view can show each one. Nothing here draws: see generate.ts.
 */

import { LoupeError } from '../errors';
import { exp } from '../math';
import type { SampleSettings } from './types';

/** "Place" is a position in `order`: 0 is the most probable token. */
export interface Distribution {
  readonly logits: Float32Array;
  /** Ids by logit, the largest first; equal logits by id. */
  readonly order: Uint32Array;
  /** The model's own probabilities (temperature 1), by place. */
  readonly probability: Float64Array;
  /** After the temperature, by place; greedy puts everything on place 0. */
  readonly tempered: Float64Array;
  /** How many places top-k leaves; then top-p of those; then min-p of those. */
  readonly stages: { readonly topK: number; readonly topP: number; readonly minP: number };
  /** How many places are left to draw from, and their part of `tempered`. */
  readonly kept: number;
  readonly keptMass: number;
}

/** Throws `model.nan` where a logit is not a number. Negative infinity is a token that cannot come. */
export function distribution(logits: Float32Array, settings: SampleSettings): Distribution {
  const order = byLogit(logits);
  const sorted = new Float64Array(order.length);
  for (let place = 0; place < sorted.length; place++) sorted[place] = logits[order[place]!]!;
  if (!Number.isFinite(sorted[0])) throw new LoupeError('model.nan');
  const probability = softmax(sorted, 1);
  const greedy = settings.temperature === 0;
  const tempered = greedy ? certainty(order.length) : softmax(sorted, settings.temperature);
  const topK = greedy ? 1 : keepTopK(order.length, settings.topK);
  const topP = greedy ? 1 : keepTopP(tempered, topK, settings.topP);
  const minP = greedy ? 1 : keepMinP(tempered, topP, settings.minP);
  return { logits, order, probability, tempered, stages: { topK, topP, minP }, kept: minP, keptMass: sum(tempered, minP) };
}

/** The k most probable; 0 keeps all. */
export function keepTopK(count: number, k: number): number {
  return k > 0 ? Math.min(count, Math.floor(k)) : count;
}

/**
 * Of the first `count` places, the fewest whose probabilities, renormalised over them, reach p (nucleus sampling, Holtzman
 * et al. 2019); at least one.
 */
export function keepTopP(tempered: Float64Array, count: number, p: number): number {
  if (p >= 1) return count;
  const goal = p * sum(tempered, count);
  let reached = 0;
  for (let place = 0; place < count; place++) {
    reached += tempered[place]!;
    if (reached >= goal) return place + 1;
  }
  return count;
}

/** Of the first `count` places, those at least `minP` times as probable as the first (Nguyen et al. 2024). */
export function keepMinP(tempered: Float64Array, count: number, minP: number): number {
  if (minP <= 0) return count;
  const least = minP * tempered[0]!;
  let kept = 1;
  while (kept < count && tempered[kept]! >= least) kept++;
  return kept;
}

/** What a stage that keeps `count` places leaves of `tempered`. */
export function massOf({ tempered }: Distribution, count: number): number {
  return sum(tempered, count);
}

/** The probability a place is drawn with: 0 where it was cut. */
export function drawnProbability({ tempered, kept, keptMass }: Distribution, place: number): number {
  return place < kept ? tempered[place]! / keptMass : 0;
}

/**
 * The place whose part of [0, 1) holds `draw`, and where that part begins: the kept places share [0, 1) in their order.
 */
export function placeOf({ tempered, kept, keptMass }: Distribution, draw: number): { place: number; before: number } {
  const goal = draw * keptMass;
  let before = 0;
  let place = 0;
  // The last place takes what rounding leaves over; a place of probability 0 takes nothing.
  while (place < kept - 1 && before + tempered[place]! <= goal && tempered[place + 1]! > 0) before += tempered[place++]!;
  return { place, before: before / keptMass };
}

/** Ids by logit, the largest first; equal logits by id (-0 equals 0). */
export function byLogit(logits: Float32Array): Uint32Array {
  // One sortable number each, sorted without a comparator: the float's bits, put in descending order, then the id.
  const shift = 2 ** 21;
  if (logits.length > shift) throw new RangeError('A vocabulary has at most 2^21 entries here.');
  const floats = new Float32Array(logits);
  const bits = new Int32Array(floats.buffer);
  const keys = new Float64Array(logits.length);
  for (let id = 0; id < keys.length; id++) {
    if (Number.isNaN(floats[id])) throw new LoupeError('model.nan');
    floats[id]! += 0; // -0 becomes 0
    const word = bits[id]!;
    // Of non-negative floats, larger ones have larger bits; of negative ones, smaller bits once the sign is off.
    const descending = word >= 0 ? 0x7fffffff - word : 0x80000000 + (word & 0x7fffffff);
    keys[id] = descending * shift + id;
  }
  keys.sort();
  const order = new Uint32Array(keys.length);
  for (let place = 0; place < order.length; place++) order[place] = keys[place]! % shift;
  return order;
}

/** Softmax of logits / temperature, for logits in descending order. Plain loops: this runs over the vocabulary at every token. */
function softmax(sorted: Float64Array, temperature: number): Float64Array {
  const out = new Float64Array(sorted.length);
  let total = 0;
  for (let place = 0; place < out.length; place++) {
    out[place] = exp((sorted[place]! - sorted[0]!) / temperature);
    total += out[place]!;
  }
  for (let place = 0; place < out.length; place++) out[place]! /= total;
  return out;
}

function certainty(count: number): Float64Array {
  const out = new Float64Array(count);
  out[0] = 1;
  return out;
}

function sum(values: Float64Array, count: number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += values[i]!;
  return total;
}
