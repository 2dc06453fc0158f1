/** Small models and comparisons for tests. */
import type { ModelConfig } from '../../src/core/model/config';
import type { Weight } from '../../src/core/model/parameters';
import * as tf from '../../src/core/tf';

/** A handle over a tensor that stays the test's: finite differences move it. */
export const handle = (value: tf.Tensor): Weight => ({
  shape: value.shape,
  storedDtype: 'f32',
  value: () => value,
  transposed: () => tf.transpose(value as tf.Tensor2D),
  assign: () => undefined,
  changed: () => undefined,
  dispose: () => undefined,
});

export function tinyConfig(over: Partial<ModelConfig> = {}): ModelConfig {
  return {
    vocabSize: 12,
    dModel: 16,
    nLayers: 2,
    nHeads: 2,
    nKvHeads: 2,
    headDim: 8,
    dFf: 24,
    contextLength: 16,
    ropeTheta: 10000,
    normEps: 1e-5,
    tieEmbeddings: true,
    ...over,
  };
}

export function greatestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs((a[i] as number) - (b[i] as number)));
  return most;
}
