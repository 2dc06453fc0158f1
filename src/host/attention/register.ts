/** "Loupe: Inspect Attention": the panel for the selection, or for the paragraph under the cursor. */
import * as vscode from 'vscode';
import { paragraph } from '../services/paragraph';
import type { Services } from '../services/services';
import { createPanel } from '../webviews/panel';
import { attentionKind, attentionViewType } from './kind';
import { AttentionPanel } from './panel';
import { nearestText } from './source';
import type { TextSource } from './textSource';

export function registerAttention(context: vscode.ExtensionContext, services: Services): void {
  let current: AttentionPanel | null = null;
  /** The last text editor: a panel that has the focus leaves none active. */
  let lastEditor = vscode.window.activeTextEditor;

  const open = (panel: vscode.WebviewPanel) => {
    const opened = new AttentionPanel(context, services, panel, context.workspaceState);
    current = opened;
    opened.onDidClose(() => {
      if (current === opened) current = null;
    });
    return opened;
  };

  context.subscriptions.push(
    vscode.window.onDidChangeActiveTextEditor((editor) => {
      if (editor) lastEditor = editor;
    }),
    services.command('llmLoupe.inspectAttention', async (asked?: unknown) => {
      const given = askedOf(asked);
      const editor = vscode.window.activeTextEditor ?? lastEditor;
      const source = given?.source ?? (editor && !editor.document.isClosed ? sourceOf(editor) : null);
      if (current) current.panel.reveal(undefined, true);
      else open(createPanel(attentionKind(), vscode.ViewColumn.Beside, true));
      // Without an editor the panel says what to do.
      if (source) await current?.show(source, given?.head);
      else if (editor && !editor.document.isClosed) await current?.showBlank(editor.document);
    }),
    vscode.window.registerWebviewPanelSerializer(attentionViewType, {
      async deserializeWebviewPanel(panel) {
        if (current) panel.dispose();
        else open(panel);
      },
    }),
    { dispose: () => current?.panel.dispose() },
  );
}

/** A text and a head that another of our features asks for; menus hand over other things, which say nothing here. */
function askedOf(asked: unknown): { source: TextSource; head: { layer: number; head: number } } | null {
  const { uri, start, end, layer, head } = (asked ?? {}) as Record<string, unknown>;
  if (typeof uri !== 'string' || ![start, end, layer, head].every(Number.isSafeInteger)) return null;
  const [from, to, l, h] = [start, end, layer, head] as [number, number, number, number];
  return { source: { uri, start: from, end: to, cursor: null }, head: { layer: l, head: h } };
}

function sourceOf({ document, selection }: vscode.TextEditor): TextSource | null {
  const uri = document.uri.toString();
  if (!selection.isEmpty) {
    return { uri, start: document.offsetAt(selection.start), end: document.offsetAt(selection.end), cursor: null };
  }
  const text = (line: number) => document.lineAt(line).text;
  const line = nearestText(selection.active.line, document.lineCount, text);
  const lines = line === null ? null : paragraph(line, document.lineCount, text);
  if (line === null || !lines) return null;
  const cursor = line === selection.active.line ? document.offsetAt(selection.active) : document.offsetAt(new vscode.Position(line, 0));
  const start = document.offsetAt(new vscode.Position(lines.first, 0));
  return { uri, start, end: document.offsetAt(document.lineAt(lines.last).range.end), cursor };
}
