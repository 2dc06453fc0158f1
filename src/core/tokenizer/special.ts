/** Special tokens written in a text: finding them, longest first where two begin together. */
import type { SpecialToken } from './vocabulary';

export class SpecialFinder {
  private readonly expression: RegExp | undefined;
  private readonly ids: Map<string, number>;

  constructor(tokens: readonly SpecialToken[]) {
    const texts = tokens.map((token) => token.text).filter((text) => text !== '');
    this.ids = new Map(tokens.map((token) => [token.text, token.id]));
    if (texts.length === 0) return;
    texts.sort((a, b) => b.length - a.length);
    this.expression = new RegExp(texts.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'g');
  }

  /** The text in order, as strings of ordinary text (never empty, but for an empty text) and ids of special tokens. */
  split(text: string): (string | number)[] {
    if (this.expression === undefined) return [text];
    const parts: (string | number)[] = [];
    let at = 0;
    for (const match of text.matchAll(this.expression)) {
      if (match.index > at) parts.push(text.slice(at, match.index));
      parts.push(this.ids.get(match[0])!);
      at = match.index + match[0].length;
    }
    if (at < text.length || parts.length === 0) parts.push(text.slice(at));
    return parts;
  }
}
