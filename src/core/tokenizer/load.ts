/** Opening a `tokenizer.json`, whatever kind of tokenizer it holds. */

import { LoupeError } from '../errors';
import { ByteLevelTokenizer } from './encode';
import { readTokenizerJson, vocabularyFromJson } from './huggingFaceJson';
import type { Tokenizer } from './types';

/** The tokenizer in the text of a `tokenizer.json`; `name` is for people. Throws `tokenizer.badFile`. */
export async function parseTokenizerJson(text: string, name: string): Promise<Tokenizer> {
  const json = readTokenizerJson(text, name);
  const vocabulary = vocabularyFromJson(json, name);
  if (vocabulary !== undefined && !json.normalizer) return new ByteLevelTokenizer(vocabulary, name);
  throw new LoupeError('tokenizer.badFile', { file: name, detail: 'its kind of tokenizer is not known yet' });
}
