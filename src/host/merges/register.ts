/** "Loupe: Show Merges": from bytes to tokens one merge at a time, of the selection, of a token from its hover, or of a word. */
import * as vscode from 'vscode';
import type { Services } from '../services/services';
import { createPanel } from '../webviews/panel';
import { type Asked, MergesPanel, mergesKind, mergesViewType } from './panel';

export function registerMerges(context: vscode.ExtensionContext, services: Services): void {
  let current: MergesPanel | null = null;

  const open = (panel: vscode.WebviewPanel, asked: Asked) => {
    const opened = new MergesPanel(context, services, panel, context.workspaceState, asked);
    current = opened;
    opened.onDidClose(() => {
      if (current === opened) current = null;
    });
  };

  context.subscriptions.push(
    services.command('llmLoupe.showMerges', async (asked?: unknown) => {
      const wanted = askedFor(asked) ?? selected();
      if (!current) return open(createPanel(mergesKind(), vscode.ViewColumn.Beside, false), wanted);
      current.panel.reveal();
      await current.show(wanted);
    }),
    vscode.window.registerWebviewPanelSerializer(mergesViewType, {
      async deserializeWebviewPanel(panel) {
        if (current) panel.dispose();
        else open(panel, {});
      },
    }),
    { dispose: () => current?.panel.dispose() },
  );
}

/** What a link or another panel asks for; menus hand over other things (a file), which say nothing here. */
function askedFor(given: unknown): Asked | null {
  const { text, tokenizer, token } = (given ?? {}) as Record<string, unknown>;
  if (typeof text !== 'string' || text === '') return null;
  return {
    text,
    ...(typeof tokenizer === 'string' ? { tokenizer } : {}),
    ...(typeof token === 'number' ? { token } : {}),
  };
}

function selected(): Asked {
  const editor = vscode.window.activeTextEditor;
  const text = editor?.document.getText(editor.selection) ?? '';
  return text === '' ? {} : { text };
}
