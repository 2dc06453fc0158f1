/**
 * "Loupe: Most Surprising Lines": a native list that fills while the files are read, of the workspace, of the file that is open, or of
 * what was changed since the last commit. It is there only after it was asked for, and goes when it is closed.
 */
import * as vscode from 'vscode';
import type { CorpusFile } from '../../core/corpus/types';
import type { LineSurprise } from '../../core/inspect/lines';
import { isCancelled } from '../services/errors';
import { locale } from '../services/locale';
import type { Services } from '../services/services';
import { changedFiles, gitApi } from './changes';
import type { Shown } from './painter';
import { lineFigure, linesMessage } from './text';

const viewId = 'llmLoupe.surprisingLines';
const shownKey = 'llmLoupe.surprisingLines';
const busyKey = 'llmLoupe.surprisingLinesBusy';
const mostLines = 200;
const linesOfOneFile = 20;
/** The list is drawn anew at most this often: it must hold still to be read. */
const redrawMs = 500;

interface File {
  readonly uri: vscode.Uri;
  /** Null for all. */
  readonly lines: number[] | null;
}

interface Found extends LineSurprise {
  readonly uri: vscode.Uri;
}

export class SurprisingLines implements vscode.TreeDataProvider<Found>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<Found>;
  private found: Found[] = [];
  private search: AbortController | null = null;
  private drawn = 0;
  private last: () => Promise<void> = () => this.ofWorkspace();

  constructor(
    private readonly services: Services,
    private readonly files: (signal: AbortSignal) => Promise<CorpusFile[]>,
    private readonly model: () => Shown,
  ) {
    this.view = vscode.window.createTreeView(viewId, { treeDataProvider: this });
  }

  ofWorkspace(): Promise<void> {
    this.last = () => this.ofWorkspace();
    return this.list(async (signal) => {
      const kept = (await this.files(signal)).filter(({ part }) => part !== null);
      return kept.map(({ path }) => ({ uri: vscode.Uri.file(path), lines: null }));
    }, vscode.l10n.t('There is no text to read in this workspace.'));
  }

  async ofFile(uri: vscode.Uri | undefined): Promise<void> {
    if (!uri) {
      void vscode.window.showInformationMessage(vscode.l10n.t('Open a text first: its lines are listed.'));
      return;
    }
    this.last = () => this.ofFile(uri);
    await this.list(async () => [{ uri, lines: null }], '');
  }

  async ofChanges(): Promise<void> {
    // Without a repository nothing shows, and what did stays.
    const git = await gitApi();
    this.last = () => this.ofChanges();
    await this.list(() => changedFiles(git), vscode.l10n.t('Nothing was added since the last commit.'));
  }

  /** The same list, of the texts as they are now. */
  again(): Promise<void> {
    return this.last();
  }

  stop(): void {
    this.search?.abort();
  }

  async close(): Promise<void> {
    this.stop();
    this.found = [];
    this.changed.fire();
    // In the place that it leaves VS Code would show another tab, and start a terminal for it.
    if (this.view.visible) await vscode.commands.executeCommand('workbench.action.closePanel');
    await setContext(shownKey, false);
  }

  getTreeItem(line: Found): vscode.TreeItem {
    const words = locale();
    const { uri } = line;
    const figure = lineFigure(line, words);
    // In the order of what must not be cut off.
    const item = new vscode.TreeItem(`${uri.path.slice(uri.path.lastIndexOf('/') + 1)}:${line.line + 1}`);
    item.description = `${words.num(line.bits / line.bytes)} · ${line.text}`;
    item.tooltip = [line.text, `${vscode.workspace.asRelativePath(uri)}:${line.line + 1}`, figure].join('\n');
    item.accessibilityInformation = { label: `${item.label}, ${figure}, ${line.text}` };
    const token = new vscode.Range(line.line, line.start, line.line, line.end);
    item.command = { command: 'vscode.open', title: '', arguments: [uri, { selection: token, preview: true }] };
    return item;
  }

  getChildren(line?: Found): Found[] {
    return line ? [] : this.found;
  }

  dispose(): void {
    this.stop();
    this.view.dispose();
    this.changed.dispose();
  }

  private async list(choose: (signal: AbortSignal) => Promise<readonly File[]>, nothing: string): Promise<void> {
    this.stop();
    const search = new AbortController();
    this.search = search;
    const model = this.model();
    this.found = [];
    this.view.message = vscode.l10n.t('Looking for files…');
    this.changed.fire();
    await Promise.all([setContext(shownKey, true), setContext(busyKey, true)]);
    try {
      await vscode.window.withProgress({ location: { viewId } }, async () => {
        await vscode.commands.executeCommand(`${viewId}.focus`);
        const files = await choose(search.signal);
        if (files.length === 0) this.view.message = nothing;
        else await this.read(files, model, search.signal);
      });
    } catch (error) {
      if (this.search === search) await this.close();
      throw error;
    } finally {
      if (this.search === search) {
        this.search = null;
        await setContext(busyKey, false);
      }
    }
  }

  private async read(files: readonly File[], model: Shown, signal: AbortSignal): Promise<void> {
    const open = new Map(vscode.workspace.textDocuments.map((document) => [document.uri.toString(), document]));
    const total = { bits: 0, bytes: 0 };
    let unread = 0;
    for (const [done, { uri, lines }] of files.entries()) {
      const document = open.get(uri.toString());
      // What is on screen counts; of changes, what the diff is of.
      const onScreen = document && !document.isClosed && (document.isDirty || uri.scheme !== 'file');
      const text = lines === null && onScreen ? document.getText() : null;
      try {
        const request = { model: model.ref, path: uri.fsPath, text, lines, count: files.length === 1 ? mostLines : linesOfOneFile };
        const found = await this.services.engine.inspect.surprisingLines(request, { signal });
        total.bits += found.bits;
        total.bytes += found.bytes;
        this.add(uri, found.lines);
      } catch (error) {
        if (isCancelled(error)) {
          this.draw(linesMessage({ done, files: files.length, stopped: true, unread, ...total }, model, locale()), true);
          return;
        }
        // Gone or changed since it was listed: the others are still worth reading. Without a model none is.
        this.services.log.warn(`${uri.fsPath}: ${error instanceof Error ? error.message : error}`);
        if (++unread === done + 1 && done === files.length - 1) throw error;
      }
      const finished = done === files.length - 1;
      this.draw(linesMessage({ done: done + 1, files: files.length, stopped: false, unread, ...total }, model, locale()), finished);
    }
  }

  private add(uri: vscode.Uri, lines: readonly LineSurprise[]): void {
    this.found.push(...lines.map((line) => ({ ...line, uri })));
    this.found.sort((a, b) => b.bits / b.bytes - a.bits / a.bytes);
    this.found.length = Math.min(this.found.length, mostLines);
  }

  private draw(message: string, now: boolean): void {
    if (!now && performance.now() - this.drawn < redrawMs) return;
    this.drawn = performance.now();
    this.view.message = message;
    this.changed.fire();
  }
}

async function setContext(key: string, value: boolean): Promise<void> {
  await vscode.commands.executeCommand('setContext', key, value);
}
