/** Which text the attention panel looks at, and how its tokens map back to the document. No vscode here. */
import type { AttentionToken } from '../../protocol/engine';

/** Characters of the file before the selection that are sent along: more than a model of this size can read. */
export const contextCharacters = 32_000;
/** A selection longer than this is cut: no model here reads so much, and a picture of it could not be read. */
export const selectionCharacters = 16_000;

/** The nearest line, below first, that is not blank; null in an empty text. */
export function nearestText(line: number, count: number, text: (line: number) => string): number | null {
  for (let distance = 0; distance < count; distance++) {
    for (const at of [line + distance, line - distance]) {
      if (at >= 0 && at < count && text(at).trim() !== '') return at;
    }
  }
  return null;
}

/** Where a context of at most `limit` characters before `end` begins; never inside a surrogate pair. */
export function contextStart(end: number, limit: number, codeUnit: (offset: number) => number): number {
  const start = Math.max(0, end - limit);
  const low = start > 0 && start < end && (codeUnit(start) & 0xfc00) === 0xdc00;
  return low ? start + 1 : start;
}

/** Offsets of a token in the document; null for `<bos>`. `base` is where the text given to the model begins there. */
export function tokenOffsets(token: AttentionToken | undefined, base: number): { start: number; end: number } | null {
  if (!token || token.start < 0) return null;
  return { start: base + token.start, end: base + token.end };
}

/** Index of the token at an offset of the document; null outside. Of the parts of one character the first. */
export function tokenAt(tokens: readonly AttentionToken[], base: number, offset: number): number | null {
  const at = offset - base;
  const index = tokens.findIndex(({ start, end }) => start >= 0 && start <= at && at < end);
  return index < 0 ? null : index;
}
