/** A long text in pieces whose tokens, one after the other, are those of the whole: memory and cancelling go by the piece. */
import type { Tokenizer } from './types';

/** UTF-16 units: some hundredths of a second to encode. */
const pieceLength = 2 ** 20;

/** Cuts at the first safe places behind every `length` UTF-16 units; not at all for a tokenizer that knows of none. */
export function* pieces(text: string, tokenizer: Pick<Tokenizer, 'isSafeCut'>, length = pieceLength): Generator<string, void, void> {
  let from = 0;
  if (tokenizer.isSafeCut) {
    for (let at = length; at < text.length; at++) {
      if (isInsidePair(text, at)) continue;
      const before = text.codePointAt(isInsidePair(text, at - 1) ? at - 2 : at - 1) as number;
      if (!tokenizer.isSafeCut(before, text.codePointAt(at) as number)) continue;
      yield text.slice(from, at);
      from = at;
      at += length - 1;
    }
  }
  yield text.slice(from);
}

/** Between the two surrogates of one character. */
function isInsidePair(text: string, at: number): boolean {
  return (text.charCodeAt(at - 1) & 0xfc00) === 0xd800 && (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}
