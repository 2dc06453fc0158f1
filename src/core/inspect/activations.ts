/**
 * Every intermediate tensor of one pass, under the names that the command line promises, as a safetensors file: what other
 * tools, and doubters, compare with. Shapes are in model/taps.ts; `ids` are int32, the rest float32.
 */

import { LoupeError } from '../errors';
import { floatTensor, intTensor, type StoredTensor, writeSafetensors } from '../formats/safetensors';
import { forward } from '../model/gpt';
import type { Parameters } from '../model/parameters';
import { globalTaps, layerTaps, type TapName } from '../model/taps';
import type * as tf from '../tf';

/**
 * The file for `ids` (with `<bos>`, if the model should see it). `only` is a glob over names, where `*` stands for any
 * characters and `?` for one: `layers.0.*`, `*.pattern`. `metadata` goes into the file. Throws `activations.none`, `text.empty`, `text.tooLong`, `tokenizer.badId`.
 */
export async function activations(
  params: Parameters,
  ids: Int32Array,
  only?: string,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const wanted = only === undefined ? () => true : glob(only);
  const layers = Array.from({ length: params.config.nLayers }, (_, layer) => layer);
  const globals = globalTaps.filter(wanted);
  const inLayer = (layer: number) => layerTaps.filter((name) => wanted(`layers.${layer}.${name}`));
  const names: TapName[] = [...globals, ...new Set(layers.flatMap(inLayer))];
  if (names.length === 0 && !wanted('ids')) throw new LoupeError('activations.none', { glob: only ?? '*' });

  const tensors = new Map<string, StoredTensor>();
  if (wanted('ids')) tensors.set('ids', intTensor(ids, [ids.length]));
  const seen = layers.filter((layer) => inLayer(layer).length > 0);
  const { logits, taps } = forward(params, ids, { taps: { names, layers: seen } });
  logits.dispose();
  const store = async (name: string, tensor: tf.Tensor) => {
    if (wanted(name)) tensors.set(name, floatTensor((await tensor.data()) as Float32Array, tensor.shape));
    tensor.dispose();
  };
  for (const [name, tensor] of Object.entries(taps.global)) await store(name, tensor);
  for (const [layer, record] of taps.layers.entries()) {
    for (const [name, tensor] of Object.entries(record)) await store(`layers.${layer}.${name}`, tensor);
  }
  return writeSafetensors(tensors, metadata);
}

/** A test of whole names. */
function glob(pattern: string): (name: string) => boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.');
  const test = new RegExp(`^${source}$`, 's');
  return (name) => test.test(name);
}
