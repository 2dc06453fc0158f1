/**
 * A Hugging Face directory from and to parameters: `config.json`, `generation_config.json`, `model.safetensors` (one file
 * or shards). Files come through an injected reader and go out as bytes: whoever owns the disk writes them. The files
 * of the tokenizer are the tokenizer's own.
 */

import { LoupeError } from '../errors';
import { type Parameters, readParameters } from '../model/parameters';
import { configFile, generationConfigFile, parseConfig } from './huggingFaceConfig';
import { type FloatDtype, floatTensor, type StoredTensor, writeSafetensors } from './safetensors';
import { join, type ReadFile, readTensors, weightsFile } from './shards';
import { loadStored, type StoredModel } from './storedModel';

export { configFile, generationConfigFile, parseConfig } from './huggingFaceConfig';
export type { ReadFile } from './shards';

/**
 * Reads a directory without making tensors. `path` names it in errors: `model.notFound`, `file.notFound`, `file.broken`,
 * `model.badConfig`, `model.unsupported`, `model.missingTensor`.
 */
export async function readStoredModel(read: ReadFile, path: string): Promise<StoredModel> {
  const configBytes = await read('config.json');
  if (!configBytes) throw new LoupeError('model.notFound', { path });
  const config = parseConfig(configBytes, join(path, 'config.json'));
  const tensors = await readTensors(read, path);
  const dtype = tensors.get('model.embed_tokens.weight')?.dtype;
  return { config, dtype: dtype === 'F16' || dtype === 'BF16' ? dtype : 'F32', tensors };
}

/** Reads a directory into parameters, which belong to the caller. Errors of `readStoredModel` and `loadStored`. */
export async function readModel(
  read: ReadFile,
  path: string,
): Promise<{ params: Parameters; config: Parameters['config']; dtype: FloatDtype }> {
  const stored = await readStoredModel(read, path);
  return { params: loadStored(stored, path), config: stored.config, dtype: stored.dtype };
}

export const modelFileNames: readonly string[] = ['config.json', 'generation_config.json', weightsFile];

/** The files of a model by name: what `AutoModelForCausalLM.from_pretrained` opens. Narrow dtypes round to nearest, ties to even. */
export async function modelFiles(
  params: Parameters,
  { dtype = 'F32' }: { dtype?: FloatDtype } = {},
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { shape, data }] of await readParameters(params)) tensors.set(name, floatTensor(data, shape, dtype));
  return new Map([
    ['config.json', configFile(params.config, dtype)],
    ['generation_config.json', generationConfigFile(params.config)],
    [weightsFile, writeSafetensors(tensors, { format: 'pt' })],
  ]);
}
