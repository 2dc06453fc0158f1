/** Tokens of bytes that need not be text: the command line takes any file. Text is encoded as text, with its graphemes. */
import { LoupeError } from '../../core/errors';
import type { EncodedText, Tokenizer } from '../../core/tokenizer/types';
import { readUtf8, validTextOf } from '../../core/tokenizer/unicode';

/** UTF-16 offsets count each byte that is not part of valid UTF-8 as one unit. @throws LoupeError `text.notUtf8` */
export function encodeAnyBytes(bytes: Uint8Array, tokenizer: Tokenizer, special: boolean): EncodedText {
  const text = validTextOf(bytes);
  if (text !== null) return tokenizer.encodeSpans(text, { special });
  if (!tokenizer.encodeBytes) throw new LoupeError('text.notUtf8', { path: 'The input' });
  const ids = tokenizer.encodeBytes(bytes);
  const units = unitsBefore(bytes);
  const [start, end, byteStart, byteEnd] = [0, 0, 0, 0].map(() => new Uint32Array(ids.length)) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  const fragment = new Uint8Array(ids.length);
  let at = 0;
  for (const [i, id] of ids.entries()) {
    byteStart[i] = at;
    at += tokenizer.tokenBytes(id).length;
    byteEnd[i] = at;
    // A token that ends inside a character spans the whole of it.
    let stop = at;
    while (stop < bytes.length && units[stop] === units[stop - 1]) stop++;
    start[i] = units[byteStart[i]!]!;
    end[i] = units[stop]!;
    const inside = byteStart[i]! > 0 && units[byteStart[i]!] === units[byteStart[i]! - 1];
    if (inside || stop !== at) fragment[i] = 1;
  }
  return { ids, start, end, byteStart, byteEnd, fragment };
}

/** For each byte, and the end, the UTF-16 offset of the character that it is in. */
function unitsBefore(bytes: Uint8Array): Uint32Array {
  const units = new Uint32Array(bytes.length + 1);
  let unit = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = readUtf8(bytes, at, bytes.length) & 7;
    units.fill(unit, at, at + length);
    unit += length === 4 ? 2 : 1;
    at += length;
  }
  units[bytes.length] = unit;
  return units;
}
