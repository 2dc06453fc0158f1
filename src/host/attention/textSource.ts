/** A piece of a document that the attention panel looks at, and how it moves when the document is edited. No vscode here. */

export interface TextSource {
  readonly uri: string;
  /** UTF-16 offsets. */
  readonly start: number;
  readonly end: number;
  /** Where the cursor stood, when the piece is the paragraph around it; null for a selection. */
  readonly cursor: number | null;
}

export interface OffsetChange {
  readonly rangeOffset: number;
  readonly rangeLength: number;
  readonly text: string;
}

/** Edits before it move it, edits inside it stretch or shrink it; what is typed right at its ends stays outside. */
export function shifted(source: TextSource, changes: readonly OffsetChange[]): TextSource {
  let { start, end, cursor } = source;
  for (const { rangeOffset, rangeLength, text } of changes) {
    const move = (offset: number, isEnd: boolean) => {
      if (rangeOffset > offset || (isEnd && rangeOffset === offset)) return offset;
      if (rangeOffset + rangeLength <= offset) return offset - rangeLength + text.length;
      return rangeOffset;
    };
    start = move(start, false);
    end = Math.max(start, move(end, true));
    if (cursor !== null) cursor = Math.min(end, Math.max(start, move(cursor, false)));
  }
  return { ...source, start, end, cursor };
}
