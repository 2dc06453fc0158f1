/**
 * From logits to the distribution a token is drawn from: temperature, top-k, top-p, min-p, in the order of Hugging Face,
 * always over the full vocabulary. Every cut keeps a beginning of the tokens in the order of their logits, so a stage is a
 * count, and a view can show each one. Nothing here draws: see generate.ts.
 */

import { LoupeError } from '../errors';
import { exp } from '../math';
import { Ranking } from './ranking';
import type { SampleSettings } from './types';

/** The probability at a place; 0 is the place of the most probable token. */
export type ByPlace = (place: number) => number;

/** "Place" is a position in `order`. Nothing is computed for places that nobody asks for. */
export interface Distribution {
  readonly logits: Float32Array;
  readonly order: Ranking;
  /** The model's own probabilities (temperature 1). */
  readonly probability: ByPlace;
  /** After the temperature; greedy puts everything on place 0. */
  readonly tempered: ByPlace;
  /** How many places top-k leaves; then top-p of those; then min-p of those. */
  readonly stages: { readonly topK: number; readonly topP: number; readonly minP: number };
  /** How many places are left to draw from, and their part of `tempered`. */
  readonly kept: number;
  readonly keptMass: number;
}

/** Throws `model.nan` where a logit is not a number. Negative infinity is a token that cannot come. */
export function distribution(logits: Float32Array, settings: SampleSettings): Distribution {
  const order = new Ranking(logits);
  const { temperature } = settings;
  const count = order.length;
  if (!Number.isFinite(logits[order.at(0)])) throw new LoupeError('model.nan');
  const probability = softmax(logits, order, 1);
  if (temperature === 0) {
    const stages = { topK: 1, topP: 1, minP: 1 };
    return { logits, order, probability, tempered: (place) => (place === 0 ? 1 : 0), stages, kept: 1, keptMass: 1 };
  }
  const tempered = temperature === 1 ? probability : softmax(logits, order, temperature);
  const topK = keepTopK(count, settings.topK);
  const topP = keepTopP(tempered, topK, settings.topP, sum(tempered, topK, count));
  const minP = keepMinP(tempered, topP, settings.minP);
  const keptMass = sum(tempered, minP, count);
  return { logits, order, probability, tempered, stages: { topK, topP, minP }, kept: minP, keptMass };
}

/** The k most probable; 0 keeps all. */
export function keepTopK(count: number, k: number): number {
  return k > 0 ? Math.min(count, Math.floor(k)) : count;
}

/**
 * Of the first `count` places, whose probabilities sum to `mass`, the fewest that have the part p of it (nucleus sampling, Holtzman
 * et al. 2019); at least one.
 */
export function keepTopP(tempered: ByPlace, count: number, p: number, mass: number): number {
  if (p >= 1) return count;
  const goal = p * mass;
  let reached = 0;
  for (let place = 0; place < count; place++) {
    reached += tempered(place);
    if (reached >= goal) return place + 1;
  }
  return count;
}

/** Of the first `count` places, those at least `minP` times as probable as the first (Nguyen et al. 2024). */
export function keepMinP(tempered: ByPlace, count: number, minP: number): number {
  if (minP <= 0) return count;
  const least = minP * tempered(0);
  let kept = 1;
  while (kept < count && tempered(kept) >= least) kept++;
  return kept;
}

/** What a stage that keeps `count` places leaves of `tempered`. */
export function massOf({ tempered, order }: Distribution, count: number): number {
  return sum(tempered, count, order.length);
}

/** The probability a place is drawn with: 0 where it was cut. */
export function drawnProbability({ tempered, kept, keptMass }: Distribution, place: number): number {
  return place < kept ? tempered(place) / keptMass : 0;
}

/**
 * The place whose part of [0, 1) holds `draw`, and where that part begins: the kept places share [0, 1) in their order.
 */
export function placeOf({ tempered, kept, keptMass }: Distribution, draw: number): { place: number; before: number } {
  const goal = draw * keptMass;
  let before = 0;
  let place = 0;
  // The last place takes what rounding leaves over; a place of probability 0 takes nothing.
  for (let here = tempered(0); place < kept - 1 && before + here <= goal; place++) {
    const next = tempered(place + 1);
    if (next === 0) break;
    before += here;
    here = next;
  }
  return { place, before: before / keptMass };
}

/** Softmax of logits / temperature. The sum is over the whole vocabulary; the rest as it is asked for. */
function softmax(logits: Float32Array, order: Ranking, temperature: number): ByPlace {
  const greatest = logits[order.at(0)]!;
  let total = 0;
  for (let id = 0; id < logits.length; id++) total += exp((logits[id]! - greatest) / temperature);
  return (place) => exp((logits[order.at(place)]! - greatest) / temperature) / total;
}

/** The sum over the first `count` of `all` places. */
function sum(tempered: ByPlace, count: number, all: number): number {
  if (count === all) return 1;
  let total = 0;
  for (let place = 0; place < count; place++) total += tempered(place);
  return total;
}
