/** The whole account of the corpus as a read-only page: nothing to save, nothing that could be trained on by mistake. */
import * as vscode from 'vscode';

const scheme = 'llm-loupe';

export class AccountPage implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);
  readonly onDidChange = this.changed.event;
  private content = '';

  provideTextDocumentContent(): string {
    return this.content;
  }

  async show(content: string): Promise<void> {
    this.content = content;
    const uri = vscode.Uri.from({ scheme, path: `/${vscode.l10n.t('Files of the training')}.md` });
    this.changed.fire(uri);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
