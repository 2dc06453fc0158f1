/**
 * Where each token is in its text. A token's bytes are its own; on screen it covers whole graphemes, so one that begins
 * or ends inside a grapheme is widened to it and marked as a fragment.
 */
import { graphemeEnd } from './graphemes';
import type { EncodedText } from './types';

/**
 * Spans of `ids`, whose bytes in order make up `bytes` (valid UTF-8): entry `id` has `offsets[id + 1] - offsets[id]` bytes.
 */
export function spansOf(bytes: Uint8Array, ids: Uint32Array, offsets: Uint32Array): EncodedText {
  const byteStart = new Uint32Array(ids.length);
  const byteEnd = new Uint32Array(ids.length);
  let at = 0;
  for (let i = 0; i < ids.length; i++) {
    byteStart[i] = at;
    at += offsets[ids[i]! + 1]! - offsets[ids[i]!]!;
    byteEnd[i] = at;
  }
  return { ids, byteStart, byteEnd, ...widen(bytes, byteStart, byteEnd) };
}

/** UTF-16 spans, widened to whole graphemes, of ascending byte spans (which may share graphemes but do not overlap). */
export function widen(bytes: Uint8Array, byteStart: Uint32Array, byteEnd: Uint32Array): Pick<EncodedText, 'start' | 'end' | 'fragment'> {
  const count = byteStart.length;
  const start = new Uint32Array(count);
  const end = new Uint32Array(count);
  const fragment = new Uint8Array(count);
  // The grapheme under the cursor, in bytes and in UTF-16 units.
  let from = 0;
  let to = 0;
  let from16 = 0;
  let to16 = 0;
  const step = () => {
    from = to;
    from16 = to16;
    to = graphemeEnd(bytes, from, bytes.length);
    to16 += units(bytes, from, to);
  };
  for (let i = 0; i < count; i++) {
    const first = byteStart[i]!;
    const last = byteEnd[i]!;
    if (first === last) {
      // No byte of the text is its own. Between graphemes it stands there with no width; inside one it is part of that.
      while (to < first) step();
      const inside = from < first && first < to;
      start[i] = inside || first < to ? from16 : to16;
      end[i] = inside || first === to ? to16 : from16;
      fragment[i] = inside ? 1 : 0;
      continue;
    }
    while (to <= first) step();
    start[i] = from16;
    if (from !== first) fragment[i] = 1;
    while (to < last) step();
    end[i] = to16;
    if (to !== last) fragment[i] = 1;
  }
  return { start, end, fragment };
}

/** UTF-16 units of valid UTF-8: one per character, two where it has four bytes. */
export function units(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if ((byte & 0xc0) !== 0x80) count += byte >= 0xf0 ? 2 : 1;
  }
  return count;
}
