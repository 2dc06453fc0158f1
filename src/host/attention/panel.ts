/**
 * The attention panel's side of the extension: which text it looks at, what it shows, and what passes between it and the
 * editor. The picture itself is the webview's. One panel a window; it comes back after a reload with the same text.
 */
import * as vscode from 'vscode';
import { LoupeError } from '../../core/errors';
import type { AttentionView } from '../../protocol/engine';
import type { AttentionHost, AttentionPanelView, AttentionState } from '../../protocol/panels';
import type { Client, Service } from '../../protocol/rpc';
import { errorMessage, isCancelled } from '../services/errors';
import { attentionPython } from '../services/python';
import type { Services } from '../services/services';
import { copyProgram } from '../webviews/copyProgram';
import { attachPanel, runPanelCommand } from '../webviews/panel';
import { save } from '../webviews/save';
import { blankText, noText } from './empty';
import { attentionKind } from './kind';
import { contextCharacters, contextStart, selectionCharacters, tokenAt, tokenOffsets } from './source';
import { shifted, type TextSource } from './textSource';

/** What is kept for the next window. */
interface Kept {
  readonly source: TextSource | null;
  readonly selectionOnly: boolean;
  readonly pinned: boolean;
}

const key = 'llmLoupe.attention';
const followMs = 250;
/** A picture stays while the next one is computed, unless it takes longer than this. */
const loadingMs = 300;

interface Request {
  readonly model: string;
  readonly context: string;
  readonly text: string;
}

interface Head {
  readonly layer: number;
  readonly head: number;
}

interface Loaded {
  readonly view: AttentionView;
  /** The engine's name of the view: changes when its realm was restarted. */
  engineView: number;
  readonly request: Request;
  readonly document: vscode.TextDocument;
  /** Offset in the document of the first character given to the model. */
  readonly base: number;
}

export class AttentionPanel implements vscode.Disposable {
  private readonly view: Client<AttentionPanelView>;
  private readonly highlight = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor('llmLoupe.tokenHighlight'),
    outline: '1px solid',
    outlineColor: new vscode.ThemeColor('llmLoupe.tokenHighlightBorder'),
  });
  private readonly subscriptions: vscode.Disposable[];
  private source: TextSource | null;
  private selectionOnly: boolean;
  private pinned: boolean;
  private loaded: Loaded | null = null;
  private state: AttentionState = { kind: 'empty', message: noText() };
  /** The head that was asked for with the text. */
  private head: Head | null = null;
  private load: AbortController | null = null;
  private timer: NodeJS.Timeout | undefined;
  private readonly closed = new vscode.EventEmitter<void>();
  readonly onDidClose = this.closed.event;

  constructor(
    context: vscode.ExtensionContext,
    private readonly services: Services,
    readonly panel: vscode.WebviewPanel,
    private readonly memory: vscode.Memento,
  ) {
    const kept = memory.get<Kept>(key);
    this.source = kept?.source ?? null;
    this.selectionOnly = kept?.selectionOnly ?? false;
    this.pinned = kept?.pinned ?? false;
    this.view = attachPanel<AttentionHost, AttentionPanelView>(context, panel, attentionKind(), this.service());
    const { window, workspace } = vscode;
    this.subscriptions = [
      panel.onDidDispose(() => this.dispose()),
      window.onDidChangeTextEditorSelection(({ textEditor, selections }) => this.selectionChanged(textEditor, selections)),
      workspace.onDidChangeTextDocument((change) => this.documentChanged(change)),
      services.models.onDidChange(() => void this.reload()),
    ];
  }

  /** Looks at another text, where asked at one head. */
  async show(source: TextSource, head: Head | null = null): Promise<void> {
    this.source = source;
    this.head = head;
    await this.keep();
    await this.reload();
  }

  /** The text that was asked for has nothing to look at: what was there before would be taken for it. */
  async showBlank(document: vscode.TextDocument): Promise<void> {
    this.load?.abort();
    clearTimeout(this.timer);
    this.source = null;
    this.head = null;
    await this.keep();
    await this.release();
    this.push({ kind: 'empty', message: blankText(vscode.workspace.asRelativePath(document.uri, false)) });
  }

  async reload(): Promise<void> {
    this.load?.abort();
    clearTimeout(this.timer);
    const { source } = this;
    if (!source) return this.push({ kind: 'empty', message: noText() });
    const load = new AbortController();
    this.load = load;
    const model = this.services.models.current;
    const waiting = setTimeout(() => this.push({ kind: 'loading', model: model.name }), this.loaded ? loadingMs : 0);
    try {
      const loaded = await this.attend(source, model.ref, load.signal);
      if (load.signal.aborted) return;
      await this.release();
      this.loaded = loaded;
      this.push(this.ready(false));
    } catch (error) {
      if (load.signal.aborted || isCancelled(error)) return;
      await this.release();
      if (error instanceof LoupeError && error.code === 'text.empty') return this.push({ kind: 'empty', message: noText() });
      const label = vscode.l10n.t('Select Model');
      this.push({ kind: 'error', message: errorMessage(error, { label, command: 'llmLoupe.selectModel' }) });
      this.services.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    } finally {
      clearTimeout(waiting);
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.load?.abort();
    void this.release();
    this.highlight.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
    this.closed.fire();
    this.closed.dispose();
  }

  private service(): Service<AttentionHost> {
    return {
      ready: () => {
        // Restored after a reload: the state of this window is still empty.
        if (this.source && !this.load) void this.reload();
        return this.state;
      },
      thumbnails: (params) => this.ask(params.view, (view) => this.services.engine.inspect.thumbnails({ ...params, view })),
      head: (params, { signal }) => {
        this.keepHead(params);
        return this.ask(params.view, (view) => this.services.engine.inspect.head({ ...params, view }, { signal }));
      },
      row: (params, { signal }) => this.ask(params.view, (view) => this.services.engine.inspect.row({ ...params, view }, { signal })),
      hover: ({ token }) => this.light(token),
      reveal: ({ token }) => this.reveal(token),
      pin: async ({ pinned }) => {
        this.pinned = pinned;
        await this.keep();
        if (this.state.kind === 'ready') this.push({ ...this.state, pinned });
      },
      selectionOnly: async ({ on }) => {
        this.selectionOnly = on;
        await this.keep();
        await this.reload();
      },
      refresh: () => this.reload(),
      command: ({ command }) => runPanelCommand(command),
      save,
      python: ({ view, ...what }) =>
        copyProgram(() =>
          this.ask(view, (engineView, { request, view: shown }) => {
            const { model, context, text } = request;
            return attentionPython(this.services.engine, { model, source: context + text, view: shown, engineView, ...what });
          }),
        ),
    };
  }

  /** Asks the engine about the view on screen; where the engine lost it (its worker was idle), it looks once more. */
  private async ask<T>(view: number, call: (engineView: number, loaded: Loaded) => Promise<T>): Promise<T> {
    const { loaded } = this;
    if (loaded?.view.view !== view) throw new LoupeError('view.gone');
    try {
      return await call(loaded.engineView, loaded);
    } catch (error) {
      if (!(error instanceof LoupeError) || error.code !== 'view.gone') throw error;
      loaded.engineView = (await this.services.engine.inspect.attend(loaded.request)).view;
      return call(loaded.engineView, loaded);
    }
  }

  private async attend(source: TextSource, model: string, signal: AbortSignal): Promise<Loaded> {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(source.uri));
    const length = document.offsetAt(document.lineAt(document.lineCount - 1).range.end);
    // Of what is very long, the beginning; of a paragraph, what is around the cursor.
    const first = source.cursor === null ? source.start : Math.max(source.start, source.cursor - Math.floor(selectionCharacters / 2));
    const start = Math.min(first, length);
    const end = Math.min(source.end, length, start + selectionCharacters);
    const slice = (from: number, to: number) => document.getText(new vscode.Range(document.positionAt(from), document.positionAt(to)));
    const codeUnit = (offset: number) => slice(offset, offset + 1).charCodeAt(0);
    const look = async (from: number, to: number): Promise<Loaded> => {
      const base = this.selectionOnly ? from : contextStart(from, contextCharacters, codeUnit);
      const request = { model, context: slice(base, from), text: slice(from, to), cut: source.cursor === null };
      if (request.text.trim() === '') throw new LoupeError('text.empty');
      const view = await this.services.engine.inspect.attend(request, { signal, latest: 'attend' });
      return { view, engineView: view.view, request, document, base };
    };
    try {
      return await look(start, end);
    } catch (error) {
      // A paragraph that nobody selected is cut to what the model reads, around the cursor.
      if (source.cursor === null || !(error instanceof LoupeError) || error.code !== 'text.tooLong') throw error;
      const share = Number(error.args.limit) / Number(error.args.tokens);
      const room = Math.max(1, Math.floor((end - start) * share * 0.8));
      const from = Math.max(start, Math.min(end - room, source.cursor - Math.floor(room / 2)));
      this.source = { ...source, start: from, end: from + room };
      return look(from, from + room);
    }
  }

  /** A head that was asked for is shown until the reader chooses another. */
  private keepHead({ layer, head }: Head): void {
    if (!this.head || (this.head.layer === layer && this.head.head === head)) return;
    this.head = null;
    if (this.state.kind === 'ready') this.state = { ...this.state, head: null };
  }

  private ready(stale: boolean): AttentionState {
    const { loaded, selectionOnly, pinned } = this;
    if (!loaded) return { kind: 'empty', message: noText() };
    const document = vscode.workspace.asRelativePath(loaded.document.uri, false);
    return { kind: 'ready', view: loaded.view, document, selectionOnly, pinned, stale, head: this.head };
  }

  private push(state: AttentionState): void {
    this.state = state;
    // Closed meanwhile, or not loaded yet: `ready` gives it then.
    this.view.show(state).catch(() => {});
  }

  private selectionChanged(editor: vscode.TextEditor, selections: readonly vscode.Selection[]): void {
    const { document } = editor;
    const selection = selections[0];
    if (!selection || document.uri.scheme === 'output') return;
    if (!selection.isEmpty && !this.pinned) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => {
        const start = document.offsetAt(selection.start);
        const end = document.offsetAt(selection.end);
        const read = document.positionAt(Math.min(end, start + selectionCharacters));
        // White space alone is nothing to look at: the picture stays.
        if (document.getText(new vscode.Range(selection.start, read)).trim() === '') return;
        void this.show({ uri: document.uri.toString(), start, end, cursor: null });
      }, followMs);
    }
    const { loaded } = this;
    if (!loaded || loaded.document !== document || !selection.isEmpty || this.state.kind !== 'ready' || this.state.stale) return;
    const token = tokenAt(loaded.view.tokens, loaded.base, document.offsetAt(selection.active));
    this.view.select({ token }).catch(() => {});
  }

  private documentChanged({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    if (contentChanges.length === 0 || !this.source || document.uri.toString() !== this.source.uri) return;
    this.source = shifted(this.source, contentChanges);
    void this.light(null);
    if (this.state.kind === 'ready' && !this.state.stale) this.push({ ...this.state, stale: true });
    void this.keep();
  }

  private rangeOf(token: number | null): vscode.Range | null {
    const { loaded } = this;
    if (!loaded || token === null || this.state.kind !== 'ready' || this.state.stale) return null;
    const offsets = tokenOffsets(loaded.view.tokens[token], loaded.base);
    return offsets && new vscode.Range(loaded.document.positionAt(offsets.start), loaded.document.positionAt(offsets.end));
  }

  private light(token: number | null): void {
    const range = this.rangeOf(token);
    for (const editor of vscode.window.visibleTextEditors) {
      if (this.loaded && editor.document === this.loaded.document) editor.setDecorations(this.highlight, range ? [range] : []);
    }
  }

  private async reveal(token: number): Promise<void> {
    const range = this.rangeOf(token);
    if (!range || !this.loaded) return;
    const editor = vscode.window.visibleTextEditors.find((each) => each.document === this.loaded!.document);
    const shown =
      editor ?? (await vscode.window.showTextDocument(this.loaded.document, { preserveFocus: true, viewColumn: vscode.ViewColumn.One }));
    shown.selection = new vscode.Selection(range.start, range.start);
    shown.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  private async release(): Promise<void> {
    const { loaded } = this;
    this.light(null);
    this.loaded = null;
    if (loaded) await this.services.engine.inspect.release({ view: loaded.engineView }).catch(() => {});
  }

  private async keep(): Promise<void> {
    const { source, selectionOnly, pinned } = this;
    await this.memory.update(key, { source, selectionOnly, pinned } satisfies Kept);
  }
}
