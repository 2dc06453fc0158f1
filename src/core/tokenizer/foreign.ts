/**
 * Any other `tokenizer.json` (SentencePiece-like, WordPiece, Unigram, unknown patterns), through Hugging Face's own
 * JavaScript library, which is imported when first needed. It gives ids; where they are in the text is found by align.ts.
 */
import type { Tokenizer as Library } from '@huggingface/tokenizers';
import { LoupeError } from '../errors';
import { align, type Normalize } from './align';
import { alphabetToBytes } from './byteAlphabet';
import { rolesOf, type TokenizerJson } from './huggingFaceJson';
import type { EncodedText, Tokenizer } from './types';
import { textOf, utf8 } from './unicode';
import { concatenate } from './vocabulary';

/** SentencePiece's sign for a space. */
const META = '\u2581';

/** Throws `tokenizer.badFile` where the library cannot read it. */
export async function libraryTokenizer(json: TokenizerJson, name: string): Promise<Tokenizer> {
  const { Tokenizer: LibraryClass } = await import('@huggingface/tokenizers');
  const complete = {
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    ...json,
    added_tokens: json.added_tokens ?? [],
  };
  const open = (added: TokenizerJson['added_tokens']) => new LibraryClass({ ...complete, added_tokens: added }, {});
  try {
    // Two of them: special tokens written in a text count only when asked for.
    const withSpecial = open(complete.added_tokens);
    const plain = open(complete.added_tokens.filter((token) => token.special !== true));
    return new LibraryTokenizer(json, name, plain, withSpecial);
  } catch (error) {
    throw new LoupeError('tokenizer.badFile', { file: name, detail: error instanceof Error ? error.message : String(error) });
  }
}

class LibraryTokenizer implements Tokenizer {
  readonly vocabSize: number;
  readonly special: Tokenizer['special'];
  private readonly added: ReadonlyMap<number, string>;
  private readonly byteLevel: boolean;
  private readonly unknown: number | undefined;
  private readonly normalize: Normalize;
  private merged: Map<number, { rank: number; parents: readonly [number, number] }> | undefined;

  constructor(
    private readonly json: TokenizerJson,
    readonly name: string,
    private readonly plain: Library,
    private readonly withSpecial: Library,
  ) {
    const added = json.added_tokens ?? [];
    this.added = new Map(added.map((token) => [token.id, token.content]));
    let last = -1;
    for (const id of withSpecial.get_vocab().values()) last = Math.max(last, id);
    this.vocabSize = last + 1;
    this.byteLevel = JSON.stringify(json.decoder ?? null).includes('"ByteLevel"');
    const unknown =
      json.model.unk_token === null || json.model.unk_token === undefined ? undefined : withSpecial.token_to_id(json.model.unk_token);
    this.unknown = unknown;
    const roles = rolesOf(added.map(({ id, content, special }) => ({ id, text: content, always: special !== true })));
    this.special = unknown === undefined ? roles : { ...roles, unk: unknown };
    this.normalize = plain.normalizer === null ? undefined : normalizeGrapheme(plain.normalizer);
  }

  encode(text: string, options?: { special?: boolean }): Uint32Array {
    const library = options?.special === true ? this.withSpecial : this.plain;
    return Uint32Array.from(library.encode(textOf(utf8(text)), { add_special_tokens: false }).ids);
  }

  encodeSpans(text: string, options?: { special?: boolean }): EncodedText {
    const ids = this.encode(text, options);
    const pieces = Array.from(ids, (id) => (id === this.unknown ? null : this.tokenBytes(id)));
    return align(text, ids, pieces, this.normalize);
  }

  /** The space that SentencePiece puts before a text is left out after the token that begins one (`<s>`), as in llama2.c. */
  decodeBytes(ids: ArrayLike<number>): Uint8Array {
    const parts = Array.from(ids, (id, i) => {
      const bytes = this.tokenBytes(id);
      const begins = i > 0 && !this.byteLevel && ids[i - 1] === this.special.bos;
      return begins && bytes[0] === 0x20 ? bytes.subarray(1) : bytes;
    });
    return concatenate(parts).bytes;
  }

  decode(ids: ArrayLike<number>): string {
    return textOf(this.decodeBytes(ids));
  }

  tokenBytes(id: number): Uint8Array {
    const added = this.added.get(id);
    if (added !== undefined) return utf8(added);
    const piece = this.withSpecial.id_to_token(id);
    if (piece === undefined) throw new LoupeError('tokenizer.badId', { id: String(id), last: this.vocabSize - 1 });
    if (this.byteLevel) return alphabetToBytes(piece) ?? utf8(piece);
    const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(piece)?.[1];
    if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
    const { continuing_subword_prefix: prefix, end_of_word_suffix: suffix } = this.json.model;
    let text = piece.replaceAll(META, ' ');
    if (prefix && text.startsWith(prefix)) text = text.slice(prefix.length);
    if (suffix && text.endsWith(suffix)) text = text.slice(0, -suffix.length);
    return utf8(text);
  }

  rank(id: number): number | undefined {
    return this.mergesById().get(id)?.rank;
  }

  parents(id: number): readonly [number, number] | undefined {
    return this.mergesById().get(id)?.parents;
  }

  private mergesById(): Map<number, { rank: number; parents: readonly [number, number] }> {
    if (this.merged !== undefined) return this.merged;
    this.merged = new Map();
    const idOf = (piece: string) => this.withSpecial.token_to_id(piece);
    for (const [rank, merge] of (this.json.model.merges ?? []).entries()) {
      const [a, b] = typeof merge === 'string' ? merge.split(' ') : merge;
      const ids = [idOf(a!), idOf(b!), idOf(`${a}${b}`)];
      if (ids[0] === undefined || ids[1] === undefined || ids[2] === undefined || this.merged.has(ids[2])) continue;
      this.merged.set(ids[2], { rank, parents: [ids[0], ids[1]] });
    }
    return this.merged;
  }
}

/** The library's normalizer for one grapheme of a text, without the sign it puts before the whole. */
function normalizeGrapheme(normalizer: NonNullable<Library['normalizer']>): Normalize {
  const seen = new Map<string, string>();
  return (grapheme) => {
    const known = seen.get(grapheme);
    if (known !== undefined) return known;
    let text = normalizer.normalize(grapheme);
    if (text.startsWith(META) && grapheme !== ' ' && !grapheme.startsWith(META)) text = text.slice(META.length);
    text = text.replaceAll(META, ' ');
    if (seen.size < 4096) seen.set(grapheme, text);
    return text;
  };
}
