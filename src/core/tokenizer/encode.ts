/**
 * From a vocabulary to a tokenizer: bytes into words, words into tokens, and back. Everything works on UTF-8, so that
 * any byte sequence round-trips exactly. Byte-level BPE only; other kinds of tokenizers are in foreign.ts.
 */
import { LoupeError } from '../errors';
import { EntryTable } from './entryTable';
import { MergeTable } from './mergeTable';
import { isSafeCut, scanners } from './pretokenize';
import { spansOf } from './spans';
import { SpecialFinder } from './special';
import { mergeSteps } from './steps';
import type { EncodedText, Merging, Tokenizer } from './types';
import { textOf, utf8 } from './unicode';
import { entryBytes, type Vocabulary, vocabularySize } from './vocabulary';
import { longestCachedWord, WordCache } from './wordCache';

/** The tokenizer of a vocabulary. `name` is for people. */
export function createTokenizer(vocabulary: Vocabulary, name: string): ByteLevelTokenizer {
  return new ByteLevelTokenizer(vocabulary, name);
}

export class ByteLevelTokenizer implements Tokenizer {
  readonly vocabSize: number;
  readonly special: Tokenizer['special'];
  readonly isSafeCut?: (before: number, after: number) => boolean;
  private readonly table: MergeTable;
  private readonly cache = new WordCache();
  private readonly finder: SpecialFinder;
  private readonly always: SpecialFinder;
  private readonly words: EntryTable | undefined;
  private mergeOf: Int32Array | undefined;
  private buffer = new Uint32Array(1024);

  constructor(
    readonly vocabulary: Vocabulary,
    readonly name: string,
  ) {
    this.vocabSize = vocabularySize(vocabulary);
    this.special = vocabulary.roles;
    this.table = new MergeTable(vocabulary);
    this.finder = new SpecialFinder(vocabulary.special);
    this.always = new SpecialFinder(vocabulary.special.filter((token) => token.always));
    // An entry that is found anywhere in a text may lie across any cut.
    if (vocabulary.pattern !== 'none' && !vocabulary.special.some((token) => token.always)) this.isSafeCut = isSafeCut;
    this.words = vocabulary.wholeWords ? new EntryTable(vocabulary) : undefined;
  }

  encode(text: string, options?: { special?: boolean }): Uint32Array {
    const parts = this.parts(text, options);
    if (parts.length === 1 && typeof parts[0] === 'string') return this.encodeBytes(utf8(parts[0]));
    const encoded = parts.map((part) => (typeof part === 'number' ? Uint32Array.of(part) : this.encodeBytes(utf8(part))));
    const ids = new Uint32Array(encoded.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of encoded) {
      ids.set(part, at);
      at += part.length;
    }
    return ids;
  }

  encodeSpans(text: string, options?: { special?: boolean }): EncodedText {
    const ids = this.encode(text, options);
    return spansOf(utf8(text), ids, this.vocabulary.offsets);
  }

  /** Tokens of any bytes, valid UTF-8 or not; `decodeBytes` gives exactly these bytes back. */
  encodeBytes(bytes: Uint8Array): Uint32Array {
    const scan = scanners[this.vocabulary.pattern];
    const { cache } = this;
    const end = bytes.length;
    let ids = this.buffer;
    let count = 0;
    for (let at = 0; at < end; ) {
      const stop = scan(bytes, at, end);
      const length = stop - at;
      if (count + length > ids.length) {
        const larger = new Uint32Array(Math.max(ids.length * 2, count + length));
        larger.set(ids.subarray(0, count));
        ids = larger;
      }
      if (length > longestCachedWord) {
        count += this.encodeWord(bytes, at, stop, ids, count);
      } else {
        const hash = WordCache.hash(bytes, at, stop);
        const entry = cache.find(hash, bytes, at, stop);
        if (entry >= 0) {
          const last = cache.idStop(entry);
          for (let i = cache.idStart(entry); i < last; i++) ids[count++] = cache.ids[i]!;
        } else {
          const made = this.encodeWord(bytes, at, stop, ids, count);
          cache.add(hash, bytes, at, stop, ids, count, made);
          count += made;
        }
      }
      at = stop;
    }
    // Room for a screenful is kept for the next call, not that of the largest text ever seen.
    if (ids.length <= 1 << 16) this.buffer = ids;
    return ids.slice(0, count);
  }

  /** Tokens of one word into `ids` from `count` on; returns how many. */
  private encodeWord(bytes: Uint8Array, start: number, end: number, ids: Uint32Array, count: number): number {
    const whole = this.words?.find(bytes, start, end);
    if (whole !== undefined) {
      ids[count] = whole;
      return 1;
    }
    const { byteIds } = this.vocabulary;
    for (let i = start; i < end; i++) ids[count + i - start] = byteIds[bytes[i]!]!;
    return this.table.apply(ids.subarray(count, count + end - start), end - start);
  }

  /** The text in order, as ordinary text and special tokens. */
  private parts(text: string, options?: { special?: boolean }): (string | number)[] {
    return (options?.special === true ? this.finder : this.always).split(text);
  }

  decodeBytes(ids: ArrayLike<number>): Uint8Array {
    let length = 0;
    for (let i = 0; i < ids.length; i++) length += this.tokenBytes(ids[i]!).length;
    const bytes = new Uint8Array(length);
    let at = 0;
    for (let i = 0; i < ids.length; i++) {
      const entry = this.tokenBytes(ids[i]!);
      bytes.set(entry, at);
      at += entry.length;
    }
    return bytes;
  }

  decode(ids: ArrayLike<number>): string {
    return textOf(this.decodeBytes(ids));
  }

  tokenBytes(id: number): Uint8Array {
    return entryBytes(this.vocabulary, id);
  }

  rank(id: number): number | undefined {
    const merge = this.mergeIndex(id);
    return merge === undefined ? undefined : this.vocabulary.ranks[merge];
  }

  parents(id: number): readonly [number, number] | undefined {
    const merge = this.mergeIndex(id);
    if (merge === undefined) return undefined;
    const { left, right, merged } = this.vocabulary;
    if (merged[merge - 1] !== id && merged[merge + 1] !== id) return [left[merge]!, right[merge]!];
    // Several pairs make this entry: the one that encoding it takes.
    const last = mergeSteps(this.tokenBytes(id), this.vocabulary, this.table).steps.at(-1);
    return last?.merged === id ? last.pair : [left[merge]!, right[merge]!];
  }

  private mergeIndex(id: number): number | undefined {
    if (!Number.isInteger(id) || id < 0 || id >= this.vocabSize) {
      throw new LoupeError('tokenizer.badId', { id: String(id), last: this.vocabSize - 1 });
    }
    if (this.mergeOf === undefined) {
      const { merged } = this.vocabulary;
      this.mergeOf = new Int32Array(this.vocabSize).fill(-1);
      for (let i = merged.length - 1; i >= 0; i--) this.mergeOf[merged[i]!] = i;
    }
    const merge = this.mergeOf[id]!;
    return merge < 0 ? undefined : merge;
  }

  /** Every merge of the encoding of `text`, in order; each word's, together. */
  merges(text: string): Merging {
    const bytes = utf8(text);
    return { ...mergeSteps(bytes, this.vocabulary, this.table), tokens: Array.from(this.encodeBytes(bytes)) };
  }
}
