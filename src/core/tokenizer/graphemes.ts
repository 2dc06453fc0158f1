/**
 * Extended grapheme clusters (UAX #29, with the Indic rule GB9c) over UTF-8: what a reader takes for one character.
 * From the pinned tables, because `Intl.Segmenter` changes with the platform.
 */
import { Break, readUtf8, unicodeTable } from './unicode';

const { other, cr, lf, control, extend, zwj, regionalIndicator, prepend, spacingMark, l, v, t, lv, lvt, pictographic, consonant } = Break;
const { linker, extendOnly } = Break;

/** End of the cluster that begins at `at` (a boundary). */
export function graphemeEnd(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  // Two ASCII characters: only CR LF hold together.
  if (first < 0x80 && (at + 1 >= end || (bytes[at + 1]! < 0x80 && first !== 0x0d))) return at + 1;

  let read = readUtf8(bytes, at, end);
  let previous = unicodeTable[read >> 3]! >> 3;
  let position = at + (read & 7);
  let flags = previous === regionalIndicator ? 1 : 0;
  // 1: a pictograph and its extenders; 2: and a joiner at the end.
  let picture = previous === pictographic ? 1 : 0;
  // 1: a consonant and its extenders; 2: a linker among them.
  let conjunct = previous === consonant ? 1 : 0;
  while (position < end) {
    read = readUtf8(bytes, position, end);
    const next = unicodeTable[read >> 3]! >> 3;
    if (!holds(previous, next, flags, picture, conjunct)) break;
    flags = next === regionalIndicator ? flags + 1 : 0;
    switch (next) {
      case extend:
      case linker:
      case extendOnly:
        picture = picture === 1 ? 1 : 0;
        if (next === linker && conjunct > 0) conjunct = 2;
        else if (next === extendOnly) conjunct = 0;
        break;
      case zwj:
        picture = picture === 1 ? 2 : 0;
        break;
      default:
        picture = next === pictographic ? 1 : 0;
        conjunct = next === consonant ? 1 : 0;
    }
    previous = next;
    position += read & 7;
  }
  return position;
}

function holds(previous: number, next: number, flags: number, picture: number, conjunct: number): boolean {
  if (previous === cr) return next === lf; // GB3, GB4
  if (previous === lf || previous === control || next === cr || next === lf || next === control) return false; // GB4, GB5
  switch (next) {
    case extend:
    case linker:
    case extendOnly:
    case zwj:
    case spacingMark:
      return true; // GB9, GB9a
  }
  if (previous === prepend) return true; // GB9b
  switch (next) {
    case other:
    case prepend:
      return false;
    case l:
    case lv:
    case lvt:
      return previous === l; // GB6
    case v:
      return previous === l || previous === lv || previous === v; // GB6, GB7
    case t:
      return previous === lv || previous === v || previous === lvt || previous === t; // GB7, GB8
    case consonant:
      return conjunct === 2; // GB9c
    case pictographic:
      return picture === 2; // GB11
    case regionalIndicator:
      return flags % 2 === 1; // GB12, GB13
    default:
      return false;
  }
}
