/** Tokens of given pieces of a text, with honest offsets. */
import type { EncodedText } from '../../../src/core/tokenizer/types';

export function encodeFake(pieces: readonly string[]): EncodedText {
  const columns = { start: [] as number[], end: [] as number[], byteStart: [] as number[], byteEnd: [] as number[] };
  let at = 0;
  let byte = 0;
  for (const piece of pieces) {
    columns.start.push(at);
    columns.byteStart.push(byte);
    at += piece.length;
    byte += new TextEncoder().encode(piece).length;
    columns.end.push(at);
    columns.byteEnd.push(byte);
  }
  return {
    ids: Uint32Array.from(pieces, (_, i) => i),
    start: Uint32Array.from(columns.start),
    end: Uint32Array.from(columns.end),
    byteStart: Uint32Array.from(columns.byteStart),
    byteEnd: Uint32Array.from(columns.byteEnd),
    fragment: new Uint8Array(pieces.length),
  };
}
