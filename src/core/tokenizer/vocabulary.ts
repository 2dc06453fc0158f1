/**
 * The artefact of a byte-level BPE tokenizer: its entries as bytes, its merges as columns, its special tokens, its
 * pattern. The merges are what was learnt; everything else follows from them. No encoding here.
 */
import { LoupeError } from '../errors';
import type { KnownPattern } from './pretokenize';
import { utf8 } from './unicode';

export interface SpecialToken {
  readonly id: number;
  readonly text: string;
  /** Found in any text, also where special tokens were not asked for (an "added" but not "special" token of Hugging Face). */
  readonly always: boolean;
}

export interface Vocabulary {
  readonly pattern: KnownPattern;
  /** Bytes of all entries, one after another: entry `i` is `bytes[offsets[i] .. offsets[i + 1]]`. */
  readonly bytes: Uint8Array;
  /** [size + 1] */
  readonly offsets: Uint32Array;
  /** [256] the entry of each single byte. */
  readonly byteIds: Uint32Array;
  /** Columns of the merges, in the order they apply: `left[i] + right[i] -> merged[i]`. */
  readonly left: Uint32Array;
  readonly right: Uint32Array;
  readonly merged: Uint32Array;
  /** Priority of each merge, ascending. Equal ranks apply from left to right, as one. */
  readonly ranks: Uint32Array;
  readonly special: readonly SpecialToken[];
  /** Which entries play these parts. */
  readonly roles: { readonly pad?: number; readonly unk?: number; readonly bos?: number; readonly eos?: number };
  /** A word that is an entry is that entry, whatever the merges say (tiktoken; `ignore_merges` of Hugging Face). */
  readonly wholeWords: boolean;
}

/** Loupe's own layout: special tokens, bytes, merges. */
export const ownSpecial: readonly SpecialToken[] = ['<pad>', '<unk>', '<bos>', '<eos>'].map((text, id) => ({ id, text, always: false }));
export const ownRoles = { pad: 0, unk: 1, bos: 2, eos: 3 } as const;
export const firstByte = 4;
export const firstMerge = firstByte + 256;

export function vocabularySize(vocabulary: Pick<Vocabulary, 'offsets'>): number {
  return vocabulary.offsets.length - 1;
}

export function entryBytes(vocabulary: Pick<Vocabulary, 'bytes' | 'offsets'>, id: number): Uint8Array {
  if (!Number.isInteger(id) || id < 0 || id >= vocabularySize(vocabulary)) {
    throw new LoupeError('tokenizer.badId', { id: String(id), last: vocabularySize(vocabulary) - 1 });
  }
  return vocabulary.bytes.subarray(vocabulary.offsets[id]!, vocabulary.offsets[id + 1]!);
}

/** The vocabulary that these merges make in Loupe's own layout; merge `i` makes entry 260 + i. */
export function vocabularyFromMerges(left: Uint32Array, right: Uint32Array, pattern: KnownPattern): Vocabulary {
  const entries: Uint8Array[] = ownSpecial.map((token) => utf8(token.text));
  for (let byte = 0; byte < 256; byte++) entries.push(Uint8Array.of(byte));
  for (let i = 0; i < left.length; i++) {
    const a = entries[left[i]!]!;
    const b = entries[right[i]!]!;
    const joined = new Uint8Array(a.length + b.length);
    joined.set(a);
    joined.set(b, a.length);
    entries.push(joined);
  }
  return {
    pattern,
    ...concatenate(entries),
    byteIds: Uint32Array.from({ length: 256 }, (_, byte) => firstByte + byte),
    left,
    right,
    merged: Uint32Array.from(left, (_, i) => firstMerge + i),
    ranks: Uint32Array.from(left, (_, i) => i),
    special: ownSpecial,
    roles: ownRoles,
    wholeWords: false,
  };
}

/** Entries one after another, with where each begins. */
export function concatenate(entries: readonly Uint8Array[]): { bytes: Uint8Array; offsets: Uint32Array } {
  const offsets = new Uint32Array(entries.length + 1);
  for (const [i, entry] of entries.entries()) offsets[i + 1] = offsets[i]! + entry.length;
  const bytes = new Uint8Array(offsets[entries.length]!);
  for (const [i, entry] of entries.entries()) bytes.set(entry, offsets[i]!);
  return { bytes, offsets };
}
