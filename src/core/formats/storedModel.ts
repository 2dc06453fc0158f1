/** A model as a file holds it: the same whatever format it came from, and the way from there to parameters. */

import { LoupeError } from '../errors';
import type { ModelConfig } from '../model/config';
import { type Parameters, parameterSpecs, parametersFrom, type StoredDtype } from '../model/parameters';
import { type Dtype, type FloatDtype, type StoredTensor, tensorFloats } from './safetensors';

export interface StoredModel {
  readonly config: ModelConfig;
  /** Of the embedding, which stands for the whole. */
  readonly dtype: FloatDtype;
  /** By Hugging Face name. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** What transformers wrote beside the weights and no longer needs; and a head that is tied, and so is the embedding. */
const ignored = /\.rotary_emb\.inv_freq$|\.masked_bias$/;

/**
 * Widens the tensors one by one into parameters, which belong to the caller. Throws `model.missingTensor`,
 * `model.badShape`, and `model.badConfig` for tensors that this model has no place for (biases, experts...).
 */
export function loadStored({ config, tensors }: StoredModel, path: string): Parameters {
  const known = new Set(parameterSpecs(config).map(({ name }) => name));
  for (const name of tensors.keys()) {
    if (known.has(name) || ignored.test(name) || (config.tieEmbeddings && name === 'lm_head.weight')) continue;
    throw new LoupeError('model.badConfig', { file: path, detail: `a Llama has no place for its tensor "${name}".` });
  }
  return parametersFrom(config, (name) => {
    const tensor = tensors.get(name);
    return tensor && { shape: tensor.shape, dtype: storedDtype(tensor.dtype), data: tensorFloats(tensor, path, name) };
  });
}

function storedDtype(dtype: Dtype): StoredDtype {
  return dtype === 'F16' ? 'f16' : dtype === 'BF16' ? 'bf16' : 'f32';
}
