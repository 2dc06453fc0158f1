/**
 * Checkpoints of llama2.c (https://github.com/karpathy/llama2.c), first version: seven 32-bit integers, then float32
 * matrices without names. llama2.c turns neighbouring pairs (x0, x1), (x2, x3)... by RoPE, Hugging Face the halves
 * (x0, x[d/2])...: the rows of wq and wk are put in the second order, which gives the same scores. Its tokenizer
 * (`tok512.bin`) is another file and another reader's work.
 */

import { LoupeError } from '../errors';
import type { ModelConfig } from '../model/config';
import { elements, floatTensor, type StoredTensor } from './safetensors';
import type { StoredModel } from './storedModel';

const headerBytes = 28;
/** "ak42": the later versions begin with it. */
const laterMagic = 0x616b3432;

/** Throws `file.broken`. */
export function parseLlama2c(bytes: Uint8Array, path: string): StoredModel {
  const broken = (detail: string) => new LoupeError('file.broken', { path, detail });
  if (bytes.length < headerBytes) throw broken('it is too short for a llama2.c header.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) === laterMagic) throw broken('it is a later version of the llama2.c format; only the first one is read.');
  const [dim, hidden, layers, heads, kvHeads, signedVocab, context] = Array.from({ length: 7 }, (_, i) => view.getInt32(4 * i, true)) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  // A negative vocabulary size says that the output head has weights of its own.
  const vocab = Math.abs(signedVocab);
  const plausible = [dim, hidden, layers, heads, kvHeads, vocab, context].every((size) => size > 0 && size < 1 << 24);
  if (!plausible || dim % heads !== 0 || heads % kvHeads !== 0 || (dim / heads) % 2 !== 0) throw broken('its header is not plausible.');
  const headDim = dim / heads;
  const config: ModelConfig = {
    vocabSize: vocab,
    dModel: dim,
    nLayers: layers,
    nHeads: heads,
    nKvHeads: kvHeads,
    headDim,
    dFf: hidden,
    contextLength: context,
    ropeTheta: 10000,
    normEps: 1e-5,
    tieEmbeddings: signedVocab > 0,
    bosId: 1,
    eosId: 2,
  };

  const rotations = context * headDim; // cosines and sines that llama2.c no longer reads
  const perLayer = 2 * dim + 2 * dim * dim + 2 * kvHeads * headDim * dim + 3 * hidden * dim;
  const floats = vocab * dim * (signedVocab > 0 ? 1 : 2) + layers * perLayer + dim + rotations;
  if (bytes.length !== headerBytes + 4 * floats)
    throw broken(`${headerBytes + 4 * floats} bytes are announced, ${bytes.length} are there.`);

  let at = headerBytes;
  const next = (...shape: number[]): Float32Array => {
    const begin = at;
    at += 4 * elements(shape);
    return new Float32Array(new Uint8Array(bytes.subarray(begin, at)).buffer);
  };
  const tensors = new Map<string, StoredTensor>();
  const store = (name: string, values: Float32Array, ...shape: number[]) => tensors.set(`${name}.weight`, floatTensor(values, shape));
  const storeLayers = (name: string, convert: (values: Float32Array) => Float32Array, ...shape: number[]) => {
    for (let layer = 0; layer < layers; layer++) store(`model.layers.${layer}.${name}`, convert(next(...shape)), ...shape);
  };
  const asIs = (values: Float32Array) => values;
  const halves = (values: Float32Array) => pairsToHalves(values, headDim, dim);

  store('model.embed_tokens', next(vocab, dim), vocab, dim);
  storeLayers('input_layernorm', asIs, dim);
  storeLayers('self_attn.q_proj', halves, dim, dim);
  storeLayers('self_attn.k_proj', halves, kvHeads * headDim, dim);
  storeLayers('self_attn.v_proj', asIs, kvHeads * headDim, dim);
  storeLayers('self_attn.o_proj', asIs, dim, dim);
  storeLayers('post_attention_layernorm', asIs, dim);
  storeLayers('mlp.gate_proj', asIs, hidden, dim);
  storeLayers('mlp.down_proj', asIs, dim, hidden);
  storeLayers('mlp.up_proj', asIs, hidden, dim);
  store('model.norm', next(dim), dim);
  next(rotations);
  if (signedVocab < 0) store('lm_head', next(vocab, dim), vocab, dim);
  return { config, dtype: 'F32', tensors };
}

/** Rows 2i and 2i + 1 of each head become its rows i and i + d/2. `values`: [heads * headDim, columns]. */
export function pairsToHalves(values: Float32Array, headDim: number, columns: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(values.length);
  for (let row = 0; row * columns < values.length; row++) {
    const inHead = row % headDim;
    const target = row - inHead + (inHead >> 1) + (inHead & 1) * (headDim / 2);
    out.set(values.subarray(row * columns, (row + 1) * columns), target * columns);
  }
  return out;
}
