/** Tokenizers by reference, loaded once and read again when their file changed. */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LoupeError } from '../core/errors';
import { tokenizerConfigJson, writeTokenizerJson } from '../core/tokenizer/huggingFaceJson';
import { parseLlama2cTokenizer } from '../core/tokenizer/llama2cTokenizer';
import { parseTokenizerJson } from '../core/tokenizer/load';
import { openAiTokenizer } from '../core/tokenizer/openai';
import type { Tokenizer } from '../core/tokenizer/types';
import type { Vocabulary } from '../core/tokenizer/vocabulary';
import type { RealmConfig, TokenizerInfo, TokenizerRef } from '../protocol/engine';
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

/** Known without loading their megabytes. */
export const builtInInfos: readonly TokenizerInfo[] = [
  { ref: 'gpt2', name: 'GPT-2', vocabSize: 50_257 },
  { ref: 'cl100k', name: 'GPT-4', vocabSize: 100_277 },
  { ref: 'o200k', name: 'GPT-4o', vocabSize: 200_019 },
];

async function loadTokenizer(place: TokenizerPlace): Promise<Tokenizer> {
  if (place.kind === 'builtIn') return openAiTokenizer(place.name);
  const bytes = await readFile(place.path).catch((error: unknown) => {
    throw fileError(error, place.path);
  });
  try {
    return place.path.endsWith('.bin')
      ? parseLlama2cTokenizer(bytes, place.name)
      : await parseTokenizerJson(new TextDecoder().decode(bytes), place.name);
  } catch (error) {
    // The name is for people who use it; who must mend the file needs its path.
    if (error instanceof LoupeError && error.code === 'tokenizer.badFile')
      throw new LoupeError(error.code, { ...error.args, file: place.path });
    throw error;
  }
}

/** The files of a tokenizer that lies on disk, for a model that will be trained with it. Throws `tokenizer.noFile`. */
export async function readTokenizerFiles(places: Pick<RealmConfig, 'starter' | 'runs'>, ref: TokenizerRef): Promise<TokenizerFiles> {
  const place = await locateTokenizer(places, ref);
  if (place.kind === 'builtIn' || !place.path.endsWith('.json')) throw new LoupeError('tokenizer.noFile', { name: place.name });
  return readFilesOf(dirname(place.path));
}

export const tokenizerFileNames: readonly string[] = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'];

/** Those of a folder that are there. */
export async function readFilesOf(folder: string): Promise<TokenizerFiles> {
  const read = readFrom(folder);
  const files = new Map<string, Uint8Array>();
  for (const name of tokenizerFileNames) {
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
