/** Tokens with their places in a text, as the engine gives them, from a tokenizer of the fixtures. Characters are code points here. */
import type { EncodedText } from '../../src/core/tokenizer/types';
import type { FixtureTokenizer } from '../merges/simulate';

export function graphemeSpans(text: string, tokenizer: FixtureTokenizer): EncodedText {
  const { tokens } = tokenizer.view(text);
  /** For every byte the UTF-16 span of the character it is of. */
  const spans: [start: number, end: number][] = [];
  let at = 0;
  for (const character of text) {
    const bytes = new TextEncoder().encode(character).length;
    for (let i = 0; i < bytes; i++) spans.push([at, at + character.length]);
    at += character.length;
  }
  const columns = ['start', 'end', 'byteStart', 'byteEnd'] as const;
  const made = Object.fromEntries(columns.map((name) => [name, new Uint32Array(tokens.length)])) as Record<
    (typeof columns)[number],
    Uint32Array
  >;
  let byte = 0;
  for (const [i, id] of tokens.entries()) {
    const length = tokenizer.bytes(id).length;
    made.byteStart[i] = byte;
    made.start[i] = spans[byte]![0];
    byte += length;
    made.byteEnd[i] = byte;
    made.end[i] = spans[byte - 1]![1];
  }
  return { ids: Uint32Array.from(tokens), ...made, fragment: new Uint8Array(tokens.length) };
}
