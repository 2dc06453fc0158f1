/** "Loupe: Compare Tokenizers": up to four of them over the selection, or over the paragraph under the cursor. */
import * as vscode from 'vscode';
import { isAlone, paragraph } from '../services/paragraph';
import type { Services } from '../services/services';
import { createPanel } from '../webviews/panel';
import { ComparePanel, compareKind, compareViewType } from './panel';

export function registerCompare(context: vscode.ExtensionContext, services: Services): void {
  let current: ComparePanel | null = null;

  const open = (panel: vscode.WebviewPanel, text: string | null) => {
    const opened = new ComparePanel(context, services, panel, context.workspaceState, text);
    current = opened;
    opened.onDidClose(() => {
      if (current === opened) current = null;
    });
  };

  context.subscriptions.push(
    services.command('llmLoupe.compareTokenizers', async () => {
      const text = textToCompare();
      if (!current) return open(createPanel(compareKind(), vscode.ViewColumn.Beside, false), text);
      current.panel.reveal();
      await current.show(text);
    }),
    vscode.window.registerWebviewPanelSerializer(compareViewType, {
      async deserializeWebviewPanel(panel) {
        if (current) panel.dispose();
        else open(panel, null);
      },
    }),
    { dispose: () => current?.panel.dispose() },
  );
}

/** Null where no text is open or the cursor is on a blank line: what was there stays. */
function textToCompare(): string | null {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return null;
  const { document, selection } = editor;
  if (!selection.isEmpty) return document.getText(selection);
  const line = (at: number) => document.lineAt(at).text;
  const lines = paragraph(selection.active.line, document.lineCount, line);
  if (!lines) return null;
  // All that is written is the whole text, to its last line break: as many tokens as anything else counts in the file.
  if (isAlone(lines, document.lineCount, line)) return document.getText();
  return document.getText(new vscode.Range(lines.first, 0, lines.last, document.lineAt(lines.last).text.length));
}
