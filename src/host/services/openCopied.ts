/** Opens the file that a run was copied from, at the run: where it stood, or where it stands now if the file has changed. */
import * as vscode from 'vscode';
import { LoupeError } from '../../core/errors';
import type { CopiedFrom } from '../../protocol/panels';
import { copiedPlace } from './copiedPlace';

/** Throws `file.notFound`. */
export async function openCopied({ path, line, character, text }: CopiedFrom): Promise<void> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path)).then(
    (opened) => opened,
    () => {
      throw new LoupeError('file.notFound', { path });
    },
  );
  const stood = document.validatePosition(new vscode.Position(line, character));
  const found = copiedPlace(document.getText(), text, document.offsetAt(stood));
  const range = found ? new vscode.Range(document.positionAt(found.start), document.positionAt(found.end)) : new vscode.Range(stood, stood);
  // Beside the panel that asked, in the column where files are.
  const column = vscode.window.visibleTextEditors[0]?.viewColumn ?? vscode.ViewColumn.One;
  await vscode.window.showTextDocument(document, { selection: range, viewColumn: column });
  if (!found) {
    void vscode.window.setStatusBarMessage(vscode.l10n.t('The file has changed since: the copied text is no longer in it.'), 8_000);
  }
}
