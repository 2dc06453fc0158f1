/** Saves what a panel exports: the user says where; text may go to the clipboard instead. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { LoupeError } from '../../core/errors';
import type { SaveMethod } from '../../protocol/panels';

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
    ...(extension ? { filters: { [extension.toUpperCase()]: [extension] } } : {}),
  });
  if (!target) return { saved: false };
  try {
    await vscode.workspace.fs.writeFile(target, typeof data === 'string' ? new TextEncoder().encode(data) : data);
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === 'NoPermissions')
      throw new LoupeError('file.noPermission', { path: target.fsPath });
    throw error;
  }
  return { saved: true };
}
