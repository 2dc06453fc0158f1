/**
 * Where a generated text waits in a document: an anchor that moves with edits elsewhere, and what of the text is left when
 * the user types its beginning. No vscode here.
 */

export interface GhostChange {
  readonly rangeOffset: number;
  readonly rangeLength: number;
  readonly text: string;
}

export interface Ghost {
  /** UTF-16 offset of the place where the text goes. */
  readonly anchor: number;
  readonly text: string;
}

/** The same ghost after edits; null where an edit takes its place away, or all of its text was typed. */
export function moveGhost(ghost: Ghost, changes: readonly GhostChange[]): Ghost | null {
  let { anchor, text } = ghost;
  for (const change of changes) {
    const end = change.rangeOffset + change.rangeLength;
    if (change.rangeOffset > anchor) continue;
    if (change.rangeOffset === anchor && change.rangeLength === 0 && change.text !== '') {
      // Typed where the text would go: its own beginning is kept, anything else refuses it.
      if (!text.startsWith(change.text)) return null;
      anchor += change.text.length;
      text = text.slice(change.text.length);
      if (text === '') return null;
    } else if (end < anchor) {
      anchor += change.text.length - change.rangeLength;
    } else if (change.rangeOffset < anchor || change.rangeLength > 0) {
      return null;
    }
  }
  return { anchor, text };
}
