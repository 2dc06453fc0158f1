/** What a tokenizer is, whoever made it. Ours, GPT-4o's and any `tokenizer.json` meet here. */

/** Tokens of one text, as columns (they cross threads without copying objects). All arrays have the same length. */
export interface EncodedText {
  readonly ids: Uint32Array;
  /** UTF-16 offsets. A token that is part of a character (or grapheme) spans the whole of it, so spans may overlap. */
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  /** UTF-8 offsets of the token's own bytes: these never overlap and leave no gap. */
  readonly byteStart: Uint32Array;
  readonly byteEnd: Uint32Array;
  /** 1 where the token begins or ends inside a grapheme (its span was widened), else 0. */
  readonly fragment: Uint8Array;
}

export interface Tokenizer {
  /** Short name for people: "starter", "GPT-4o". */
  readonly name: string;
  readonly vocabSize: number;
  readonly special: { readonly pad?: number; readonly unk?: number; readonly bos?: number; readonly eos?: number };
  /** Token ids; `special: true` lets special tokens that are written in the text count as such. No `<bos>` is added. */
  encode(text: string, options?: { special?: boolean }): Uint32Array;
  /** As `encode`, with where each token is. A lone surrogate is encoded as U+FFFD and spans its one UTF-16 unit. */
  encodeSpans(text: string, options?: { special?: boolean }): EncodedText;
  /** Tokens of any bytes, valid UTF-8 or not; absent where the tokenizer knows text only. */
  encodeBytes?(bytes: Uint8Array): Uint32Array;
  /** Exact bytes of a sequence; special tokens give the bytes of their text. Throws `tokenizer.badId`. */
  decodeBytes(ids: ArrayLike<number>): Uint8Array;
  /** As `decodeBytes`, as text; invalid UTF-8 becomes U+FFFD. */
  decode(ids: ArrayLike<number>): string;
  /** Bytes of one entry of the vocabulary. */
  tokenBytes(id: number): Uint8Array;
  /** Order in which the entry was merged (0 is first); undefined for bytes, special tokens, and where it is not known. */
  rank(id: number): number | undefined;
  /** The two entries it was merged from, where known. */
  parents(id: number): readonly [number, number] | undefined;
  /**
   * Whether a text may be cut between these two characters (code points) without changing a token of it, whatever
   * surrounds them. Undefined where such places are not known: a document is then encoded as a whole.
   */
  isSafeCut?(before: number, after: number): boolean;
  /** Encoding one step at a time; undefined where the merges are not known. */
  merges?(text: string): Merging;
}

/** A pair of entries that the vocabulary merges, and into what. */
export interface KnownMerge {
  readonly pair: readonly [left: number, right: number];
  readonly merged: number;
  /** Lowest first. Of OpenAI's tokenizers the id of what it makes. */
  readonly rank: number;
}

/** The encoding of a text from its bytes to its tokens. */
export interface Merging {
  /** Each byte of the text as its entry. */
  readonly start: readonly number[];
  /** Positions in `start` at which words begin: no merge crosses there. */
  readonly words: readonly number[];
  /** Every merge that was possible at some time, applied or not, in the order they were met. */
  readonly known: readonly KnownMerge[];
  readonly steps: readonly MergeStep[];
  /** The encoding: what the last step leaves, but for whole words that are entries though no merges lead to them. */
  readonly tokens: readonly number[];
}

/** One merge of the encoding (lowest rank first): every place it is applied at once. */
export interface MergeStep extends KnownMerge {
  /** Positions in the sequence before this step. */
  readonly at: readonly number[];
  /** The whole sequence after this step. */
  readonly tokens: readonly number[];
}

export type PatternName = 'llama3' | 'gpt2' | 'cl100k' | 'o200k' | 'none';
