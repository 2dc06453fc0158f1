/**
 * The tokenizer file of llama2.c (`tok512.bin`, `tokenizer.bin`): SentencePiece's pieces with their scores. Encoding as
 * in its run.c: a space before the text, characters that are pieces, else their bytes, then the merge of best score,
 * leftmost first. Not byte-level BPE: it starts from characters.
 */
import { LoupeError } from '../errors';
import { align } from './align';
import { EntryTable } from './entryTable';
import { MergeTable } from './mergeTable';
import { SpecialFinder } from './special';
import type { EncodedText, Tokenizer } from './types';
import { readUtf8, textOf, utf8 } from './unicode';
import { concatenate, entryBytes, type SpecialToken } from './vocabulary';

const special: readonly SpecialToken[] = ['<unk>', '<s>', '</s>'].map((text, id) => ({ id, text, always: false }));
const FIRST_BYTE = 3;
const FIRST_PIECE = FIRST_BYTE + 256;

/** Throws `tokenizer.badFile`. `name` is for people. */
export function parseLlama2cTokenizer(file: Uint8Array, name: string): Tokenizer {
  const bad = (detail: string) => new LoupeError('tokenizer.badFile', { file: name, detail });
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const entries: Uint8Array[] = [];
  const scores: number[] = [];
  // Longest piece (int32), then per entry: score (float32), bytes (int32), text; all little-endian.
  for (let at = 4; at < file.length; ) {
    if (at + 8 > file.length) throw bad('it is cut short');
    const length = view.getInt32(at + 4, true);
    if (length < 0 || at + 8 + length > file.length) throw bad('it is cut short');
    scores.push(view.getFloat32(at, true));
    entries.push(file.slice(at + 8, at + 8 + length));
    at += 8 + length;
  }
  if (entries.length < FIRST_PIECE) throw bad(`it has ${entries.length} entries, fewer than ${FIRST_PIECE}`);
  for (const { id, text } of special) entries[id] = utf8(text);
  for (let byte = 0; byte < 256; byte++) {
    const written = `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
    if (textOf(entries[FIRST_BYTE + byte]!) !== written) throw bad(`its entry ${FIRST_BYTE + byte} is not ${written}`);
    entries[FIRST_BYTE + byte] = Uint8Array.of(byte);
  }
  return new ScoredTokenizer(name, entries, scores);
}

class ScoredTokenizer implements Tokenizer {
  readonly vocabSize: number;
  readonly special = { unk: 0, bos: 1, eos: 2 };
  private readonly vocabulary: { bytes: Uint8Array; offsets: Uint32Array };
  private readonly pieces: EntryTable;
  private readonly table: MergeTable;
  private readonly rankOf: Uint32Array;
  private readonly finder = new SpecialFinder(special);

  constructor(
    readonly name: string,
    entries: readonly Uint8Array[],
    scores: readonly number[],
  ) {
    this.vocabSize = entries.length;
    this.vocabulary = concatenate(entries);
    const bytesAndSpecial = Array.from({ length: FIRST_PIECE }, (_, id) => ({ id }));
    this.pieces = new EntryTable({ ...this.vocabulary, special: bytesAndSpecial });
    // Best score first; equal scores are one rank.
    const sorted = [...new Set(scores)].sort((a, b) => b - a);
    const rankOfScore = new Map(sorted.map((score, rank) => [score, rank]));
    this.rankOf = Uint32Array.from(scores, (score) => rankOfScore.get(score)!);
    const columns: { left: number[]; right: number[]; merged: number[] } = { left: [], right: [], merged: [] };
    for (let id = FIRST_PIECE; id < entries.length; id++) {
      const piece = entries[id]!;
      for (let middle = 1; middle < piece.length; middle++) {
        const left = this.pieces.find(piece, 0, middle);
        const right = this.pieces.find(piece, middle, piece.length);
        if (left === undefined || right === undefined) continue;
        columns.left.push(left);
        columns.right.push(right);
        columns.merged.push(id);
      }
    }
    this.table = new MergeTable({
      left: Uint32Array.from(columns.left),
      right: Uint32Array.from(columns.right),
      merged: Uint32Array.from(columns.merged),
      ranks: Uint32Array.from(columns.merged, (id) => this.rankOf[id]!),
    });
  }

  encode(text: string, options?: { special?: boolean }): Uint32Array {
    const parts = options?.special === true ? this.finder.split(text) : [text];
    const ids = parts.flatMap((part) => (typeof part === 'number' ? [part] : [...this.encodePlain(part)]));
    return Uint32Array.from(ids);
  }

  private encodePlain(text: string): Uint32Array {
    if (text === '') return new Uint32Array(0);
    const bytes = utf8(` ${text}`);
    const symbols = new Uint32Array(bytes.length);
    let count = 0;
    for (let at = 0; at < bytes.length; ) {
      const end = at + (readUtf8(bytes, at, bytes.length) & 7);
      const piece = this.pieces.find(bytes, at, end);
      if (piece !== undefined) symbols[count++] = piece;
      else for (let i = at; i < end; i++) symbols[count++] = FIRST_BYTE + bytes[i]!;
      at = end;
    }
    return symbols.slice(0, this.table.apply(symbols, count));
  }

  encodeSpans(text: string, options?: { special?: boolean }): EncodedText {
    const ids = this.encode(text, options);
    return align(
      text,
      ids,
      Array.from(ids, (id) => this.tokenBytes(id)),
      undefined,
    );
  }

  /** As llama2.c prints them: a piece after `<s>` loses the space that was put before the text. */
  decodeBytes(ids: ArrayLike<number>): Uint8Array {
    const parts = Array.from(ids, (id, i) => {
      const bytes = this.tokenBytes(id);
      return i > 0 && ids[i - 1] === this.special.bos && bytes[0] === 0x20 ? bytes.subarray(1) : bytes;
    });
    return concatenate(parts).bytes;
  }

  decode(ids: ArrayLike<number>): string {
    return textOf(this.decodeBytes(ids));
  }

  tokenBytes(id: number): Uint8Array {
    return entryBytes(this.vocabulary, id);
  }

  rank(id: number): number | undefined {
    return id >= FIRST_PIECE && this.tokenBytes(id).length > 1 ? this.rankOf[id] : undefined;
  }

  /** Scores do not say which pair an entry came from. */
  parents(): undefined {
    return undefined;
  }
}
