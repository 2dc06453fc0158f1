/**
 * Offsets in long documents without holding the extension host. VS Code sums up the lengths of lines when an offset is asked
 * for, all of them at once, and again after an edit: in a text of 200,000 lines a dozen milliseconds the first time. Asked for
 * some thousand lines at a time it is the same sum, and others have their turn in between.
 */
import { setImmediate as breath } from 'node:timers/promises';
import * as vscode from 'vscode';

export interface OffsetRange {
  readonly start: number;
  readonly end: number;
}

/** Lines that are summed up in one go: under a millisecond. */
const stride = 1 << 14;

/** Until the document is edited, `offsetAt` is quick up to `line`; without it, and then for `positionAt` too, everywhere. */
export async function prepareOffsets(document: vscode.TextDocument, line = document.lineCount): Promise<void> {
  if (document.lineCount <= stride) return;
  for (let at = 0; at <= Math.min(line, document.lineCount - 1); at += stride) {
    document.offsetAt(new vscode.Position(at, 0));
    await breath();
  }
}

/** The place so many characters before another one, or the beginning of the text. */
export function placeBefore(document: vscode.TextDocument, { line, character }: vscode.Position, characters: number): vscode.Position {
  const eol = document.eol === vscode.EndOfLine.CRLF ? 2 : 1;
  let left = characters;
  while (left > character && line > 0) {
    left -= character + eol;
    line--;
    character = document.lineAt(line).text.length;
  }
  return new vscode.Position(line, Math.max(0, character - Math.max(0, left)));
}
