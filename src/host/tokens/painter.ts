/**
 * What is painted in which editor, and the tokens behind it (for the hover). Two layers that never show together in one
 * editor: the whole document where "Show Tokens" is on, else the selections.
 */
import * as vscode from 'vscode';
import type { EncodedText } from '../../core/tokenizer/types';
import type { TokenizerRef } from '../../protocol/engine';
import { addBands, emptyPaint } from './bands';
import { clip } from './clip';
import { Decorations, range } from './decorations';
import type { Mirror } from './mirror';

/** Tokens that are on screen. Their spans count from `base`; `context` is where the text began for the tokenizer. */
export interface ShownTokens {
  readonly tokens: EncodedText;
  readonly base: number;
  readonly tokenizer: TokenizerRef;
}

interface Shown {
  readonly version: number;
  readonly pieces: readonly ShownTokens[];
}

export class Painter implements vscode.Disposable {
  private readonly decorations = new Decorations();
  private readonly shown = new WeakMap<vscode.TextEditor, Shown>();
  /** Editors whose tokens are being fetched; true when they must be fetched once more. */
  private readonly busy = new Map<vscode.TextEditor, boolean>();

  constructor(private readonly mirror: Mirror) {}

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
      addBands(paint, tokens, { text, offset: 0, start: place.start, glyphs: false });
      pieces.push({ tokens, base: document.offsetAt(place.start), tokenizer });
    }
    this.decorations.show(editor, paint);
    this.shown.set(editor, { version, pieces });
  }

  clear(editor: vscode.TextEditor): void {
    this.decorations.clear(editor);
    this.shown.delete(editor);
  }

  /** The tokens painted at an offset of a document (several where they are parts of one character). */
  at(document: vscode.TextDocument, offset: number): (ShownTokens & { index: number })[] {
    for (const editor of vscode.window.visibleTextEditors) {
      const shown = this.shown.get(editor);
      if (editor.document !== document || shown?.version !== document.version) continue;
      for (const piece of shown.pieces) {
        const found = indexesAt(piece.tokens, offset - piece.base);
        if (found.length > 0) return found.map((index) => ({ ...piece, index }));
      }
    }
    return [];
  }

  dispose(): void {
    this.decorations.dispose();
  }

  private async documentOnce(editor: vscode.TextEditor, tokenizer: TokenizerRef, wanted: () => boolean): Promise<void> {
    const { document } = editor;
    const { version } = document;
    const lines = { count: document.lineCount, length: (line: number) => document.lineAt(line).text.length };
    const windows = clip(editor.visibleRanges, lines, editor.selection.active).map(range);
    const offsets = windows.map(({ start, end }) => ({ start: document.offsetAt(start), end: document.offsetAt(end) }));
    const tokens = await this.mirror.tokens(document, tokenizer, offsets);
    if (!tokens || document.version !== version || !wanted()) return;
    const paint = emptyPaint();
    const setting = vscode.workspace.getConfiguration('editor', document).get<string>('renderWhitespace');
    windows.forEach((window, i) => {
      const text = document.getText(window);
      addBands(paint, tokens[i]!, { text, offset: offsets[i]!.start, start: window.start, glyphs: true });
    });
    if (setting === 'all') {
      // The editor draws them itself.
      paint.spaces.length = 0;
      paint.tabs.length = 0;
    }
    this.decorations.show(editor, paint);
    this.shown.set(editor, { version, pieces: tokens.map((each) => ({ tokens: each, base: 0, tokenizer })) });
  }
}

function indexesAt(tokens: EncodedText, offset: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < tokens.ids.length; i++) {
    if (tokens.start[i]! > offset) break;
    if (tokens.end[i]! > offset) found.push(i);
  }
  return found;
}
