/**
 * What can be seen, and changed, inside a forward pass: names and shapes are those of the command line's `activations`.
 * For one sequence of T tokens (a batch puts B in front): D = dModel, H heads, Hkv key-value heads, d = headDim, F = dFf, V
 * vocabulary; S = T plus what the cache held (S = T without cache).
 */
import type * as tf from '../tf';

export const globalTaps = [
  'embedding', // [T, D]
  'final_norm', // [T, D]
  'logits', // [T, V]
] as const;

export const layerTaps = [
  'input', // [T, D]
  'attention_norm', // [T, D]
  'q_unrotated', // [H, T, d]
  'k_unrotated', // [Hkv, T, d]
  'q', // [H, T, d] after RoPE
  'k', // [Hkv, T, d] after RoPE, this call's positions only
  'v', // [Hkv, T, d]
  'scores', // [H, T, S] q . k, not scaled, not masked
  'pattern', // [H, T, S] after scale, mask, softmax
  'heads', // [H, T, d]
  'attention_output', // [T, D]
  'after_attention', // [T, D]
  'mlp_norm', // [T, D]
  'gate', // [T, F]
  'up', // [T, F]
  'mlp_hidden', // [T, F]
  'mlp_output', // [T, D]
  'output', // [T, D]
] as const;

export type GlobalTap = (typeof globalTaps)[number];
export type LayerTap = (typeof layerTaps)[number];
export type TapName = GlobalTap | LayerTap;

/** Which taps to keep: all, or these names (in these layers, if given). */
export type TapRequest = 'all' | { readonly names: readonly TapName[]; readonly layers?: readonly number[] };

/** The taps that were asked for; they belong to the caller. */
export interface Taps {
  readonly global: Partial<Record<GlobalTap, tf.Tensor>>;
  readonly layers: readonly Partial<Record<LayerTap, tf.Tensor>>[];
}

/** A change of one value on its way: `layer` is null for the global ones. `apply` sees the tap's shape and must keep it. */
export interface Edit {
  readonly layer: number | null;
  readonly name: TapName;
  apply(value: tf.Tensor): tf.Tensor;
}
