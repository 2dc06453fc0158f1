/**
 * The weights of a model: a flat record by Hugging Face name. A weight is a handle: what is behind it (a dense tensor
 * today, packed panels or half precision later) is nobody's business but the handle's. Linear weights are [out, in].
 */
import { LoupeError } from '../errors';
import { Rng } from '../rng';
import * as tf from '../tf';
import type { ModelConfig } from './config';

export type StoredDtype = 'f32' | 'f16' | 'bf16';
export type ParameterGroup = 'embedding' | 'attention' | 'feedForward' | 'norm' | 'head';

export interface Weight {
  readonly shape: readonly number[];
  /** How the file held it; computing is in f32. */
  readonly storedDtype: StoredDtype;
  /** The f32 tensor. It belongs to the handle: do not dispose it. */
  value(): tf.Tensor;
  /** [in, out] of a linear weight [out, in], kept until the weight changes. It belongs to the handle. */
  transposed(): tf.Tensor2D;
  /** Takes a new value, and its ownership; the old one is disposed. */
  assign(next: tf.Tensor): void;
  /** Its numbers were changed in place: whatever was derived from them is forgotten. */
  changed(): void;
  dispose(): void;
}

export interface Parameters {
  readonly config: ModelConfig;
  readonly weights: Readonly<Record<string, Weight>>;
}

export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly group: ParameterGroup;
}

/** Every parameter of a model, in a fixed order: embedding, layers from the first to the last, final norm, head. */
export function parameterSpecs(config: ModelConfig): ParameterSpec[] {
  const { vocabSize, dModel, nHeads, nKvHeads, headDim, dFf } = config;
  const specs: ParameterSpec[] = [{ name: 'model.embed_tokens.weight', shape: [vocabSize, dModel], group: 'embedding' }];
  for (let layer = 0; layer < config.nLayers; layer++) {
    const add = (name: string, shape: number[], group: ParameterGroup) =>
      specs.push({ name: `model.layers.${layer}.${name}.weight`, shape, group });
    add('input_layernorm', [dModel], 'norm');
    add('self_attn.q_proj', [nHeads * headDim, dModel], 'attention');
    add('self_attn.k_proj', [nKvHeads * headDim, dModel], 'attention');
    add('self_attn.v_proj', [nKvHeads * headDim, dModel], 'attention');
    add('self_attn.o_proj', [dModel, nHeads * headDim], 'attention');
    add('post_attention_layernorm', [dModel], 'norm');
    add('mlp.gate_proj', [dFf, dModel], 'feedForward');
    add('mlp.up_proj', [dFf, dModel], 'feedForward');
    add('mlp.down_proj', [dModel, dFf], 'feedForward');
  }
  specs.push({ name: 'model.norm.weight', shape: [dModel], group: 'norm' });
  if (!config.tieEmbeddings) specs.push({ name: 'lm_head.weight', shape: [vocabSize, dModel], group: 'head' });
  return specs;
}

export interface StoredTensor {
  readonly shape: readonly number[];
  readonly dtype: StoredDtype;
  /** Already widened to f32. */
  readonly data: Float32Array;
}

/**
 * Parameters from stored tensors, fetched by name (so that a reader widens one tensor at a time).
 * Throws `model.missingTensor` and `model.badShape`; what it made before is disposed.
 */
export function parametersFrom(config: ModelConfig, read: (name: string) => StoredTensor | undefined): Parameters {
  const weights: Record<string, Weight> = {};
  try {
    for (const { name, shape } of parameterSpecs(config)) {
      const stored = read(name);
      if (!stored) throw new LoupeError('model.missingTensor', { name });
      if (stored.shape.length !== shape.length || stored.shape.some((size, axis) => size !== shape[axis])) {
        throw new LoupeError('model.badShape', { name, found: stored.shape.join(', '), expected: shape.join(', ') });
      }
      weights[name] = denseWeight(tf.tensor(stored.data, [...shape], 'float32'), stored.dtype);
    }
  } catch (error) {
    for (const weight of Object.values(weights)) weight.dispose();
    throw error;
  }
  return { config, weights };
}

/**
 * Fresh parameters. Norms 1; everything else normal: embeddings with deviation 0.05, linear weights with 1 / sqrt(inputs), so that
 * what goes in comes out as large (LeCun et al. 1998), the two projections that write into the residual stream less by
 * sqrt(2 * nLayers) (GPT-2). The 0.02 of GPT-2 suits its 768 inputs and more; models
 * this narrow learn later with it (docs/decisions.md). Each tensor depends on (seed, name) alone.
 */
export function initialise(config: ModelConfig, seed: number): Parameters {
  const rng = Rng.from(seed).split('initialise');
  const groups = new Map(parameterSpecs(config).map((spec) => [spec.name, spec]));
  return parametersFrom(config, (name) => {
    const { shape, group } = groups.get(name) as ParameterSpec;
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    if (group === 'norm') data.fill(1);
    else rng.split(name).fillNormal(data, deviationOf(name, shape, group, config));
    return { shape, dtype: 'f32', data };
  });
}

function deviationOf(name: string, shape: readonly number[], group: ParameterGroup, { nLayers }: ModelConfig): number {
  if (group === 'embedding' || group === 'head') return 0.05;
  const residual = name.endsWith('o_proj.weight') || name.endsWith('down_proj.weight');
  return 1 / Math.sqrt((shape[1] as number) * (residual ? 2 * nLayers : 1));
}

export function weightOf(params: Parameters, name: string): Weight {
  const weight = params.weights[name];
  if (!weight) throw new LoupeError('model.missingTensor', { name });
  return weight;
}

/** The output head: `lm_head`, or the embedding where they are tied. */
export function headWeight(params: Parameters): Weight {
  return weightOf(params, params.config.tieEmbeddings ? 'model.embed_tokens.weight' : 'lm_head.weight');
}

/** A copy of every weight, in the order of `parameterSpecs`: what a checkpoint writes. */
export async function readParameters(params: Parameters): Promise<Map<string, { shape: readonly number[]; data: Float32Array }>> {
  const out = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const { name, shape } of parameterSpecs(params.config)) {
    // `data()` may be the tensor's own memory.
    out.set(name, { shape, data: ((await weightOf(params, name).value().data()) as Float32Array).slice() });
  }
  return out;
}

export function disposeParameters(params: Parameters): void {
  for (const weight of Object.values(params.weights)) weight.dispose();
}

/** A handle over a plain f32 tensor, which it owns from now on. */
export function denseWeight(initial: tf.Tensor, storedDtype: StoredDtype = 'f32'): Weight {
  let value = tf.keep(initial);
  let transposed: tf.Tensor2D | undefined;
  const forget = () => {
    transposed?.dispose();
    transposed = undefined;
  };
  return {
    shape: initial.shape,
    storedDtype,
    value: () => value,
    transposed: () => {
      transposed ??= tf.keep(tf.transpose(value as tf.Tensor2D));
      return transposed;
    },
    assign(next) {
      forget();
      value.dispose();
      value = tf.keep(next);
    },
    changed: forget,
    dispose() {
      forget();
      value.dispose();
    },
  };
}
