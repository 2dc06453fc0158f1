/**
 * What the model expected at the cursor, in the status bar: for who reads with the keyboard, and where no mouse rests. It is there
 * only while a text shows its surprise; a click opens the whole account.
 */
import * as vscode from 'vscode';
import { isCancelled } from '../services/errors';
import { locale } from '../services/locale';
import type { Services } from '../services/services';
import type { ShownSurprise } from './painter';
import { cursorText, writtenText } from './text';

const restMs = 80;

export class CursorSurprise implements vscode.Disposable {
  private readonly status = vscode.window.createStatusBarItem('llmLoupe.surpriseCursor', vscode.StatusBarAlignment.Right, 93.5);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly services: Services,
    private readonly at: (document: vscode.TextDocument, place: vscode.Position) => ShownSurprise | null,
  ) {
    this.status.name = vscode.l10n.t('Surprise at the cursor');
    this.status.command = 'editor.action.showHover';
  }

  /** After the cursor moved, or something else was painted. */
  update(editor: vscode.TextEditor | undefined): void {
    clearTimeout(this.timer);
    if (!editor || this.services.layers.of(editor.document) !== 'surprise') {
      this.status.hide();
      return;
    }
    this.timer = setTimeout(() => {
      this.show(editor).catch((error) => {
        if (!isCancelled(error)) this.services.log.debug(`surprise at the cursor: ${error instanceof Error ? error.message : error}`);
      });
    }, restMs);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.status.dispose();
  }

  private async show(editor: vscode.TextEditor): Promise<void> {
    const { document, selection } = editor;
    const { version } = document;
    // What is selected has its tokens counted there.
    const shown = selection.isEmpty ? this.at(document, selection.active) : null;
    const found = shown && tokenAt(shown, document.offsetAt(selection.active));
    if (!shown || found === null) {
      this.status.hide();
      return;
    }
    const { tokens, scores } = shown.piece;
    const [own, best] = [tokens.ids[found]!, scores.top?.ids[found * scores.top.count] ?? tokens.ids[found]!];
    const ids = Uint32Array.of(own, best);
    const named = await this.services.engine.text.tokens({ tokenizer: shown.model.ref, ids }, { latest: 'surprise at the cursor' });
    // Moved on, edited or turned off meanwhile: whoever did that asked anew.
    if (document.version !== version || !editor.selection.isEqual(selection) || this.services.layers.of(document) !== 'surprise') return;
    const most = scores.top?.logprobs[found * scores.top.count] ?? Number.NaN;
    const written = { bytes: named[0]!.bytes, logprob: scores.logprob[found]! };
    const expected = own === best ? null : { bytes: named[1]!.bytes, logprob: most };
    const text = cursorText(written, expected, locale());
    if (text === null) {
      this.status.hide();
      return;
    }
    this.status.text = text;
    const sentence = writtenText(written, expected, locale());
    this.status.tooltip = new vscode.MarkdownString(`${sentence}\n\n${vscode.l10n.t('Click for all of it.')}`);
    // As it is read aloud, without the marks of code.
    this.status.accessibilityInformation = { label: sentence.replaceAll(/`` | ``/g, ''), role: 'button' };
    this.status.show();
  }
}

/** The token that begins before an offset and ends after it. */
function tokenAt({ piece: { tokens } }: ShownSurprise, offset: number): number | null {
  const index = tokens.end.findIndex((end, i) => end > offset && tokens.start[i]! <= offset);
  return index < 0 ? null : index;
}
