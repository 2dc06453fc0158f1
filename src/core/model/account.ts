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

/** Bytes of the transposed copies that linear weights keep for their product. */
function transposedBytes(config: ModelConfig): number {
  return 4 * parameterSpecs(config).reduce((sum, { shape, group }) => sum + (group === 'norm' ? 0 : size(shape)), 0);
}

/** Bytes to run a text of `positions` tokens: weights and their transposes, cache, the widest layer and the logits. */
export function memoryToRun(config: ModelConfig, positions = config.contextLength): number {
  const { dModel, nHeads, headDim, dFf, vocabSize } = config;
  const layer = positions * (6 * dModel + 6 * nHeads * headDim + 4 * dFf + 3 * nHeads * positions);
  return weightBytes(config) + transposedBytes(config) + cacheBytesPerToken(config) * positions + 4 * (layer + 2 * positions * vocabSize);
}

/**
 * Bytes that a training pass holds at its peak, besides weights and gradients: what waits for the backward pass, and the
 * logits with their exponentials and gradients.
 */
export function activationBytes(config: ModelConfig, batch: number, positions = config.contextLength): number {
  const { dModel, nHeads, nKvHeads, headDim, dFf, vocabSize, nLayers } = config;
  // Per token and layer: two norms, before and after their weight; q, k, v, the joined heads and the pattern; up, sigmoid,
  // silu and their product.
  const layer = 4 * dModel + 2 * nHeads * headDim + 2 * nKvHeads * headDim + nHeads * positions + 4 * dFf;
  // The widest moment of one block, backward: attention's tables [T, T], or the feed-forward's.
  const widest = 7 * Math.max(nHeads * positions, dFf) + 4 * dModel;
  return 4 * batch * positions * (nLayers * layer + 4 * dModel + Math.max(widest, 4 * vocabSize));
}

/** Bytes to train with AdamW: weights, their transposes, gradients (as tensors and as sums), two moments, activations of one micro-batch. */
export function memoryToTrain(config: ModelConfig, batch: number, positions = config.contextLength): number {
  return 5 * weightBytes(config) + transposedBytes(config) + activationBytes(config, batch, positions);
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, axis) => product * axis, 1);
}
