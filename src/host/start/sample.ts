/** The sample of "Start Here", for readers who have no text open: a read-only page, nothing to save and nothing on disk. */
import * as vscode from 'vscode';

const scheme = 'llm-loupe-sample';

export class Sample implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(scheme, this);

  constructor(private readonly extension: vscode.Uri) {}

  async provideTextDocumentContent({ path }: vscode.Uri): Promise<string> {
    const file = path.endsWith('fr.md') ? 'sample.fr.md' : 'sample.md';
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.joinPath(this.extension, 'media', 'walkthrough', file)));
  }

  async open(): Promise<vscode.TextDocument> {
    const name = /^fr\b/i.test(vscode.env.language) ? 'exemple.fr.md' : 'sample.md';
    return vscode.workspace.openTextDocument(vscode.Uri.from({ scheme, path: `/${name}` }));
  }

  dispose(): void {
    this.registration.dispose();
  }
}
