/**
 * "Loupe: Start Here": one page and VS Code's own walkthrough lead through four things to do. A step is ticked when the thing has
 * been done, from wherever it was asked for. Nothing of it opens by itself.
 */
import * as vscode from 'vscode';
import { type StartState, type StartStep, startSteps } from '../../protocol/panels';
import { isForeign, isOurs } from '../services/layers';
import type { Services } from '../services/services';
import { createPanel } from '../webviews/panel';
import { type Guide, StartPanel, startKind, startViewType } from './panel';
import { Progress, wordToMerge } from './progress';
import { Sample } from './sample';
import { Walkthrough } from './walkthrough';

const minutes = 1;

/** Gives what the reader has done so far. */
export function registerStart(context: vscode.ExtensionContext, services: Services): () => readonly StartStep[] {
  const feature = new StartFeature(context, services);
  context.subscriptions.push(
    feature,
    services.command('llmLoupe.startHere', () => feature.open()),
    services.command('llmLoupe.startStep', (step: unknown) => feature.step(step)),
    services.command('llmLoupe.resetStart', () => feature.reset()),
    vscode.window.registerWebviewPanelSerializer(startViewType, {
      deserializeWebviewPanel: async (panel) => feature.restore(panel),
    }),
  );
  return () => feature.state().done;
}

class StartFeature implements Guide, vscode.Disposable {
  private readonly progress: Progress;
  private readonly sample: Sample;
  private readonly walkthrough = new Walkthrough();
  private readonly subscriptions: vscode.Disposable[];
  private page: StartPanel | null = null;
  /** The last editor of the reader's own text: a page that has the focus leaves none active. */
  private lastEditor = [vscode.window.activeTextEditor].find(isReaders);
  private wantsSample = false;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly services: Services,
  ) {
    this.sample = new Sample(context.extensionUri);
    this.progress = new Progress(context.globalState, () => this.show());
    const { window, workspace } = vscode;
    const { layers, trainingRun } = services;
    this.subscriptions = [
      this.sample,
      this.walkthrough,
      window.onDidChangeActiveTextEditor((editor) => {
        if (!isReaders(editor)) return;
        this.lastEditor = editor;
        this.page?.push();
      }),
      window.tabGroups.onDidChangeTabs(() => this.page?.push()),
      workspace.onDidChangeWorkspaceFolders(() => this.page?.push()),
      workspace.onDidGrantWorkspaceTrust(() => this.page?.push()),
      // What tells that a thing was done, not only asked for.
      services.onDidRun((command) => {
        if (command === 'llmLoupe.showMerges') void this.progress.tick('merges');
        if (command === 'llmLoupe.inspectAttention' && window.visibleTextEditors.some(hasText)) void this.progress.tick('attention');
      }),
      layers.onDidChange((document) => {
        if (layers.of(document) === 'surprise') void this.progress.tick('surprise');
      }),
      trainingRun.onDidChange(() => {
        if (trainingRun.current) void this.progress.tick('train');
      }),
    ];
    this.show();
  }

  open(): void {
    if (this.page) {
      this.page.panel.reveal();
      return;
    }
    const column = vscode.window.activeTextEditor ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
    this.attach(createPanel(startKind(), column, false));
  }

  restore(panel: vscode.WebviewPanel): void {
    if (this.page) panel.dispose();
    else this.attach(panel);
  }

  state(): StartState {
    const text = this.ownText();
    const folder = vscode.workspace.workspaceFolders?.some(({ uri }) => uri.scheme === 'file');
    return {
      done: this.progress.done,
      file: text && nameOf(text),
      onSample: this.wantsSample || text === null,
      training: !folder ? 'noFolder' : vscode.workspace.isTrusted ? 'ready' : 'untrusted',
    };
  }

  /** From the walkthrough, whose links may say anything. */
  async step(step: unknown): Promise<void> {
    const known = startSteps.find((name) => name === step);
    if (known) await this.act(known);
    else this.open();
  }

  async act(step: StartStep): Promise<void> {
    const run = (command: string, ...args: unknown[]) => vscode.commands.executeCommand(`llmLoupe.${command}`, ...args);
    if (step === 'train') return void (await run('trainOnWorkspace', { minutes }));
    if (step === 'merges') {
      const text = this.state().onSample ? null : this.ownText();
      const at = this.lastEditor?.document === text ? text?.offsetAt(this.lastEditor?.selection.active ?? origin) : 0;
      const word = text && wordToMerge(text.getText().slice(0, longest), at ?? 0);
      return void (await run('showMerges', { text: word ?? sampleWord() }));
    }
    const editor = await this.showText();
    if (step === 'attention') await run('inspectAttention');
    else if (this.services.layers.of(editor.document) !== 'surprise') await run('showSurprise');
  }

  useSample(on: boolean): void {
    this.wantsSample = on;
    this.page?.push();
  }

  async reset(): Promise<void> {
    await this.progress.reset();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.page?.panel.dispose();
  }

  private attach(panel: vscode.WebviewPanel): void {
    const page = new StartPanel(this.context, panel, this);
    this.page = page;
    panel.onDidDispose(() => {
      if (this.page === page) this.page = null;
    });
  }

  /** The reader's own text that was looked at last, while it has a tab. */
  private ownText(): vscode.TextDocument | null {
    const document = this.lastEditor?.document;
    return document && isOpen(document) && document.getText().trim() !== '' ? document : null;
  }

  /** Puts the text of the steps in front, where it stands already or in the first column, and gives its editor. */
  private async showText(): Promise<vscode.TextEditor> {
    const { onSample } = this.state();
    const document = (!onSample && this.ownText()) || (await this.sample.open());
    const visible = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
    const viewColumn = visible?.viewColumn ?? vscode.ViewColumn.One;
    return vscode.window.showTextDocument(document, { viewColumn, preview: onSample });
  }

  private show(): void {
    const { done } = this.progress;
    this.walkthrough.show(done);
    this.page?.push();
  }
}

const origin = new vscode.Position(0, 0);
/** Characters in which a word is looked for. */
const longest = 100_000;

/** A document outlives its tab for minutes. */
function isOpen(document: vscode.TextDocument): boolean {
  const { tabGroups, visibleTextEditors } = vscode.window;
  if (visibleTextEditors.some((editor) => editor.document === document)) return true;
  const uri = document.uri.toString();
  return tabGroups.all.some(({ tabs }) => tabs.some(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === uri));
}

/** An editor of the reader's own text. */
function isReaders(editor: vscode.TextEditor | undefined): editor is vscode.TextEditor {
  return editor !== undefined && !isForeign(editor.document) && !isOurs(editor.document);
}

function hasText({ document }: vscode.TextEditor): boolean {
  return !isForeign(document) && document.lineCount > 0 && document.getText().trim() !== '';
}

function nameOf({ uri, isUntitled, fileName }: vscode.TextDocument): string {
  return (isUntitled ? fileName : uri.path).split('/').pop() ?? fileName;
}

function sampleWord(): string {
  return /^fr\b/i.test(vscode.env.language) ? 'anticonstitutionnellement' : 'internationalization';
}
