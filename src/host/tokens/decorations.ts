/** The decoration types of tokens: made once, a fixed number. None of them moves text or hides the selection. */
import * as vscode from 'vscode';
import type { Paint } from './bands';
import type { Span } from './clip';

const colour = (id: string) => new vscode.ThemeColor(id);
// A glyph that is drawn over the text instead of taking room in it.
const overlay = 'none; position: absolute; pointer-events: none;';
/** Spans that are painted in one go: a millisecond or two. */
const sliceLength = 2_000;

export class Decorations implements vscode.Disposable {
  private readonly bands: readonly [vscode.TextEditorDecorationType, vscode.TextEditorDecorationType];
  private readonly newlines: readonly [vscode.TextEditorDecorationType, vscode.TextEditorDecorationType];
  private readonly fragments: vscode.TextEditorDecorationType;
  private readonly spaces: vscode.TextEditorDecorationType;
  private readonly tabs: vscode.TextEditorDecorationType;
  private readonly painted = new WeakSet<vscode.TextEditor>();

  constructor() {
    const make = vscode.window.createTextEditorDecorationType;
    // What is typed at the end of a token belongs to it until the new tokens are there: no gap shows meanwhile.
    const rangeBehavior = vscode.DecorationRangeBehavior.ClosedOpen;
    const glyph = (contentText: string) =>
      make({ before: { contentText, color: colour('editorWhitespace.foreground'), textDecoration: overlay } });
    const band = (id: string, borderStyle: string) =>
      make({ rangeBehavior, backgroundColor: colour(id), border: `1px ${borderStyle}`, borderColor: colour('llmLoupe.tokenBorder') });
    const newline = (id: string) =>
      make({ after: { contentText: '⏎', color: colour('editorWhitespace.foreground'), backgroundColor: colour(id) } });
    this.bands = [band('llmLoupe.tokenBand1', 'solid'), band('llmLoupe.tokenBand2', 'dashed')];
    this.newlines = [newline('llmLoupe.tokenBand1'), newline('llmLoupe.tokenBand2')];
    this.fragments = make({ rangeBehavior, outline: '1px solid', outlineColor: colour('llmLoupe.tokenFragment') });
    this.spaces = glyph('·');
    this.tabs = glyph('⇥');
  }

  /** Stops where it has painted much, so that others have their turn. */
  *show(editor: vscode.TextEditor, paint: Paint): Generator<void, void> {
    this.painted.add(editor);
    const all: [vscode.TextEditorDecorationType, readonly Span[]][] = [
      [this.bands[0], paint.bands[0]],
      [this.bands[1], paint.bands[1]],
      [this.newlines[0], paint.newlines[0]],
      [this.newlines[1], paint.newlines[1]],
      [this.fragments, paint.fragments],
      [this.spaces, paint.spaces],
      [this.tabs, paint.tabs],
    ];
    let made = 0;
    for (const [type, spans] of all) {
      if (made > 0 && made + spans.length > sliceLength) {
        yield;
        made = 0;
      }
      editor.setDecorations(type, spans.map(range));
      made += spans.length;
    }
  }

  clear(editor: vscode.TextEditor): void {
    if (!this.painted.delete(editor)) return;
    for (const type of this.all()) editor.setDecorations(type, []);
  }

  dispose(): void {
    for (const type of this.all()) type.dispose();
  }

  private all(): vscode.TextEditorDecorationType[] {
    return [...this.bands, ...this.newlines, this.fragments, this.spaces, this.tabs];
  }
}

export function range({ start, end }: Span): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}
