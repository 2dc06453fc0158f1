/** From offsets in a piece of a document to its lines and columns. No vscode here. */
import type { Place, Span } from './clip';

export interface TextWindow {
  readonly text: string;
  /** Where the text begins: its offset in the same count as the tokens' spans, and its place in the editor. */
  readonly offset: number;
  readonly start: Place;
  /** Whether glyphs for spaces, tabs and ends of lines are wanted. */
  readonly glyphs: boolean;
}

/** The part of a stretch of text on each line that it has characters on, without the ends of lines. */
export function linePieces(text: string, start: number, end: number): [number, number][] {
  const pieces: [number, number][] = [];
  for (let from = start; from < end; ) {
    const stop = text.indexOf('\n', from);
    const lineEnd = stop < 0 ? end : Math.min(end, stop > from && text[stop - 1] === '\r' ? stop - 1 : stop);
    if (lineEnd > from) pieces.push([from, lineEnd]);
    from = stop < 0 ? end : stop + 1;
  }
  return pieces;
}

/** Lines and columns of a text that begins at some place of an editor. */
export class Places {
  private readonly lines = [0];
  /** The line that was asked for last: the next one is seldom far. */
  private line = 0;

  constructor(
    text: string,
    private readonly origin: Place,
  ) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.lines.push(at + 1);
  }

  at(offset: number): Place {
    const { lines, origin } = this;
    if (offset < lines[this.line]!) this.line = 0;
    while (this.line + 1 < lines.length && lines[this.line + 1]! <= offset) this.line++;
    const character = offset - lines[this.line]! + (this.line === 0 ? origin.character : 0);
    return { line: origin.line + this.line, character };
  }

  span(start: number, end: number): Span {
    return { start: this.at(start), end: this.at(end) };
  }
}
