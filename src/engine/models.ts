/**
 * Models from disk into memory: the one that was asked for last stays loaded, since an active model is asked again and
 * again and tensors of WebAssembly are never given back to the system.
 */
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { LoupeError } from '../core/errors';
import { readStoredModel } from '../core/formats/huggingFace';
import { parseLlama2c } from '../core/formats/llama2c';
import type { FloatDtype } from '../core/formats/safetensors';
import { loadStored, type StoredModel } from '../core/formats/storedModel';
import { parameterCount } from '../core/model/account';
import { disposeParameters, initialise, type Parameters } from '../core/model/parameters';
import type { ModelRef, RealmConfig } from '../protocol/engine';
import { readFrom } from './files';
import { isFolder, locateModel, type ModelPlace } from './references';

export interface LoadedModel {
  readonly ref: ModelRef;
  readonly place: ModelPlace;
  readonly params: Parameters;
  /** Of the weights as stored. */
  readonly dtype: FloatDtype;
  /** Bytes of the weights as stored. */
  readonly bytes: number;
}

interface Entry {
  readonly model: LoadedModel;
  users: number;
}

export class Models {
  private current: Entry | null = null;
  private loading: Promise<unknown> = Promise.resolve();

  constructor(private readonly places: Pick<RealmConfig, 'starter' | 'runs'>) {}

  /** Runs `work` on a model, which stays loaded at least as long. One that changed on disk is read again. Throws `model.*`, `file.*`. */
  async with<T>(ref: ModelRef, work: (model: LoadedModel) => Promise<T> | T): Promise<T> {
    // One after the other, so that two calls for one model load it once.
    const turn = this.loading.then(() => this.get(ref));
    this.loading = turn.catch(() => undefined);
    const entry = await turn;
    try {
      return await work(entry.model);
    } finally {
      this.leave(entry);
    }
  }

  unload(): void {
    const entry = this.current;
    this.current = null;
    if (entry?.users === 0) disposeParameters(entry.model.params);
  }

  /** Counts the caller as a user already, or the model might go before it is used. */
  private async get(ref: ModelRef): Promise<Entry> {
    const place = await locateModel(this.places, ref);
    const known = this.current?.model.place;
    if (known?.path !== place.path || known.version !== place.version) {
      this.unload();
      this.current = { model: { ref, place, ...(await load(place)) }, users: 0 };
    }
    const entry = this.current!;
    entry.users += 1;
    return entry;
  }

  private leave(entry: Entry): void {
    entry.users -= 1;
    if (entry.users === 0 && entry !== this.current) disposeParameters(entry.model.params);
  }
}

async function load(place: ModelPlace): Promise<Pick<LoadedModel, 'params' | 'dtype' | 'bytes'>> {
  if (place.fresh) {
    const { config, seed } = place.fresh;
    return { params: initialise(config, seed), dtype: 'F32', bytes: 4 * parameterCount(config) };
  }
  const stored = await readStored(place.path);
  const bytes = [...stored.tensors.values()].reduce((sum, tensor) => sum + tensor.bytes.byteLength, 0);
  return { params: loadStored(stored, place.path), dtype: stored.dtype, bytes };
}

/** A Hugging Face directory, one of its files, or a checkpoint of llama2.c. */
export async function readStored(path: string): Promise<StoredModel> {
  if (await isFolder(path)) return readStoredModel(readFrom(path), path);
  if (path.endsWith('.bin')) return parseLlama2c(await readFile(path), path);
  if (['config.json', 'model.safetensors', 'model.safetensors.index.json'].includes(basename(path))) {
    return readStoredModel(readFrom(dirname(path)), dirname(path));
  }
  throw new LoupeError('model.notFound', { path });
}
