/**
 * Finding tokens in their text when the tokenizer does not say where they were: it may have changed the text first
 * (case, accents, composition), dropped white space, put a space before it, or not known a character. Exact where the
 * text was left alone; elsewhere to the grapheme, which is what is shown anyway.
 */
import { graphemeEnd } from './graphemes';
import { widen } from './spans';
import type { EncodedText } from './types';
import { utf8, validTextOf } from './unicode';

/** How far ahead, in bytes, a token is looked for after something the tokenizer dropped. */
const REACH = 256;
const SPACE = 0x20;

/** What a tokenizer makes of one grapheme before it encodes; undefined where it changes nothing at all. */
export type Normalize = ((grapheme: string) => string) | undefined;

/**
 * Spans of tokens in a text. `pieces` are the bytes of each token, null where it stands for something unknown.
 * Byte spans do not overlap, but leave gaps where the tokenizer dropped something.
 */
export function align(text: string, ids: Uint32Array, pieces: readonly (Uint8Array | null)[], normalize: Normalize): EncodedText {
  const bytes = utf8(text);
  const { changed, origin } = normalizeBytes(bytes, normalize);
  const count = ids.length;
  const byteStart = new Uint32Array(count);
  const byteEnd = new Uint32Array(count);
  let at = 0;
  let unplaced = 0;
  const place = (i: number, from: number, to: number) => {
    byteStart[i] = origin(from, false);
    byteEnd[i] = Math.max(byteStart[i]!, origin(to, true));
  };
  for (let i = 0; i < count; i++) {
    const piece = pieces[i];
    const found = piece && piece.length > 0 ? find(changed, at, piece) : undefined;
    if (found === undefined) {
      unplaced++;
      continue;
    }
    // What was not recognised before it lies between the last token and this one.
    for (let j = i - unplaced; j < i; j++) place(j, j === i - unplaced ? at : found.start, found.start);
    unplaced = 0;
    place(i, found.start, found.end);
    at = found.end;
  }
  for (let j = count - unplaced; j < count; j++) place(j, j === count - unplaced ? at : changed.length, changed.length);
  // Two tokens of one changed grapheme may both claim it: the first keeps it.
  for (let i = 1; i < count; i++) {
    byteStart[i] = Math.max(byteStart[i]!, byteEnd[i - 1]!);
    byteEnd[i] = Math.max(byteStart[i]!, byteEnd[i]!);
  }
  return { ids, byteStart, byteEnd, ...widen(bytes, byteStart, byteEnd) };
}

/** Where a piece is: right here, here without the space put before it, or a little further on. */
function find(bytes: Uint8Array, at: number, piece: Uint8Array): { start: number; end: number } | undefined {
  if (matches(bytes, at, piece, 0)) return { start: at, end: at + piece.length };
  if (piece[0] === SPACE && matches(bytes, at, piece, 1)) return { start: at, end: at + piece.length - 1 };
  for (let start = at + 1; start < Math.min(bytes.length, at + REACH); start++) {
    if (matches(bytes, start, piece, 0)) return { start, end: start + piece.length };
  }
  return undefined;
}

function matches(bytes: Uint8Array, at: number, piece: Uint8Array, skip: number): boolean {
  for (let i = skip; i < piece.length; i++) if (bytes[at + i - skip] !== piece[i]) return false;
  return true;
}

/** The text as the tokenizer sees it, and the way back: `origin(byte, isEnd)` is the byte of the text itself. */
function normalizeBytes(bytes: Uint8Array, normalize: Normalize): { changed: Uint8Array; origin: (at: number, isEnd: boolean) => number } {
  if (normalize === undefined) return { changed: bytes, origin: (at) => at };
  const parts: Uint8Array[] = [];
  // Per grapheme: where it begins in the text and in what it became; one more at the end.
  const from: number[] = [];
  const became: number[] = [];
  let length = 0;
  for (let at = 0; at < bytes.length; ) {
    const end = graphemeEnd(bytes, at, bytes.length);
    const grapheme = bytes.subarray(at, end);
    const part = utf8(normalize(validTextOf(grapheme) ?? ''));
    from.push(at);
    became.push(length);
    parts.push(part);
    length += part.length;
    at = end;
  }
  from.push(bytes.length);
  became.push(length);
  const changed = new Uint8Array(length);
  for (const [i, part] of parts.entries()) changed.set(part, became[i]!);
  const origin = (at: number, isEnd: boolean): number => {
    let low = 0;
    let high = parts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (became[middle + 1]! <= at) low = middle + 1;
      else high = middle;
    }
    const inside = at - became[low]!;
    if (inside === 0) return from[low]!;
    const size = from[low + 1]! - from[low]!;
    // Left as it was: exact. Changed: all of it belongs to the token that begins it.
    if (parts[low]!.length === size && matches(bytes, from[low]!, parts[low]!, 0)) return from[low]! + inside;
    return isEnd ? from[low + 1]! : from[low]!;
  };
  return { changed, origin };
}
