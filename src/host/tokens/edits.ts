/** What an edit does to places and lines of a text. No vscode here. */
import type { Place, Span } from '../services/clip';

/** Ends of lines in a text, as VS Code counts them. */
export function newlines(text: string): number {
  let count = 0;
  for (const _ of text.matchAll(/\r\n|\r|\n/g)) count++;
  return count;
}

/** Whether a text has ends of lines that are not its document's. */
export function isForeignEol(text: string, crlf: boolean): boolean {
  return crlf ? /(?<!\r)\n|\r(?!\n)/.test(text) : text.includes('\r');
}

/** A place at or after the end of a replaced span, after the replacement. */
export function moved(place: Place, { start, end }: Span, text: string): Place {
  const lines = newlines(text);
  const tail = text.length - (Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1);
  const line = place.line + start.line - end.line + lines;
  if (place.line !== end.line) return { line, character: place.character };
  return { line, character: place.character - end.character + tail + (lines === 0 ? start.character : 0) };
}
