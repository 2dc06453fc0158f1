/** What the user has changed since the last commit, from VS Code's own Git extension. */
import * as vscode from 'vscode';
import { LoupeError } from '../../core/errors';
import { addedLines } from './diff';

/** The part of that extension's interface (version 1) that is used here. */
export interface GitApi {
  readonly repositories: readonly GitRepository[];
}
interface GitRepository {
  readonly state: Record<'workingTreeChanges' | 'indexChanges' | 'mergeChanges', readonly GitChange[]> & {
    readonly untrackedChanges?: readonly GitChange[];
  };
  /** Looks again: what was just saved is not among the changes at once. */
  status(): Promise<void>;
  diffWithHEAD(path: string): Promise<string>;
}
interface GitChange {
  readonly uri: vscode.Uri;
  readonly status: number;
}
/** Of that interface: a file that no commit has; one that is no longer there. */
const untracked = 7;
const deleted: readonly number[] = [2, 6, 12, 13, 14];

export interface ChangedFile {
  readonly uri: vscode.Uri;
  /** Lines that were added or changed, from 0; null for a file that is new. */
  readonly lines: number[] | null;
}

/** Of all repositories of the window. */
export async function changedFiles({ repositories }: GitApi): Promise<ChangedFile[]> {
  const files: ChangedFile[] = [];
  for (const repository of repositories) {
    await repository.status();
    const { workingTreeChanges, indexChanges, mergeChanges, untrackedChanges = [] } = repository.state;
    const changes = [...workingTreeChanges, ...indexChanges, ...mergeChanges, ...untrackedChanges];
    const seen = new Set<string>();
    for (const { uri, status } of changes) {
      if (uri.scheme !== 'file' || deleted.includes(status) || seen.has(uri.fsPath)) continue;
      seen.add(uri.fsPath);
      const lines = status === untracked ? null : addedLines(await repository.diffWithHEAD(uri.fsPath));
      if (lines === null || lines.length > 0) files.push({ uri, lines });
    }
  }
  return files;
}

/** Throws `surprise.noGit` where there is no repository. */
export async function gitApi(): Promise<GitApi> {
  const extension = vscode.extensions.getExtension<{ getAPI(version: 1): GitApi }>('vscode.git');
  try {
    const api = extension && (await extension.activate()).getAPI(1);
    if (api && api.repositories.length > 0) return api;
  } catch {
    // It throws where the setting `git.enabled` is off.
  }
  throw new LoupeError('surprise.noGit');
}
