/**
 * What is painted in which editor, and the tokens behind it (for the hover). Two layers that never show together in one
 * editor: the whole document where "Show Tokens" is on, else the selections.
 */
import { setImmediate as breath } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { EncodedText } from '../../core/tokenizer/types';
import type { TokenizerRef } from '../../protocol/engine';
import { prepareOffsets } from '../services/offsets';
import { addBands, emptyPaint } from './bands';
import { clip } from './clip';
import { Decorations, range } from './decorations';
import type { Mirror } from './mirror';

/** Tokens of a piece of text that is on screen. */
export interface ShownTokens {
  readonly tokens: EncodedText;
  readonly range: vscode.Range;
  /** Where the piece begins, in the count of the tokens' spans. */
  readonly offset: number;
  readonly tokenizer: TokenizerRef;
}

interface Shown {
  readonly version: number;
  readonly pieces: readonly ShownTokens[];
  /** What a whole document was painted for: the same again changes nothing. */
  readonly request?: string;
}

export class Painter implements vscode.Disposable {
  private readonly decorations = new Decorations();
  private readonly shown = new WeakMap<vscode.TextEditor, Shown>();
  /** Editors whose tokens are being fetched; true when they must be fetched once more. */
  private readonly busy = new Map<vscode.TextEditor, boolean>();
  /** Documents in which the editor draws all white space itself. */
  private whitespace = new WeakMap<vscode.TextDocument, boolean>();
  private readonly subscription: vscode.Disposable;

  constructor(private readonly mirror: Mirror) {
    this.subscription = vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('editor.renderWhitespace')) this.whitespace = new WeakMap();
    });
  }

  /** Paints what is visible of a document. Calls meet: one request at a time for an editor, the last one wins. */
  async document(editor: vscode.TextEditor, tokenizer: TokenizerRef, wanted: () => boolean): Promise<void> {
    if (this.busy.has(editor)) {
      this.busy.set(editor, true);
      return;
    }
    try {
      do {
        this.busy.set(editor, false);
        await this.documentOnce(editor, tokenizer, wanted);
      } while (this.busy.get(editor) && wanted());
    } finally {
      this.busy.delete(editor);
    }
  }

  /** Paints selections, each with its own tokens, if the document is still at `version`. */
  selections(
    editor: vscode.TextEditor,
    version: number,
    selections: readonly { range: vscode.Range; text: string; tokens: EncodedText }[],
    tokenizer: TokenizerRef,
  ): void {
    const { document } = editor;
    if (document.version !== version) return;
    const paint = emptyPaint();
    const pieces: ShownTokens[] = [];
    for (const { range: place, text, tokens } of selections) {
      finish(addBands(paint, tokens, { text, offset: 0, start: place.start, glyphs: false }));
      pieces.push({ tokens, range: place, offset: 0, tokenizer });
    }
    finish(this.decorations.show(editor, paint));
    this.shown.set(editor, { version, pieces });
  }

  clear(editor: vscode.TextEditor): void {
    this.decorations.clear(editor);
    this.shown.delete(editor);
  }

  /** The tokens painted at a place of a document (several where they are parts of one character). */
  at(document: vscode.TextDocument, place: vscode.Position): (ShownTokens & { index: number })[] {
    for (const editor of vscode.window.visibleTextEditors) {
      const shown = this.shown.get(editor);
      if (editor.document !== document || shown?.version !== document.version) continue;
      for (const piece of shown.pieces) {
        if (!piece.range.contains(place)) continue;
        const before = document.getText(new vscode.Range(piece.range.start, place)).length;
        const found = indexesAt(piece.tokens, piece.offset + before);
        if (found.length > 0) return found.map((index) => ({ ...piece, index }));
      }
    }
    return [];
  }

  dispose(): void {
    this.subscription.dispose();
    this.decorations.dispose();
  }

  private async documentOnce(editor: vscode.TextEditor, tokenizer: TokenizerRef, wanted: () => boolean): Promise<void> {
    const { document } = editor;
    const { version } = document;
    const lines = { count: document.lineCount, length: (line: number) => document.lineAt(line).text.length };
    const windows = clip(editor.visibleRanges, lines, editor.selection.active).map(range);
    // Where the editor draws white space itself we do not.
    const glyphs = !this.drawsWhitespace(document);
    const request = [version, tokenizer, glyphs, ...windows.flatMap(({ start: a, end: b }) => [a.line, a.character, b.line, b.character])];
    if (this.shown.get(editor)?.request === request.join()) return;
    const current = () => document.version === version && wanted();
    await prepareOffsets(document, windows.at(-1)?.start.line ?? 0);
    if (!current()) return;
    const pieces = windows.map((window) => ({ range: window, text: document.getText(window), offset: document.offsetAt(window.start) }));
    const offsets = pieces.map(({ offset, text }) => ({ start: offset, end: offset + text.length }));
    const tokens = await this.mirror.tokens(document, version, tokenizer, offsets);
    if (!tokens || !current()) return;
    const paint = emptyPaint();
    for (const [i, { range: window, text, offset }] of pieces.entries()) {
      if (!(await inSlices(addBands(paint, tokens[i]!, { text, offset, start: window.start, glyphs: true }), current))) return;
    }
    if (!glyphs) {
      paint.spaces.length = 0;
      paint.tabs.length = 0;
    }
    const shown = pieces.map(({ range: window, offset }, i) => ({ tokens: tokens[i]!, range: window, offset, tokenizer }));
    if (!(await inSlices(this.decorations.show(editor, paint), current))) return;
    this.shown.set(editor, { version, pieces: shown, request: request.join() });
  }

  private drawsWhitespace(document: vscode.TextDocument): boolean {
    let draws = this.whitespace.get(document);
    if (draws === undefined) {
      draws = vscode.workspace.getConfiguration('editor', document).get('renderWhitespace') === 'all';
      this.whitespace.set(document, draws);
    }
    return draws;
  }
}

/** Goes on with the next slice in a turn of its own; false where it was stopped because it is not wanted any more. */
async function inSlices(slices: Generator<void, void>, wanted: () => boolean): Promise<boolean> {
  while (!slices.next().done) {
    await breath();
    if (!wanted()) return false;
  }
  return true;
}

function finish(slices: Generator<void, void>): void {
  while (!slices.next().done);
}

function indexesAt(tokens: EncodedText, offset: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < tokens.ids.length; i++) {
    if (tokens.start[i]! > offset) break;
    if (tokens.end[i]! > offset) found.push(i);
  }
  return found;
}
