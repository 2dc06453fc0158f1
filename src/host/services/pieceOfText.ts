/** A text that is short enough for a picture of it: its beginning, not cut inside what people see as one character. No vscode here. */

export interface PieceOfText {
  readonly text: string;
  /** Characters (UTF-16 units) that are left out. */
  readonly left: number;
}

/** What belongs to the character before it: accents, joiners, variants, tones of skin. */
const continues = /^(?:\p{M}|\p{Emoji_Modifier}|\u200d)/u;
const half = /^[\udc00-\udfff]/;
const joiner = /\u200d$/;

/** At most `longest` UTF-16 units. */
export function pieceOfText(text: string, longest: number): PieceOfText {
  if (text.length <= longest) return { text, left: 0 };
  let end = longest;
  const inside = () => {
    const after = text.slice(end, end + 2);
    return half.test(after) || continues.test(after) || joiner.test(text.slice(end - 1, end));
  };
  while (end > 0 && inside()) end--;
  // One character longer than the limit: cut anywhere rather than show nothing.
  if (end === 0) end = longest;
  return { text: text.slice(0, end), left: text.length - end };
}
