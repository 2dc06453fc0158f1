/**
 * The door to fused kernels: one kernel where the reference composes many stock ops. A backend that has some registers them
 * with tfjs under these names; on every other one the reference runs. A test holds the two together, forward and backward.
 */
import * as tf from '../tf';

/** Inputs and attributes of each are where it is used; shapes and results are those of the reference beside it. */
export type FusedName =
  | 'LoupeLinear'
  | 'LoupeLinearGrad'
  | 'LoupeLinears'
  | 'LoupeLinearsGrad'
  | 'LoupeRmsNorm'
  | 'LoupeRmsNormGrad'
  | 'LoupeSwiGlu'
  | 'LoupeSwiGluGrad'
  | 'LoupeEmbedding'
  | 'LoupeEmbeddingGrad'
  | 'LoupeAttention'
  | 'LoupeAttentionGrad'
  | 'LoupeCacheRoom'
  | 'LoupeCacheWrite'
  | 'LoupeDecode'
  | 'LoupeTurnedHeads'
  | 'LoupeSeenAttention'
  | 'LoupeHeadLoss'
  | 'LoupeJudge'
  | 'LoupeDropout'
  | 'LoupeAdamW'
  | 'LoupeSquaredNorm';

export type FusedKernel = (
  inputs: Readonly<Record<string, tf.Tensor>> | readonly tf.Tensor[],
  attributes?: Readonly<Record<string, unknown>>,
) => tf.Tensor[];

/** The fused kernel, where the current backend has it. */
export function fused(name: FusedName): FusedKernel | null {
  if (!enabled || !tf.getKernel(name, tf.getBackend())) return null;
  return (inputs, attributes = {}) => {
    const out = tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap) as tf.Tensor | tf.Tensor[];
    return Array.isArray(out) ? out : [out];
  };
}

let enabled = true;

/** Runs `work` with the references alone: for comparisons. */
export function withoutFused<T>(work: () => T): T {
  enabled = false;
  try {
    return work();
  } finally {
    enabled = true;
  }
}
