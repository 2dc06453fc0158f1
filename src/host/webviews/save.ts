/** Saves what a panel exports: the user says where, and is told where it cannot be; text may go to the clipboard instead. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { LoupeError } from '../../core/errors';
import type { SaveMethod } from '../../protocol/panels';
import { errorText } from '../services/errors';

export async function save({ name, data, copy }: SaveMethod['params']): Promise<SaveMethod['result']> {
  if (copy) {
    if (typeof data !== 'string') return { saved: false };
    await vscode.env.clipboard.writeText(data);
    return { saved: true };
  }
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const file = basename(name);
  const extension = file.split('.').pop();
  const target = await vscode.window.showSaveDialog({
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, file) } : {}),
    title: vscode.l10n.t('Save {0}', file),
    ...(extension ? { filters: { [extension.toUpperCase()]: [extension] } } : {}),
  });
  if (!target) return { saved: false };
  try {
    await vscode.workspace.fs.writeFile(target, typeof data === 'string' ? new TextEncoder().encode(data) : data);
  } catch (error) {
    const path = target.fsPath;
    const denied = error instanceof vscode.FileSystemError && error.code === 'NoPermissions';
    const detail = error instanceof Error ? error.message : String(error);
    const known = denied ? new LoupeError('file.noPermission', { path }) : new LoupeError('file.unwritable', { path, detail });
    void vscode.window.showErrorMessage(errorText(known));
    return { saved: false };
  }
  return { saved: true };
}
