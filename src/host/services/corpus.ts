/** What the engine is asked to read: the folders of the workspace, the globs of the settings, what is on screen unsaved. */
import * as vscode from 'vscode';
import type { CorpusFile, CorpusRequest } from '../../core/corpus/types';
import { LoupeError } from '../../core/errors';
import { defaultMaxFileBytes } from '../../protocol/limits';
import type { Services } from './services';

/** `holdOut`: files that the model must not be trained on. */
export function corpusRequest(unticked: readonly string[], holdOut: readonly string[]): CorpusRequest {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
  if (folders.length === 0) throw new LoupeError('corpus.noFolder');
  const scope = folders[0]!.uri;
  const settings = vscode.workspace.getConfiguration('llmLoupe.corpus', scope);
  const hidden = ['files', 'search'].flatMap((section) => {
    const exclude = vscode.workspace.getConfiguration(section, scope).get<Record<string, unknown>>('exclude', {});
    return Object.entries(exclude).flatMap(([glob, on]) => (on === true ? [glob] : []));
  });
  const unsaved = vscode.workspace.textDocuments.filter(
    ({ isDirty, uri }) => isDirty && uri.scheme === 'file' && vscode.workspace.getWorkspaceFolder(uri) !== undefined,
  );
  return {
    roots: folders.map(({ uri, name }) => ({ path: uri.fsPath, name })),
    include: settings.get<string[]>('include', []),
    exclude: [...new Set([...settings.get<string[]>('exclude', []), ...hidden])],
    maxFileBytes: Math.round(settings.get<number>('maxFileSize', defaultMaxFileBytes / 1e6) * 1e6),
    unsaved: Object.fromEntries(unsaved.map((document) => [document.uri.fsPath, document.getText()])),
    unticked,
    holdOut,
    seed: 1,
    validationShare: 0.1,
  };
}

/**
 * The file that the user is looking at, and those whose surprise is shown: held out, so that what is seen there is what the model
 * has understood. None where the setting is off, nor where every computer of a class is to train on the same text.
 */
export function openFiles({ layers }: Services): string[] {
  const settings = vscode.workspace.getConfiguration('llmLoupe');
  if (!settings.get('training.holdOutOpenFile', true) || settings.get('exact', false)) return [];
  const { activeTextEditor, visibleTextEditors } = vscode.window;
  // With a panel in front, what stands beside it.
  const looked = activeTextEditor ? [activeTextEditor] : visibleTextEditors;
  const documents = [...looked.map((editor) => editor.document), ...layers.documents('surprise')];
  const files = documents.filter(({ uri }) => uri.scheme === 'file' && vscode.workspace.getWorkspaceFolder(uri) !== undefined);
  return [...new Set(files.map(({ uri }) => uri.fsPath))];
}

/** The files of a survey, kept and left out. */
export async function allFiles({ engine }: Services, corpus: number): Promise<CorpusFile[]> {
  const files: CorpusFile[] = [];
  for (let total = 1; files.length < total; ) {
    const page = await engine.text.corpusFiles({ corpus, offset: files.length, count: 5_000 });
    files.push(...page.files);
    total = page.files.length === 0 ? 0 : page.total;
  }
  return files;
}
