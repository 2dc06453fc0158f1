/** Generation: ghost text at the cursor, and a panel where every choice of the model can be looked at. */
import * as vscode from 'vscode';
import type { ModelRef } from '../../protocol/engine';
import type { Services } from '../services/services';
import { createPanel } from '../webviews/panel';
import { GhostText, promptCharacters } from './inline';
import { GeneratePanel, generateKind, generateViewType, insertText } from './panel';

export function registerGenerate(context: vscode.ExtensionContext, services: Services): void {
  const ghost = new GhostText(services);
  let current: GeneratePanel | null = null;
  /** The last text editor: a panel that has the focus leaves none active. */
  let lastEditor = vscode.window.activeTextEditor;

  const open = (panel: vscode.WebviewPanel) => {
    const opened = new GeneratePanel(context, services, panel, context.workspaceState, {
      insert: (text) => insertText(lastEditor, text),
      languageId: () => lastEditor?.document.languageId ?? 'plaintext',
    });
    current = opened;
    opened.onDidClose(() => {
      if (current === opened) current = null;
    });
  };

  context.subscriptions.push(
    ghost,
    vscode.window.onDidChangeActiveTextEditor((editor) => {
      if (editor) lastEditor = editor;
    }),
    services.command('llmLoupe.generate', () => ghost.generate()),
    services.command('llmLoupe.cancelGeneration', () => ghost.cancel()),
    vscode.commands.registerCommand('llmLoupe.generationAccepted', (model: ModelRef, text: string) => ghost.accept(model, text)),
    services.command('llmLoupe.openGeneration', () => {
      const editor = vscode.window.activeTextEditor;
      const selected = editor ? selectedText(editor) : '';
      if (current) current.panel.reveal();
      else open(createPanel(generateKind(), vscode.ViewColumn.Beside, false));
      if (selected !== '') current?.prompt(selected);
    }),
    vscode.window.registerWebviewPanelSerializer(generateViewType, {
      async deserializeWebviewPanel(panel) {
        if (current) panel.dispose();
        else open(panel);
      },
    }),
    { dispose: () => current?.panel.dispose() },
  );
}

/** What is selected, or the end of it where it is longer than a prompt can be. */
function selectedText({ document, selection: { start, end } }: vscode.TextEditor): string {
  const from = document.positionAt(Math.max(document.offsetAt(start), document.offsetAt(end) - promptCharacters));
  return document.getText(new vscode.Range(from, end));
}
