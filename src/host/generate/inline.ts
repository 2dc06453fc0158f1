/**
 * "Loupe: Generate": what the model writes at the cursor, as ghost text. It shows only after the command, streams, and
 * leaves the file as it is until Tab. Esc, an edit at its place or another editor ends it. A model that counting bytes would
 * beat is said to be so before it writes, and for as long as its text waits.
 */
import * as vscode from 'vscode';
import { LoupeError } from '../../core/errors';
import type { Judged, ModelRef, TextKind } from '../../protocol/engine';
import type { NamedModel } from '../services/activeModel';
import { isCancelled } from '../services/errors';
import { locale } from '../services/locale';
import type { Services } from '../services/services';
import { statusName } from '../services/statusName';
import { atMost, isWorse, judgedMs, kindOf, worseWords } from './comparison';
import { CopiedMarks } from './copiedMarks';
import { type Ghost, moveGhost } from './ghost';
import { comparisonWanted, ghostSettings } from './settings';

/** Characters before the cursor that the model is given: more than a model of this size can read. */
export const promptCharacters = 16_000;
/** Between two drawings: each costs more than a token. */
const redrawMs = 200;

interface Writing {
  readonly editor: vscode.TextEditor;
  readonly model: NamedModel;
  readonly abort: AbortController;
  judged: Judged | null;
  ghost: Ghost;
  done: boolean;
}

export class GhostText implements vscode.InlineCompletionItemProvider, vscode.Disposable {
  private readonly status = vscode.window.createStatusBarItem('llmLoupe.generate', vscode.StatusBarAlignment.Left, -2);
  private readonly subscriptions: vscode.Disposable[];
  private registration: vscode.Disposable;
  private writing: Writing | null = null;
  private drawing: Promise<void> | null = null;
  /** What is shown is older than the ghost. */
  private stale = false;

  private readonly marks: CopiedMarks;

  constructor(private readonly services: Services) {
    this.marks = new CopiedMarks(services);
    this.status.name = vscode.l10n.t('Generation');
    this.status.command = 'llmLoupe.cancelGeneration';
    this.registration = this.register();
    this.subscriptions = [
      this.status,
      this.marks,
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => this.edited(document, contentChanges)),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor, kind }) => this.moved(textEditor, kind)),
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (this.writing && editor !== this.writing.editor) this.end();
      }),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (this.writing && change.affectsConfiguration('llmLoupe.generate.comparison')) this.tell(this.writing);
      }),
    ];
  }

  async generate(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (!editor) throw new LoupeError('text.noEditor');
    this.end();
    this.marks.clear();
    const { document } = editor;
    // A selection is left as it is: the text goes on after it.
    const at = editor.selection.end;
    editor.selection = new vscode.Selection(at, at);
    const anchor = document.offsetAt(at);
    const from = document.positionAt(Math.max(0, anchor - promptCharacters));
    const model = this.services.models.current;
    const writing: Writing = { editor, model, abort: new AbortController(), judged: null, ghost: { anchor, text: '' }, done: false };
    this.writing = writing;
    await vscode.commands.executeCommand('setContext', 'llmLoupe.ghost', true);
    this.tell(writing);
    const prompt = document.getText(new vscode.Range(from, at));
    await atMost(judgedMs, this.compare(writing, kindOf(document.languageId, prompt)));
    if (this.writing !== writing) return;
    const { maxTokens, settings } = ghostSettings();
    try {
      await this.services.engine.inspect.generate(
        { model: model.ref, prompt, maxTokens, stop: [], settings },
        {
          signal: writing.abort.signal,
          latest: 'ghost',
          onProgress: (step) => {
            if (this.writing !== writing) return;
            writing.ghost = { ...writing.ghost, text: writing.ghost.text + step.text };
            void this.draw();
          },
        },
      );
      if (this.writing !== writing) return;
      writing.done = true;
      this.tell(writing);
      this.marks.compare(model.ref, writing.ghost.text);
      if (writing.ghost.text === '') this.end();
      // Not waited for: somebody who edits on and on has it drawn on and on.
      else void this.draw();
    } catch (error) {
      if (this.writing === writing) this.end();
      if (!isCancelled(error)) throw error;
    }
  }

  provideInlineCompletionItems(document: vscode.TextDocument, position: vscode.Position): vscode.InlineCompletionItem[] {
    const { writing } = this;
    if (!writing || writing.editor.document !== document || writing.ghost.text === '') return [];
    if (document.offsetAt(position) !== writing.ghost.anchor) return [];
    const { text } = writing.ghost;
    const item = new vscode.InlineCompletionItem(text, new vscode.Range(position, position));
    const command = 'llmLoupe.generationAccepted';
    item.command = { title: vscode.l10n.t('Accepted'), command, arguments: [writing.model.ref, text] };
    return [item];
  }

  /** The user took it, or what was drawn of it: it may have been written further. */
  async accept(model: ModelRef, text: string): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    this.end();
    if (editor) await this.marks.accepted(editor, model, text);
  }

  /** Ends it and hides what is shown. */
  async cancel(): Promise<void> {
    this.end();
    this.marks.clear();
    await vscode.commands.executeCommand('editor.action.inlineSuggest.hide');
  }

  /** The text is in the document now (or the user has gone elsewhere): nothing waits any more. */
  end(): void {
    const { writing } = this;
    if (!writing) return;
    this.writing = null;
    writing.abort.abort();
    this.status.hide();
    void vscode.commands.executeCommand('setContext', 'llmLoupe.ghost', false);
  }

  dispose(): void {
    this.end();
    this.registration.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** Says, where it is so, that counting bytes would do better; however late it is known. */
  private async compare(writing: Writing, kind: TextKind | null): Promise<void> {
    if (!comparisonWanted()) return;
    const { model, abort } = writing;
    writing.judged = await this.services.engine.text.judged({ model: model.ref, kind }, { signal: abort.signal }).catch(() => null);
    if (this.writing === writing) this.tell(writing);
  }

  /** In the status bar: who writes, and that it is worse than counting; the latter alone while what it wrote waits. */
  private tell({ model, judged, done }: Writing): void {
    const { t } = vscode.l10n;
    const worse = isWorse(judged) && comparisonWanted();
    if (done && !worse) {
      this.status.hide();
      return;
    }
    const words = [...(done ? [] : [t('{0} writes…', statusName(model.name))]), ...(worse ? [t('worse than counting five bytes')] : [])];
    this.status.text = `$(${done ? 'info' : 'loading~spin'}) ${words.join(' · ')}`;
    const stop = done ? t('Click or press Esc to take the text away.') : t('Click or press Esc to stop.');
    const off = `[${t('Do not compare')}](command:llmLoupe.hideComparison)`;
    const tooltip = new vscode.MarkdownString(worse ? `${worseWords(judged, locale())}\n\n${stop}\n\n${off}` : stop);
    tooltip.isTrusted = { enabledCommands: ['llmLoupe.hideComparison'] };
    this.status.tooltip = tooltip;
    this.status.show();
  }

  private register(): vscode.Disposable {
    return vscode.languages.registerInlineCompletionItemProvider({ pattern: '**' }, this);
  }

  /** Shows the ghost as it is now: one drawing at a time, not too many a second, the last one always. */
  private draw(): Promise<void> {
    this.stale = true;
    this.drawing ??= this.drawAll().finally(() => {
      this.drawing = null;
    });
    return this.drawing;
  }

  private async drawAll(): Promise<void> {
    while (this.stale && this.writing) {
      this.stale = false;
      // VS Code asks the same provider no second time at the same place of the same text; a new one it does ask, and keeps
      // what is shown before what that answers, so that nothing blinks: the next one is then the newest.
      const before = this.registration;
      this.registration = this.register();
      before.dispose();
      await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
      if (!this.writing) return;
      await vscode.commands.executeCommand('editor.action.inlineSuggest.showNext');
      if (this.stale || !this.writing?.done) await new Promise((resolve) => setTimeout(resolve, redrawMs));
    }
  }

  private edited(document: vscode.TextDocument, changes: readonly vscode.TextDocumentContentChangeEvent[]): void {
    const { writing } = this;
    if (!writing || writing.editor.document !== document || changes.length === 0) return;
    const moved = moveGhost(writing.ghost, changes);
    if (!moved) {
      this.end();
      return;
    }
    writing.ghost = moved;
    void this.draw();
  }

  /** The user moved the cursor away: nothing is left there. Edits elsewhere move it too, but by themselves. */
  private moved(editor: vscode.TextEditor, kind: vscode.TextEditorSelectionChangeKind | undefined): void {
    const { writing } = this;
    if (!writing || editor !== writing.editor || kind === undefined) return;
    if (editor.document.offsetAt(editor.selection.active) !== writing.ghost.anchor) void this.cancel();
  }
}
