/**
 * Opening a tokenizer by name or from a file, whatever kind it is: byte-level BPE with a pattern that we know gets our own
 * encoder, with the ids of its file; everything else goes through Hugging Face's library.
 */
import { ByteLevelTokenizer } from './encode';
import { libraryTokenizer } from './foreign';
import { readTokenizerJson, vocabularyFromJson } from './huggingFaceJson';
import { type Form, NormalizedTokenizer } from './normalized';
import type { Tokenizer } from './types';

/** The tokenizer in the text of a `tokenizer.json`; `name` is for people. Throws `tokenizer.badFile`. */
export async function parseTokenizerJson(text: string, name: string): Promise<Tokenizer> {
  const json = readTokenizerJson(text, name);
  const form = json.normalizer?.type ?? null;
  if (form === null || form === 'NFC' || form === 'NFD' || form === 'NFKC' || form === 'NFKD') {
    const vocabulary = vocabularyFromJson(json, name);
    if (vocabulary !== undefined) {
      const own = new ByteLevelTokenizer(vocabulary, name);
      return form === null ? own : new NormalizedTokenizer(own, form satisfies Form);
    }
  }
  return libraryTokenizer(json, name);
}
