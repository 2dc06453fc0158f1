/** What colours the whole of a text: one layer at a time, so that two features never paint over each other. */
import * as vscode from 'vscode';

export type Layer = 'tokens' | 'surprise';

/** Editors of the workbench itself whose text is no document of the user. */
const foreign = new Set(['output', 'debug', 'vscode-scm', 'comment', 'vscode-settings']);

export function isForeign({ uri }: vscode.TextDocument): boolean {
  return foreign.has(uri.scheme);
}

/** Read-only pages of ours: the sample, the account of a training's files, the prompt of a run. */
export function isOurs({ uri }: vscode.TextDocument): boolean {
  return uri.scheme.startsWith('llm-loupe');
}

export class Layers implements vscode.Disposable {
  private readonly layers = new Map<string, Layer>();
  private readonly changed = new vscode.EventEmitter<vscode.TextDocument>();
  private readonly subscription: vscode.Disposable;
  /** The layer of this document is another one now, or none. */
  readonly onDidChange = this.changed.event;

  constructor() {
    this.subscription = vscode.workspace.onDidCloseTextDocument(({ uri }) => this.layers.delete(uri.toString()));
  }

  of({ uri }: vscode.TextDocument): Layer | undefined {
    return this.layers.get(uri.toString());
  }

  /** The documents that have it. */
  documents(layer: Layer): vscode.TextDocument[] {
    return vscode.workspace.textDocuments.filter((document) => this.of(document) === layer);
  }

  /**
   * Turns a layer of the active editor on, in place of any other, or off; where a panel is in front, of an editor beside it. False
   * where there is no text of the user.
   */
  toggle(layer: Layer): boolean {
    const { activeTextEditor, visibleTextEditors } = vscode.window;
    const document = (activeTextEditor ?? visibleTextEditors.find((editor) => !isForeign(editor.document)))?.document;
    if (!document || isForeign(document)) return false;
    this.set(document, this.of(document) === layer ? null : layer);
    return true;
  }

  set(document: vscode.TextDocument, layer: Layer | null): void {
    const uri = document.uri.toString();
    if ((this.layers.get(uri) ?? null) === layer) return;
    if (layer) this.layers.set(uri, layer);
    else this.layers.delete(uri);
    this.changed.fire(document);
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }
}
