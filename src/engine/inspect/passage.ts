/**
 * A text with what stands before it, as tokens. Both are tokenized together, so that the model sees the text as it would in
 * the file: a word that was selected without the space before it is still the token that holds both.
 */
import type { EncodedText, Tokenizer } from '../../core/tokenizer/types';
import { validTextOf } from '../../core/tokenizer/unicode';
import type { AttentionToken, OwnText } from '../../protocol/engine';
import { sliceTokens } from '../columns';

export interface Passage {
  /** UTF-16 length of the beginning of the context that was not looked at. */
  readonly skipped: number;
  /** The rest of the context, then the text. */
  readonly source: string;
  /** Of `source`. */
  readonly tokens: EncodedText;
  /** Index of the first token that holds something of the text. */
  readonly first: number;
  /** UTF-16 offset of the text in `source`. */
  readonly border: number;
}

/** `reach`: about how many tokens of the context can count; what is far before is not looked at. */
export function encodePassage(tokenizer: Tokenizer, context: string, text: string, reach: number): Passage {
  const skipped = skip(context, reach);
  const near = context.slice(skipped);
  const source = near + text;
  const tokens = tokenizer.encodeSpans(source);
  const borderByte = Buffer.byteLength(near);
  const first = tokens.byteEnd.findIndex((end) => end > borderByte);
  return { skipped, source, tokens, first: first < 0 ? tokens.ids.length : first, border: near.length };
}

/** The tokens of the text with offsets from its own beginning; what a token holds of the context is cut off. */
export function ownTokens({ tokens, first, source, border }: Passage): EncodedText {
  const own = sliceTokens(tokens, first, tokens.ids.length);
  const borderByte = Buffer.byteLength(source.slice(0, border));
  const from = (column: Uint32Array, origin: number) => column.map((at) => Math.max(0, at - origin));
  return {
    ids: own.ids,
    start: from(own.start, border),
    end: from(own.end, border),
    byteStart: from(own.byteStart, borderByte),
    byteEnd: from(own.byteEnd, borderByte),
    fragment: own.fragment,
  };
}

/** Where the part of the context begins that can matter: after a line break, generously before. */
function skip(context: string, reach: number): number {
  const from = context.length - 32 * reach;
  if (from <= 0) return 0;
  const newline = context.indexOf('\n', from);
  const at = newline < 0 || newline > from + 16 * reach ? from : newline + 1;
  // Never between the halves of a surrogate pair.
  const unit = context.charCodeAt(at);
  return unit >= 0xdc00 && unit < 0xe000 ? at + 1 : at;
}

/** Tokens for people: offsets in `source`, moved by `by`. */
export function describeTokens(tokenizer: Tokenizer, tokens: EncodedText, source: string, by: number): AttentionToken[] {
  const { ids, start, end, byteStart, fragment } = tokens;
  return Array.from(ids, (id, i) => {
    const text = source.slice(start[i], end[i]);
    const index = fragment[i] ? byteStart[i]! - Buffer.byteLength(source.slice(0, start[i])) : 0;
    return {
      id,
      text,
      fragment: fragment[i] ? { index, of: Buffer.byteLength(text) } : null,
      start: start[i]! + by,
      end: end[i]! + by,
      ...(fragment[i] ? { own: ownText(tokenizer.tokenBytes(id)) } : {}),
    };
  });
}

export function ownText(bytes: Uint8Array): OwnText {
  const text = validTextOf(bytes);
  return text === null ? { text, bytes: Array.from(bytes) } : { text };
}
