/** Tokenizers by reference, loaded once and read again when their file changed. */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LoupeError } from '../core/errors';
import { tokenizerConfigJson, writeTokenizerJson } from '../core/tokenizer/huggingFaceJson';
import { parseTokenizerJson } from '../core/tokenizer/load';
import type { Tokenizer } from '../core/tokenizer/types';
import type { Vocabulary } from '../core/tokenizer/vocabulary';
import type { RealmConfig, TokenizerRef } from '../protocol/engine';
import { fileError, readFrom } from './files';
import { locateTokenizer, type TokenizerPlace } from './references';

/** Files of a tokenizer by name, as they lie beside a model. */
export type TokenizerFiles = ReadonlyMap<string, Uint8Array>;

/** Kept at most: each is some megabytes. */
const kept = 8;

export class Tokenizers {
  /** In the order of their last use. */
  private readonly loaded = new Map<string, Promise<Tokenizer>>();

  constructor(private readonly places: Pick<RealmConfig, 'starter' | 'runs'>) {}

  /** Throws `tokenizer.unknown`, `tokenizer.badFile`, `model.notFound`, `file.*`. */
  async get(ref: TokenizerRef): Promise<Tokenizer> {
    const place = await locateTokenizer(this.places, ref);
    const key = place.kind === 'file' ? `${place.path} ${place.version}` : place.name;
    const tokenizer = this.loaded.get(key) ?? loadTokenizer(place);
    this.loaded.delete(key);
    this.loaded.set(key, tokenizer);
    // A file that cannot be read now may be there later.
    tokenizer.catch(() => this.loaded.delete(key));
    for (const oldest of this.loaded.keys()) {
      if (this.loaded.size <= kept) break;
      this.loaded.delete(oldest);
    }
    return tokenizer;
  }
}

async function loadTokenizer(place: TokenizerPlace): Promise<Tokenizer> {
  if (place.kind === 'builtIn') throw new LoupeError('tokenizer.unknown', { name: place.name, known: 'starter' });
  let text: string;
  try {
    text = await readFile(place.path, 'utf8');
  } catch (error) {
    throw fileError(error, place.path);
  }
  return parseTokenizerJson(text, place.name);
}

/** The files of a tokenizer that lies on disk, for a model that will be trained with it. Throws `tokenizer.noFile`. */
export async function readTokenizerFiles(places: Pick<RealmConfig, 'starter' | 'runs'>, ref: TokenizerRef): Promise<TokenizerFiles> {
  const place = await locateTokenizer(places, ref);
  if (place.kind === 'builtIn') throw new LoupeError('tokenizer.noFile', { name: place.name });
  return readFilesOf(dirname(place.path));
}

/** Those of a folder that are there. */
export async function readFilesOf(folder: string): Promise<TokenizerFiles> {
  const read = readFrom(folder);
  const files = new Map<string, Uint8Array>();
  for (const name of ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json']) {
    const bytes = await read(name);
    if (bytes) files.set(name, bytes);
  }
  return files;
}

/** Throws `tokenizer.badFile`. */
export async function parseTokenizerFiles(files: TokenizerFiles, name: string): Promise<Tokenizer> {
  const json = files.get('tokenizer.json');
  if (!json) throw new LoupeError('tokenizer.badFile', { file: name, detail: 'there is no tokenizer.json' });
  return parseTokenizerJson(new TextDecoder().decode(json), name);
}

/** The files of a tokenizer that was just learnt. */
export function tokenizerFiles(vocabulary: Vocabulary, contextLength?: number): TokenizerFiles {
  const encoder = new TextEncoder();
  return new Map([
    ['tokenizer.json', encoder.encode(writeTokenizerJson(vocabulary))],
    ['tokenizer_config.json', encoder.encode(tokenizerConfigJson(vocabulary, contextLength))],
  ]);
}
