/**
 * The weights of a Hugging Face directory, in one file (`model.safetensors`) or in several that
 * `model.safetensors.index.json` lists. Pickled weights (`pytorch_model.bin`, `.pt`) are never opened: reading one can
 * run code.
 */

import { LoupeError } from '../errors';
import { parseJsonObject } from './json';
import { parseSafetensors, type StoredTensor } from './safetensors';

/** Reads one file of a directory; undefined where there is none. The core has no file system of its own. */
export type ReadFile = (name: string) => Promise<Uint8Array | undefined>;

export const weightsFile = 'model.safetensors';
export const weightsIndexFile = 'model.safetensors.index.json';

/** Every tensor by name. `path` is the directory, for the words of errors: `model.notFound`, `file.broken`. */
export async function readTensors(read: ReadFile, path: string): Promise<Map<string, StoredTensor>> {
  const single = await read(weightsFile);
  if (single) return new Map(parseSafetensors(single, join(path, weightsFile)).tensors);

  const index = await read(weightsIndexFile);
  if (!index) throw new LoupeError('model.notFound', { path });
  const placeOf = weightMap(index, join(path, weightsIndexFile));
  const tensors = new Map<string, StoredTensor>();
  for (const shard of [...new Set(placeOf.values())].sort()) {
    const bytes = await read(shard);
    if (!bytes) throw new LoupeError('file.notFound', { path: join(path, shard) });
    for (const [name, tensor] of parseSafetensors(bytes, join(path, shard)).tensors) {
      // A tensor that the index places elsewhere is a leftover; one that no shard holds is missed by whoever needs it.
      if (placeOf.get(name) === shard) tensors.set(name, tensor);
    }
  }
  for (const name of placeOf.keys()) if (!tensors.has(name)) throw new LoupeError('model.missingTensor', { name });
  return tensors;
}

function weightMap(index: Uint8Array, path: string): Map<string, string> {
  const { weight_map: map } = parseJsonObject(index, path);
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    throw new LoupeError('file.broken', { path, detail: 'it has no "weight_map".' });
  }
  const places = new Map<string, string>(Object.entries(map));
  for (const shard of places.values()) {
    // A shard is a file of this very directory: an index cannot make Loupe read elsewhere.
    if (typeof shard !== 'string' || !/^[^/\\:]+\.safetensors$/.test(shard)) {
      throw new LoupeError('file.broken', { path, detail: `"${shard}" is not the name of a shard.` });
    }
  }
  return places;
}

/** For messages only. */
export function join(directory: string, name: string): string {
  return directory === '' ? name : `${directory.replace(/[/\\]$/, '')}/${name}`;
}
