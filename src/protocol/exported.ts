/** What exports say alike: the panels' JSON and CSV, and the command line's JSON, under the same names. */
import type { AttentionToken, MadeWith, OwnText } from './engine';

/** What numbers were computed with. */
export function madeWith({ model, tokenizer, dtype, backend, contextLength }: MadeWith) {
  return { model, tokenizer, dtype, weights: 'as stored', backend, contextLength };
}

/** Of a piece of a character, only the piece. */
export function ownText({ text, own }: Pick<AttentionToken, 'text' | 'own'>): OwnText {
  return own ?? { text };
}

/** The same where only text can stand: `\xf0\x9f`. */
export function escaped(own: OwnText): string {
  return own.text ?? own.bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
}
