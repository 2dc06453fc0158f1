/**
 * What is painted in which editor, and the tokens behind it (for the hover). Two layers that never show together in one
 * editor: the whole document where "Show Tokens" is on, else the selections.
 */
import { setImmediate as breath } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { EncodedText } from '../../core/tokenizer/types';
import type { TokenizerRef } from '../../protocol/engine';
import { clip } from '../services/clip';
import { prepareOffsets } from '../services/offsets';
import type { TextWindow } from '../services/places';
import { addBands, emptyPaint } from './bands';
import { Decorations, range } from './decorations';
import type { Mirror } from './mirror';

/** So long painting goes on in one go. Mostly it is done by then, and all bands change in one frame. */
const turnMs = 3;

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
  /** How often each editor was cleared: what was being painted then is no longer whole. */
  private readonly clears = new WeakMap<vscode.TextEditor, number>();
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

  /** Paints selections, each with its own tokens, while they are `wanted`. */
  async selections(
    editor: vscode.TextEditor,
    selections: readonly { range: vscode.Range; text: string; tokens: EncodedText }[],
    tokenizer: TokenizerRef,
    wanted: () => boolean,
  ): Promise<void> {
    const { version } = editor.document;
    const pieces = selections.map(({ range: place, tokens }) => ({ tokens, range: place, offset: 0, tokenizer }));
    const windows = selections.map(({ range: { start }, text, tokens }) => ({ tokens, window: { text, offset: 0, start, glyphs: false } }));
    if (await inTurns(this.paint(editor, windows), wanted)) this.shown.set(editor, { version, pieces });
  }

  clear(editor: vscode.TextEditor): void {
    this.decorations.clear(editor);
    this.shown.delete(editor);
    this.clears.set(editor, this.cleared(editor) + 1);
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
    const cleared = this.cleared(editor);
    const current = () => document.version === version && this.cleared(editor) === cleared && wanted();
    await prepareOffsets(document, windows.at(-1)?.start.line ?? 0);
    if (!current()) return;
    const pieces = windows.map((window) => ({ range: window, text: document.getText(window), offset: document.offsetAt(window.start) }));
    const offsets = pieces.map(({ offset, text }) => ({ start: offset, end: offset + text.length }));
    const tokens = await this.mirror.tokens(document, version, tokenizer, offsets);
    if (!tokens || !current()) return;
    const shown = pieces.map(({ range: window, offset }, i) => ({ tokens: tokens[i]!, range: window, offset, tokenizer }));
    const bands = pieces.map(({ range: { start }, text, offset }, i) => ({
      tokens: tokens[i]!,
      window: { text, offset, start, glyphs: true },
    }));
    if (!(await inTurns(this.paint(editor, bands, glyphs), current))) return;
    this.shown.set(editor, { version, pieces: shown, request: request.join() });
  }

  /** Replaces what is painted. Yields where it may stop for a while. */
  private *paint(
    editor: vscode.TextEditor,
    windows: readonly { tokens: EncodedText; window: TextWindow }[],
    whitespace = true,
  ): Generator<void, void> {
    const paint = emptyPaint();
    for (const { tokens, window } of windows) yield* addBands(paint, tokens, window);
    if (!whitespace) {
      paint.spaces.length = 0;
      paint.tabs.length = 0;
    }
    yield* this.decorations.show(editor, paint);
  }

  private cleared(editor: vscode.TextEditor): number {
    return this.clears.get(editor) ?? 0;
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

/** Takes turns with others where it takes long; false where it was stopped because it is not wanted any more. */
async function inTurns(work: Generator<void, void>, wanted: () => boolean): Promise<boolean> {
  for (let since = performance.now(); !work.next().done; ) {
    if (performance.now() - since < turnMs) continue;
    await breath();
    if (!wanted()) return false;
    since = performance.now();
  }
  return true;
}

function indexesAt(tokens: EncodedText, offset: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < tokens.ids.length; i++) {
    if (tokens.start[i]! > offset) break;
    if (tokens.end[i]! > offset) found.push(i);
  }
  return found;
}
