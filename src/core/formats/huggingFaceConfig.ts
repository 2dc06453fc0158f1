/**
 * `config.json` of a Hugging Face directory, both ways. Reads what transformers 4 wrote (`rope_theta`, `torch_dtype`) and
 * what transformers 5 writes (`rope_parameters`, `dtype`); writes both, so that either opens it. Anything that would
 * change the numbers and that the model here does not do (biases, RoPE scaling, other activations, quantization) is
 * refused: a wrong model that runs would be worse than an error.
 */

import { LoupeError } from '../errors';
import type { ModelConfig } from '../model/config';
import { type JsonObject, jsonBytes, parseJsonObject } from './json';
import type { FloatDtype } from './safetensors';

/** Families that are the model here, under their names in `architectures`. */
const families = ['LlamaForCausalLM', 'MistralForCausalLM'] as const;

/** Beyond any model there is: a file that says more would only exhaust the memory. */
const largestSize = 2 ** 24;

/** What would change the numbers, in words; the edges translate them. */
export const unsupportedParts = [
  'scaled RoPE',
  'RoPE over a part of each head',
  'another activation than SiLU',
  'biases in attention',
  'biases in the feed-forward',
  'quantized weights',
] as const;
type UnsupportedPart = (typeof unsupportedParts)[number];

/** Throws `file.broken`, `model.unsupported`, `model.unsupportedPart` or `model.badConfig`. `path` is for the words of errors. */
export function parseConfig(bytes: Uint8Array, path: string): ModelConfig {
  const json = parseJsonObject(bytes, path);
  const bad = (detail: string) => new LoupeError('model.badConfig', { file: path, detail });
  const family = familyOf(json);
  if (!(families as readonly string[]).includes(family)) throw new LoupeError('model.unsupported', { family, known: 'Llama, Mistral' });
  const unsupported = (detail: UnsupportedPart, setting: string) => new LoupeError('model.unsupportedPart', { detail, setting });

  const size = (key: string, fallback?: number, limit = largestSize): number => {
    const value = json[key] ?? fallback;
    if (!Number.isSafeInteger(value) || (value as number) < 1) throw bad(`"${key}" is not a positive whole number.`);
    if ((value as number) > limit) throw bad(`"${key}" is more than ${limit}.`);
    return value as number;
  };
  const dModel = size('hidden_size');
  const nHeads = size('num_attention_heads');
  const nKvHeads = size('num_key_value_heads', nHeads);
  const headDim = size('head_dim', dModel / nHeads);
  if (nHeads % nKvHeads !== 0) throw bad('"num_attention_heads" is not a multiple of "num_key_value_heads".');
  if (headDim % 2 !== 0) throw bad('"head_dim" is odd, and RoPE turns pairs.');

  const rope = ropeOf(json);
  if (rope.type !== 'default') throw unsupported('scaled RoPE', `rope_type: "${rope.type}"`);
  if (typeof rope.theta !== 'number' || !(rope.theta > 1) || !Number.isFinite(rope.theta))
    throw bad('"rope_theta" is not a number above 1.');
  const normEps = json.rms_norm_eps ?? 1e-6;
  if (typeof normEps !== 'number' || !(normEps > 0) || !Number.isFinite(normEps)) throw bad('"rms_norm_eps" is not a positive number.');

  const activation = json.hidden_act ?? 'silu';
  if (activation !== 'silu' && activation !== 'swish') throw unsupported('another activation than SiLU', `hidden_act: "${activation}"`);
  if (json.attention_bias === true) throw unsupported('biases in attention', 'attention_bias: true');
  if (json.mlp_bias === true) throw unsupported('biases in the feed-forward', 'mlp_bias: true');
  if (json.quantization_config != null) throw unsupported('quantized weights', 'quantization_config');
  if (typeof json.partial_rotary_factor === 'number' && json.partial_rotary_factor !== 1) {
    throw unsupported('RoPE over a part of each head', `partial_rotary_factor: ${json.partial_rotary_factor}`);
  }

  // Within its window, sliding attention is full attention: a context no longer than the window gives the same numbers.
  const window = json.sliding_window == null ? Number.POSITIVE_INFINITY : size('sliding_window', undefined, Number.MAX_SAFE_INTEGER);
  const bosId = firstId(json.bos_token_id);
  const eosId = firstId(json.eos_token_id);
  return {
    vocabSize: size('vocab_size', undefined, 2 ** 21),
    dModel,
    nLayers: size('num_hidden_layers', undefined, 4096),
    nHeads,
    nKvHeads,
    headDim,
    dFf: size('intermediate_size'),
    contextLength: Math.min(size('max_position_embeddings', 2048), window),
    ropeTheta: rope.theta,
    normEps,
    // transformers ties by default only where the file does not say otherwise; Llama's default is not tied.
    tieEmbeddings: json.tie_word_embeddings === true,
    ...(bosId === undefined ? {} : { bosId }),
    ...(eosId === undefined ? {} : { eosId }),
  };
}

/** `config.json` for a model stored with the given dtype. */
export function configFile(config: ModelConfig, dtype: FloatDtype): Uint8Array<ArrayBuffer> {
  const torchDtype = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' }[dtype];
  return jsonBytes({
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    attention_bias: false,
    attention_dropout: 0,
    bos_token_id: config.bosId ?? null,
    dtype: torchDtype,
    eos_token_id: config.eosId ?? null,
    head_dim: config.headDim,
    hidden_act: 'silu',
    hidden_size: config.dModel,
    initializer_range: 0.02,
    intermediate_size: config.dFf,
    max_position_embeddings: config.contextLength,
    mlp_bias: false,
    num_attention_heads: config.nHeads,
    num_hidden_layers: config.nLayers,
    num_key_value_heads: config.nKvHeads,
    pad_token_id: null,
    rms_norm_eps: config.normEps,
    rope_parameters: { rope_theta: config.ropeTheta, rope_type: 'default' },
    rope_scaling: null,
    rope_theta: config.ropeTheta,
    tie_word_embeddings: config.tieEmbeddings,
    torch_dtype: torchDtype,
    use_cache: true,
    vocab_size: config.vocabSize,
  });
}

/** `generation_config.json`: without it, `generate` of transformers guesses from `config.json`. */
export function generationConfigFile(config: ModelConfig): Uint8Array<ArrayBuffer> {
  return jsonBytes({
    ...(config.bosId === undefined ? {} : { bos_token_id: config.bosId }),
    ...(config.eosId === undefined ? {} : { eos_token_id: config.eosId }),
    do_sample: true,
  });
}

function familyOf(json: JsonObject): string {
  const { architectures, model_type: type } = json;
  if (Array.isArray(architectures) && typeof architectures[0] === 'string') return architectures[0];
  if (type === 'llama') return 'LlamaForCausalLM';
  if (type === 'mistral') return 'MistralForCausalLM';
  return typeof type === 'string' ? type : '?';
}

function ropeOf(json: JsonObject): { type: unknown; theta: unknown } {
  const object = (value: unknown) => (typeof value === 'object' && value !== null ? (value as JsonObject) : {});
  const parameters = { ...object(json.rope_scaling), ...object(json.rope_parameters) };
  return {
    type: parameters.rope_type ?? parameters.type ?? 'default',
    theta: parameters.rope_theta ?? json.rope_theta ?? 10000,
  };
}

/** A token id, or the first of several (Llama 3 has a list of end tokens). */
function firstId(value: unknown): number | undefined {
  const id = Array.isArray(value) ? value[0] : value;
  return Number.isSafeInteger(id) && id >= 0 ? id : undefined;
}
