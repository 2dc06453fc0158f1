/**
 * The decoration types of tokens: made once, a fixed number, more of the same only where a screen holds more than VS Code takes
 * in a few milliseconds. None of them moves text or hides the selection.
 */
import * as vscode from 'vscode';
import type { Span } from '../services/clip';
import type { Paint } from './bands';

const colour = (id: string) => new vscode.ThemeColor(id);
// A glyph that is drawn over the text instead of taking room in it.
const overlay = 'none; position: absolute; pointer-events: none;';
/** Spans that are handed over in one go, each call with all that its type has: a millisecond or two. */
const mostSpans = 1_500;

type Look = vscode.DecorationRenderOptions;

export class Decorations implements vscode.Disposable {
  private readonly layers: readonly (readonly [Layer, (paint: Paint) => readonly Span[]])[];
  private readonly painted = new WeakSet<vscode.TextEditor>();

  constructor() {
    // What is typed at the end of a token belongs to it until the new tokens are there: no gap shows meanwhile.
    const rangeBehavior = vscode.DecorationRangeBehavior.ClosedOpen;
    const glyph = (contentText: string): Look => ({
      before: { contentText, color: colour('editorWhitespace.foreground'), textDecoration: overlay },
    });
    const band = (id: string, borderStyle: string): Look => ({
      ...{ rangeBehavior, backgroundColor: colour(id) },
      ...{ border: `1px ${borderStyle}`, borderColor: colour('llmLoupe.tokenBorder') },
    });
    const newline = (id: string): Look => ({
      after: { contentText: '⏎', color: colour('editorWhitespace.foreground'), backgroundColor: colour(id) },
    });
    const fragment: Look = { rangeBehavior, outline: '1px solid', outlineColor: colour('llmLoupe.tokenFragment') };
    this.layers = [
      [new Layer(band('llmLoupe.tokenBand1', 'solid')), (paint) => paint.bands[0]],
      [new Layer(band('llmLoupe.tokenBand2', 'dashed')), (paint) => paint.bands[1]],
      [new Layer(newline('llmLoupe.tokenBand1')), (paint) => paint.newlines[0]],
      [new Layer(newline('llmLoupe.tokenBand2')), (paint) => paint.newlines[1]],
      [new Layer(fragment), (paint) => paint.fragments],
      [new Layer(glyph('·')), (paint) => paint.spaces],
      [new Layer(glyph('⇥')), (paint) => paint.tabs],
    ];
  }

  /** Yields where it may stop for a while. */
  *show(editor: vscode.TextEditor, paint: Paint): Generator<void, void> {
    for (const [layer, spans] of this.layers) {
      this.painted.add(editor);
      yield* layer.show(editor, spans(paint));
    }
  }

  clear(editor: vscode.TextEditor): void {
    if (!this.painted.delete(editor)) return;
    for (const [layer] of this.layers) layer.clear(editor);
  }

  dispose(): void {
    for (const [layer] of this.layers) layer.dispose();
  }
}

/** One look. */
class Layer {
  private readonly types: vscode.TextEditorDecorationType[];

  constructor(private readonly look: Look) {
    this.types = [vscode.window.createTextEditorDecorationType(look)];
  }

  /** Replaces all that the editor has of this look. */
  *show(editor: vscode.TextEditor, spans: readonly Span[]): Generator<void, void> {
    for (let i = 0; i < this.types.length || i * mostSpans < spans.length; i++) {
      this.types[i] ??= vscode.window.createTextEditorDecorationType(this.look);
      const some = spans.length <= mostSpans && i === 0 ? spans : spans.slice(i * mostSpans, (i + 1) * mostSpans);
      editor.setDecorations(this.types[i]!, some.map(range));
      yield;
    }
  }

  clear(editor: vscode.TextEditor): void {
    for (const type of this.types) editor.setDecorations(type, []);
  }

  dispose(): void {
    for (const type of this.types) type.dispose();
  }
}

export function range({ start, end }: Span): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}
