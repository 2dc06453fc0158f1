/** Pieces of a tokenized text. */
import type { EncodedText } from '../core/tokenizer/types';

/** Tokens `from` up to, not including, `to`. */
export function sliceTokens({ ids, start, end, byteStart, byteEnd, fragment }: EncodedText, from: number, to: number): EncodedText {
  return {
    ids: ids.slice(from, to),
    start: start.slice(from, to),
    end: end.slice(from, to),
    byteStart: byteStart.slice(from, to),
    byteEnd: byteEnd.slice(from, to),
    fragment: fragment.slice(from, to),
  };
}
