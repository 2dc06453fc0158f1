/**
 * What attention did on one text: queries, keys and values of every head are kept (they are small), the T x T pictures are
 * computed when looked at. A head is [T, T], rows look, columns are looked at. Which head, what to draw: the views' matter.
 */

import { exp, log } from '../math';
import { attentionPattern, attentionScores, causalMask } from '../model/attention';
import type { ModelConfig } from '../model/config';
import { forward } from '../model/gpt';
import type { Parameters } from '../model/parameters';
import * as tf from '../tf';
import type { HeadMetrics } from './types';

export interface AttentionRecord {
  readonly config: ModelConfig;
  readonly ids: Int32Array;
  /** Per layer; after RoPE. */
  readonly layers: readonly {
    /** [H, T, d] */
    readonly q: Float32Array;
    /** [Hkv, T, d] */
    readonly k: Float32Array;
    readonly v: Float32Array;
  }[];
}

/** Runs the model on `ids` (with `<bos>`). Throws `text.empty`, `text.tooLong`, `tokenizer.badId`. */
export async function recordAttention(params: Parameters, ids: Int32Array): Promise<AttentionRecord> {
  const { logits, taps } = forward(params, ids, { taps: { names: ['q', 'k', 'v'] }, last: 1 });
  logits.dispose();
  const take = async (tensor: tf.Tensor | undefined): Promise<Float32Array> => {
    const values = (await tensor!.data()) as Float32Array;
    tensor!.dispose();
    return values;
  };
  const layers = [];
  for (const { q, k, v } of taps.layers) layers.push({ q: await take(q), k: await take(k), v: await take(v) });
  return { config: params.config, ids, layers };
}

/**
 * One head, [T, T] each: `scores` are q . k, also where the mask will hide them; `scaled` are scores / sqrt(d); `pattern`
 * is the softmax over the columns a row may see, 0 in the others.
 */
export function headAttention(
  record: AttentionRecord,
  layer: number,
  head: number,
): { scores: Float32Array; scaled: Float32Array; pattern: Float32Array } {
  const count = record.ids.length;
  const { headDim } = record.config;
  const { q, k } = vectors(record, layer, head);
  const scores = new Float32Array(count * count);
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < count; column++) {
      let dot = 0;
      for (let i = 0; i < headDim; i++) dot += q[row * headDim + i]! * k[column * headDim + i]!;
      scores[row * count + column] = dot;
    }
  }
  const scaled = scores.map((score) => score / Math.sqrt(headDim));
  const pattern = new Float32Array(count * count);
  for (let row = 0; row < count; row++) {
    const begin = row * count;
    let highest = Number.NEGATIVE_INFINITY;
    for (let at = begin; at <= begin + row; at++) highest = Math.max(highest, scaled[at]!);
    let total = 0;
    for (let at = begin; at <= begin + row; at++) total += exp(scaled[at]! - highest);
    for (let at = begin; at <= begin + row; at++) pattern[at] = exp(scaled[at]! - highest) / total;
  }
  return { scores, scaled, pattern };
}

/** What the calculation of one row needs: q [d], k and v [T, d], output = pattern[row] . v [d]. */
export function rowAttention(
  record: AttentionRecord,
  layer: number,
  head: number,
  row: number,
): { q: Float32Array; k: Float32Array; v: Float32Array; output: Float32Array } {
  const { headDim } = record.config;
  const { q, k, v } = vectors(record, layer, head);
  const { pattern } = headAttention(record, layer, head);
  const output = new Float32Array(headDim);
  for (let i = 0; i < headDim; i++) {
    let sum = 0;
    for (let column = 0; column <= row; column++) sum += pattern[row * record.ids.length + column]! * v[column * headDim + i]!;
    output[i] = sum;
  }
  return { q: q.slice(row * headDim, (row + 1) * headDim), k: k.slice(), v: v.slice(), output };
}

/** Patterns of all heads, averaged by area down to size x size (T x T where T is smaller): [L, H, size, size]. */
export async function thumbnails(record: AttentionRecord, size: number): Promise<{ size: number; values: Float32Array }> {
  const { nLayers, nHeads } = record.config;
  const count = record.ids.length;
  const side = Math.min(size, count);
  const values = new Float32Array(nLayers * nHeads * side * side);
  for (let layer = 0; layer < nLayers; layer++) {
    const patterns = await layerPatterns(record, layer);
    for (let head = 0; head < nHeads; head++) {
      const pattern = patterns.subarray(head * count * count, (head + 1) * count * count);
      values.set(areaAverage(pattern, count, side), (layer * nHeads + head) * side * side);
    }
  }
  return { size: side, values };
}

/** Means of [count, count] over side x side cells of equal area; side <= count. */
export function areaAverage(values: Float32Array, count: number, side: number): Float32Array {
  if (side === count) return values.slice();
  // How much of each source line lies in which cell: at most two, because cells are wider than lines.
  const cell = new Uint32Array(count);
  const first = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    cell[i] = Math.floor((i * side) / count);
    first[i] = Math.min(1, ((cell[i]! + 1) * count) / side - i);
  }
  const out = new Float64Array(side * side);
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < count; column++) {
      const value = values[row * count + column]!;
      if (value === 0) continue;
      const at = cell[row]! * side + cell[column]!;
      const below = 1 - first[row]!;
      const right = 1 - first[column]!;
      out[at]! += value * first[row]! * first[column]!;
      if (right > 0) out[at + 1]! += value * first[row]! * right;
      if (below > 0) out[at + side]! += value * below * first[column]!;
      if (below > 0 && right > 0) out[at + side + 1]! += value * below * right;
    }
  }
  return Float32Array.from(out, (sum) => (sum * side * side) / (count * count));
}

/** What each head does, in five numbers, by layer then head. */
export async function allHeadMetrics(record: AttentionRecord): Promise<HeadMetrics[]> {
  const { nLayers, nHeads } = record.config;
  const count = record.ids.length;
  const metrics: HeadMetrics[] = [];
  for (let layer = 0; layer < nLayers; layer++) {
    const patterns = await layerPatterns(record, layer);
    for (let head = 0; head < nHeads; head++) {
      const pattern = patterns.subarray(head * count * count, (head + 1) * count * count);
      metrics.push({ layer, head, ...headMetrics(pattern, record.ids) });
    }
  }
  return metrics;
}

/**
 * The numbers of one pattern [T, T], as means over the rows after the first (which can only look at itself); NaN where
 * there is no such row. Induction (Olsson et al. 2022) counts rows whose token came before, not just before.
 */
export function headMetrics(pattern: Float32Array, ids: Int32Array): Omit<HeadMetrics, 'layer' | 'head'> {
  const count = ids.length;
  const lastSeen = new Map<number, number>();
  let previousToken = 0;
  let firstToken = 0;
  let self = 0;
  let entropy = 0;
  let distance = 0;
  let induction = 0;
  let repeats = 0;
  for (let row = 0; row < count; row++) {
    const before = lastSeen.get(ids[row]!);
    lastSeen.set(ids[row]!, row);
    if (row === 0) continue;
    const at = row * count;
    previousToken += pattern[at + row - 1]!;
    firstToken += pattern[at]!;
    self += pattern[at + row]!;
    for (let column = 0; column <= row; column++) {
      const p = pattern[at + column]!;
      if (p > 0) entropy -= p * log(p);
      distance += p * (row - column);
    }
    // What followed a token just before is the row's own token: that is looking at itself.
    if (before !== undefined && before < row - 1) {
      induction += pattern[at + before + 1]!;
      repeats++;
    }
  }
  const mean = (sum: number, rows: number) => (rows > 0 ? sum / rows : Number.NaN);
  const rows = count - 1;
  return {
    previousToken: mean(previousToken, rows),
    firstToken: mean(firstToken, rows),
    self: mean(self, rows),
    induction: mean(induction, repeats),
    entropy: mean(entropy, rows),
    distance: mean(distance, rows),
  };
}

/** Patterns of a layer, [H, T, T], by the model's own operations. */
async function layerPatterns({ config, ids, layers }: AttentionRecord, layer: number): Promise<Float32Array> {
  const count = ids.length;
  const pattern = tf.tidy(() => {
    const q = tf.tensor4d(layers[layer]!.q, [1, config.nHeads, count, config.headDim]);
    const k = tf.tensor4d(layers[layer]!.k, [1, config.nKvHeads, count, config.headDim]);
    return attentionPattern(attentionScores(q, k), config.headDim, causalMask(count, count));
  });
  const values = (await pattern.data()) as Float32Array;
  pattern.dispose();
  return values;
}

/** Views of one head's vectors; with grouped queries several heads share keys and values. */
function vectors({ config, ids, layers }: AttentionRecord, layer: number, head: number) {
  const stored = layers[layer];
  if (!stored || !(head >= 0 && head < config.nHeads)) throw new RangeError(`There is no head L${layer}H${head}.`);
  const size = ids.length * config.headDim;
  const kv = Math.floor(head / (config.nHeads / config.nKvHeads));
  return {
    q: stored.q.subarray(head * size, (head + 1) * size),
    k: stored.k.subarray(kv * size, (kv + 1) * size),
    v: stored.v.subarray(kv * size, (kv + 1) * size),
  };
}
