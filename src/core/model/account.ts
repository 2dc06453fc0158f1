/** What a model costs, computed from its shape alone: parameters, FLOPs, bytes. The dialogs, the dashboard and `info` read it. */
import type { ModelConfig } from './config';
import { type ParameterGroup, parameterSpecs } from './parameters';

export function parameterCount(config: ModelConfig): number {
  return parameterSpecs(config).reduce((sum, { shape }) => sum + size(shape), 0);
}

/** Parameters by group, in the order in which a text meets them; groups that do not exist are left out. */
export function parametersByGroup(config: ModelConfig): { group: ParameterGroup; parameters: number }[] {
  const sums = new Map<ParameterGroup, number>();
  for (const { shape, group } of parameterSpecs(config)) sums.set(group, (sums.get(group) ?? 0) + size(shape));
  const order: ParameterGroup[] = ['embedding', 'attention', 'feedForward', 'norm', 'head'];
  return order.flatMap((group) => (sums.has(group) ? [{ group, parameters: sums.get(group) as number }] : []));
}

/**
 * Floating point operations per token of a forward pass over `positions` tokens: two for every parameter that
 * multiplies (a table of its own only looks up), and two products of causal attention, their masked half not counted.
 */
export function forwardFlopsPerToken(config: ModelConfig, positions = config.contextLength): number {
  const lookedUp = config.tieEmbeddings ? 0 : config.vocabSize * config.dModel;
  return 2 * (parameterCount(config) - lookedUp) + 2 * config.nLayers * config.nHeads * config.headDim * positions;
}

/** The same with the backward pass, which costs twice the forward one. */
export function trainingFlopsPerToken(config: ModelConfig, positions = config.contextLength): number {
  return 3 * forwardFlopsPerToken(config, positions);
}

/** Bytes of the weights for a width in bytes (4 for f32). */
export function weightBytes(config: ModelConfig, bytesEach = 4): number {
  return bytesEach * parameterCount(config);
}

/** Bytes of the keys and values of one position. */
export function cacheBytesPerToken(config: ModelConfig): number {
  return 2 * 4 * config.nLayers * config.nKvHeads * config.headDim;
}

/** Bytes of the transposed copies that linear weights keep for their product, where the backend has none of its own for it. */
function transposedBytes(config: ModelConfig): number {
  return 4 * parameterSpecs(config).reduce((sum, { shape, group }) => sum + (group === 'norm' ? 0 : size(shape)), 0);
}

/**
 * Bytes to run a text of `positions` tokens: weights, cache, and the widest moment: the feed-forward of a layer or the head, with
 * the weight of the product in its own order. Where ops are not fused: all weights transposed too, and the tables of attention.
 */
export function memoryToRun(config: ModelConfig, positions = config.contextLength, fused = true): number {
  const { dModel, nHeads, headDim, dFf, vocabSize } = config;
  const held = weightBytes(config) + cacheBytesPerToken(config) * positions;
  if (!fused) {
    const layer = positions * (6 * dModel + 6 * nHeads * headDim + 4 * dFf + 3 * nHeads * positions);
    return held + transposedBytes(config) + 4 * (layer + 2 * positions * vocabSize);
  }
  const feedForward = positions * (2 * dModel + 3 * dFf) + dModel * dFf;
  const head = positions * (dModel + 2 * vocabSize) + vocabSize * dModel;
  return held + 4 * (positions * positions + Math.max(feedForward, head));
}

/** What training costs depends on it: our own backend has fused ops, which keep less. Others compose them from stock ops. */
export interface TrainingCost {
  readonly batch: number;
  /** Micro-batches of a step. Default 1. */
  readonly accumulate?: number;
  readonly positions?: number;
  readonly fused?: boolean;
}

/** Bytes that a training pass holds at its peak, besides weights and gradients: mostly what waits for the backward pass. */
export function activationBytes(config: ModelConfig, cost: TrainingCost): number {
  const { batch, positions = config.contextLength, fused = true } = cost;
  return fused ? fusedActivations(config, batch * positions) : stockActivations(config, batch, positions);
}

/** Logits that exist at once, in training on our own backend and in every evaluation. As in `src/backend/loupe/fused/linear.ts` and `ops.ts`. */
const logitsAtOnce = 2 ** 22;

function logitsOf({ vocabSize }: ModelConfig, tokens: number): number {
  return Math.min(tokens, Math.max(64, Math.floor(logitsAtOnce / vocabSize))) * vocabSize;
}

function fusedActivations(config: ModelConfig, tokens: number): number {
  const { dModel, nHeads, nKvHeads, headDim, dFf, vocabSize, nLayers } = config;
  // Per token and layer: before and after both norms; q, k, v, the joined heads; gate, up and their product; per head and per norm a number.
  const layer = 4 * dModel + 2 * nHeads * headDim + 2 * nKvHeads * headDim + 3 * dFf + nHeads + 2;
  const kept = tokens * (nLayers * layer + 2 * dModel);
  // Then either the head, whose logits come in chunks, and whose weight is packed for its product; or the last feed-forward, backward.
  const chunk = logitsOf(config, tokens);
  return 4 * (kept + Math.max(tokens * dModel + chunk + vocabSize * dModel, tokens * (3 * dFf + 2 * dModel)));
}

function stockActivations(config: ModelConfig, batch: number, positions: number): number {
  const { dModel, nHeads, nKvHeads, headDim, dFf, vocabSize, nLayers } = config;
  // Per token and layer: two norms, before and after their weight; q, k, v, the joined heads and the pattern; up, sigmoid,
  // silu and their product.
  const layer = 4 * dModel + 2 * nHeads * headDim + 2 * nKvHeads * headDim + nHeads * positions + 4 * dFf;
  // The widest moment of one block, backward: attention's tables [T, T], or the feed-forward's. Or all logits, with their
  // exponentials and gradients.
  const widest = 7 * Math.max(nHeads * positions, dFf) + 4 * dModel;
  return 4 * batch * positions * (nLayers * layer + 4 * dModel + Math.max(widest, 4 * vocabSize));
}

/** Bytes of an evaluation between two steps, besides weights and moments: nothing is kept, but a chunk's logits are there three times. */
function evaluationBytes(config: ModelConfig, { batch, positions = config.contextLength }: TrainingCost): number {
  const { dModel, vocabSize } = config;
  return 4 * (2 * batch * positions * dModel + 3 * logitsOf(config, batch * positions) + vocabSize * dModel);
}

/**
 * Bytes to train with AdamW: weights, gradients (and their sum over micro-batches), two moments, activations of one micro-batch;
 * or the evaluations, where they need more.
 */
export function memoryToTrain(config: ModelConfig, cost: TrainingCost): number {
  const { accumulate = 1, fused = true } = cost;
  const copies = (accumulate > 1 ? 5 : 4) * weightBytes(config) + (fused ? 0 : transposedBytes(config));
  return Math.max(copies + activationBytes(config, cost), 3 * weightBytes(config) + evaluationBytes(config, cost));
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, axis) => product * axis, 1);
}
