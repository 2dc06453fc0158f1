/**
 * The decoration types of surprise: one for each look, made once. None moves text. In high contrast a line under the token,
 * dotted, dashed, solid or double, carries what colour carries elsewhere.
 */
import * as vscode from 'vscode';
import { type Look, looks, type Paint } from './steps';

/** More surprise, more line. */
export const lines: Readonly<Record<Look, string>> = {
  surprise1: '1px dotted',
  surprise2: '2px dotted',
  surprise3: '1px dashed',
  surprise4: '2px dashed',
  surprise5: '2px solid',
  surprise6: '4px double',
  surpriseWorse1: '2px dotted',
  surpriseWorse2: '2px dashed',
  surpriseWorse3: '4px double',
  surpriseBetter1: '1px dotted',
  surpriseBetter2: '1px dashed',
  surpriseBetter3: '1px solid',
};

export class SurpriseDecorations implements vscode.Disposable {
  private readonly types = new Map<Look, vscode.TextEditorDecorationType>();
  /** Looks that an editor has now. */
  private readonly painted = new WeakMap<vscode.TextEditor, Set<Look>>();

  constructor() {
    for (const look of looks) {
      const [width, style] = lines[look].split(' ');
      const type = vscode.window.createTextEditorDecorationType({
        // What is typed at the end of a token belongs to it until the new scores are there: no gap shows meanwhile.
        rangeBehavior: vscode.DecorationRangeBehavior.ClosedOpen,
        backgroundColor: new vscode.ThemeColor(`llmLoupe.${look}`),
        borderRadius: '2px',
        borderWidth: `0 0 ${width} 0`,
        ...(style ? { borderStyle: style } : {}),
        borderColor: new vscode.ThemeColor(look.startsWith('surpriseBetter') ? 'llmLoupe.surpriseBetterLine' : 'llmLoupe.surpriseLine'),
      });
      this.types.set(look, type);
    }
  }

  /** In place of what was there, in one go: a look that is replaced by another never leaves a gap on screen. */
  show(editor: vscode.TextEditor, paint: Paint): void {
    const before = this.painted.get(editor);
    for (const [look, type] of this.types) {
      const spans = paint.get(look) ?? [];
      if (spans.length === 0 && !before?.has(look)) continue;
      editor.setDecorations(
        type,
        spans.map(({ start, end }) => new vscode.Range(start.line, start.character, end.line, end.character)),
      );
    }
    this.painted.set(editor, new Set(paint.keys()));
  }

  clear(editor: vscode.TextEditor): void {
    for (const look of this.painted.get(editor) ?? []) editor.setDecorations(this.types.get(look)!, []);
    this.painted.delete(editor);
  }

  dispose(): void {
    for (const type of this.types.values()) type.dispose();
  }
}
