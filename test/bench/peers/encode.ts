/**
 * Tokenizers of npm, ours among them, with the vocabulary of a `tokenizer.json`: encoding a text. Each repeat begins with a
 * tokenizer that has seen nothing, because a file is encoded once. Ours also learns a vocabulary.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BytePairEncodingCore } from 'gpt-tokenizer/BytePairEncodingCore';
import { Tiktoken } from 'tiktoken';
import { createTokenizer } from '../../../src/core/tokenizer/encode';
import { readTokenizerJson, vocabularyFromJson } from '../../../src/core/tokenizer/huggingFaceJson';
import { patternSource } from '../../../src/core/tokenizer/pretokenize';
import { trainTokenizer } from '../../../src/core/tokenizer/train';
import { entryBytes, firstByte, type Vocabulary } from '../../../src/core/tokenizer/vocabulary';
import { seconds, serve, settings } from '../lib/serve';

type Which = 'loupe' | 'gpt-tokenizer' | 'tiktoken';
type Encode = (text: string) => ArrayLike<number>;
type Request = { readonly encode: string; readonly count: number } | { readonly train: string; readonly vocabSize: number };

const { which, tokenizer } = settings<{ which: Which; tokenizer?: string }>();

function vocabulary(): Vocabulary {
  const found = vocabularyFromJson(readTokenizerJson(readFileSync(tokenizer as string, 'utf8'), 'bench'), 'bench');
  if (!found) throw new Error(`${tokenizer} has no vocabulary of bytes`);
  return found;
}

/** The entries but the special ones, in order of rank. */
const entries = (given: Vocabulary) =>
  Array.from({ length: given.offsets.length - 1 - firstByte }, (_, rank) => entryBytes(given, rank + firstByte));

/** Makes a tokenizer that has seen nothing. */
const makers: Record<Which, (given: Vocabulary) => () => Encode> = {
  loupe: (given) => () => {
    const made = createTokenizer(given, 'bench');
    return (text) => made.encode(text);
  },
  'gpt-tokenizer': (given) => {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const asText = (bytes: Uint8Array) => {
      try {
        return decoder.decode(bytes);
      } catch {
        return [...bytes];
      }
    };
    const bytePairRankDecoder = entries(given).map(asText);
    const tokenSplitRegex = new RegExp(patternSource[given.pattern], 'gu');
    return () => {
      const made = new BytePairEncodingCore({ bytePairRankDecoder, tokenSplitRegex });
      return (text) => made.encodeNative(text);
    };
  },
  tiktoken: (given) => {
    // Its compact format: "! first-rank entry entry ...", in base64.
    const ranked = entries(given).map((bytes) => Buffer.from(bytes).toString('base64'));
    const made = new Tiktoken(`! 0 ${ranked.join(' ')}`, {}, patternSource[given.pattern]);
    return () => (text) => made.encode_ordinary(text); // it keeps nothing
  },
};

const make = tokenizer ? makers[which](vocabulary()) : null;

await serve<Request>(which === 'loupe' ? 'LLM Loupe' : which === 'tiktoken' ? 'tiktoken (wasm)' : which, async (request) => {
  if ('train' in request) {
    const texts = readdirSync(request.train).map((name) => readFileSync(join(request.train, name)));
    const took = await seconds(async () => {
      await trainTokenizer(texts, { vocabSize: request.vocabSize, pattern: 'llama3' });
    });
    return { seconds: took };
  }
  const text = readFileSync(request.encode, 'utf8');
  let took = 0;
  let tokens = 0;
  for (let i = 0; i < request.count; i++) {
    const encode = make!();
    took += await seconds(() => {
      tokens = encode(text).length;
    });
  }
  return { seconds: took, tokens };
});
