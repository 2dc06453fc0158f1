/** What the suites inside VS Code share: the extension under test, its tokens as a hover tells them, and the errors it logged. */
import * as assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import * as vscode from 'vscode';
import type { ForTests } from '../../src/host/forTests';

const ID = 'llm-loupe.llm-loupe';

/** Workers that were started since the tests were loaded, by whomever. */
export const workers: Worker[] = [];
process.on('worker', (worker) => {
  workers.push(worker);
});

export function extension(): vscode.Extension<ForTests> {
  const found = vscode.extensions.getExtension<ForTests>(ID);
  assert.ok(found, `${ID} is not installed`);
  return found;
}

/** The extension, once it has activated by itself. */
export async function loupe(): Promise<ForTests> {
  await until('the extension activates', () => extension().isActive);
  return extension().exports;
}

/** Waits until `test` gives something true, and gives that. */
export async function until<T>(what: string, test: () => T | Promise<T>, seconds = 30): Promise<NonNullable<T>> {
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await sleep(100)) {
    const found = await test();
    if (found) return found;
  }
  assert.fail(`waited ${seconds} s in vain: ${what}`);
}

export { sleep };

export function file(name: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder);
  return vscode.Uri.joinPath(folder.uri, name);
}

export async function open(name: string, column = vscode.ViewColumn.One): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument(file(name));
  const editor = await vscode.window.showTextDocument(document, { viewColumn: column, preview: false });
  // VS Code remembers where it was scrolled to.
  editor.selection = new vscode.Selection(0, 0, 0, 0);
  editor.revealRange(editor.selection);
  return editor;
}

export async function closeAll(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}

/** The token painted at a place: its range and its facts, from the hover that a user would see; undefined where none is. */
export async function tokenAt(
  document: vscode.TextDocument,
  place: vscode.Position,
): Promise<{ range: vscode.Range; facts: string } | undefined> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, place);
  for (const { range, contents } of hovers) {
    const facts = contents.map((part) => (typeof part === 'string' ? part : part.value)).join('\n');
    if (range && facts.includes('**Token**')) return { range, facts };
  }
  return undefined;
}

export function shown(document: vscode.TextDocument, line: number, character: number, seconds = 30) {
  const place = new vscode.Position(line, character);
  return until(`a token at ${line}:${character}`, () => tokenAt(document, place), seconds);
}

/** Waits long enough for anything to be painted, and finds nothing. */
export async function notShown(document: vscode.TextDocument, line: number, character: number): Promise<void> {
  await sleep(800);
  assert.equal(await tokenAt(document, new vscode.Position(line, character)), undefined, `a token at ${line}:${character}`);
}

export async function set(section: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration('llmLoupe').update(section, value, vscode.ConfigurationTarget.Global);
}

let told = 0;

/** Errors that the extension logged; each is given once. (What it throws into VS Code's hands, the runner finds in the page.) */
export async function problems(): Promise<string[]> {
  const { errors } = await loupe();
  const fresh = errors().slice(told);
  told += fresh.length;
  return fresh;
}

type PanelName = 'attention' | 'dashboard' | 'generate' | 'merges' | 'compare' | 'start';

/** The tabs that hold one of the extension's panels. */
export function panels(name: PanelName): vscode.Tab[] {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(`llmLoupe.${name}`));
}

/** A panel that is called takes the focus some time later: a text opened before that would lose it again. */
export async function focused(name: PanelName): Promise<void> {
  const { window } = vscode;
  await until(`the panel "${name}" has the focus`, () => {
    const active = window.tabGroups.activeTabGroup.activeTab;
    return !window.activeTextEditor && panels(name).some((tab) => tab === active);
  });
}

/** Answers the list of "Train on This Workspace" until a run is there; gives its name. */
export async function accepted(runs: string): Promise<string> {
  return until(
    'a run begins',
    async () => {
      await vscode.commands.executeCommand('workbench.action.quickOpenSelectNext');
      await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      await sleep(1000);
      assert.deepEqual(await problems(), []);
      return existsSync(runs) ? readdirSync(runs).find((name) => name.startsWith('workspace-')) : null;
    },
    90,
  );
}
