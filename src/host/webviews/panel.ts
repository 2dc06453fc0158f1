/** Puts one of our bundles into a webview panel and opens the way to it. What the panel says is its feature's business. */
import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { type AnyApi, type Client, connect, type Port, type Service, serve } from '../../protocol/rpc';
import { pageHtml } from './html';

export interface PanelKind {
  /** Folder of `webview/`, and name of its bundle. */
  readonly bundle: 'attention' | 'dashboard' | 'generate' | 'merges' | 'compare' | 'start';
  /** Kept in the window's state: never rename. */
  readonly viewType: string;
  readonly title: string;
}

/**
 * A new panel. After a reload the tab of an old one may still be there, and comes back to life only when it is looked at: the new
 * one takes its place.
 */
export function createPanel(kind: PanelKind, column: vscode.ViewColumn, preserveFocus: boolean): vscode.WebviewPanel {
  const { tabGroups } = vscode.window;
  const tabs = tabGroups.all.flatMap((group) => group.tabs);
  const asleep = tabs.filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(`-${kind.viewType}`));
  const viewColumn = asleep[0]?.group.viewColumn ?? column;
  const panel = vscode.window.createWebviewPanel(kind.viewType, kind.title, { viewColumn, preserveFocus });
  if (asleep.length > 0) void tabGroups.close(asleep, true);
  return panel;
}

/** Fills a panel, new or restored, and answers its calls. Gives what calls it back. */
export function attachPanel<Host extends AnyApi, View extends AnyApi>(
  context: vscode.ExtensionContext,
  panel: vscode.WebviewPanel,
  kind: PanelKind,
  service: Service<Host>,
): Client<View> {
  const { webview } = panel;
  const folder = vscode.Uri.joinPath(context.extensionUri, 'dist', 'webview');
  webview.options = { enableScripts: true, localResourceRoots: [folder] };
  panel.title = kind.title;
  panel.iconPath = vscode.Uri.joinPath(context.extensionUri, 'media', 'icon.svg');
  const port = webviewPort(panel);
  serve<Host>(port, service);
  const view = connect<View>(port);
  const uri = (file: string) => webview.asWebviewUri(vscode.Uri.joinPath(folder, file)).toString();
  webview.html = pageHtml({
    script: uri(`${kind.bundle}.js`),
    style: uri(`${kind.bundle}.css`),
    source: webview.cspSource,
    nonce: randomBytes(16).toString('base64'),
    title: kind.title,
    language: vscode.env.language,
    strings: vscode.l10n.bundle ?? {},
    panel: kind.bundle,
  });
  return view;
}

function webviewPort(panel: vscode.WebviewPanel): Port {
  let open = true;
  const closes: ((reason: string) => void)[] = [];
  panel.onDidDispose(() => {
    open = false;
    for (const close of closes) close('closed');
  });
  return {
    post: (message) => {
      if (open) void panel.webview.postMessage(message);
    },
    onMessage: (listener) => void panel.webview.onDidReceiveMessage(listener),
    onClose: (listener) => void closes.push(listener),
  };
}

/** A panel may run our own commands and no other. */
export async function runPanelCommand(command: string): Promise<void> {
  if (command.startsWith('llmLoupe.')) await vscode.commands.executeCommand(command);
}
