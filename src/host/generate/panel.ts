/** The generation panel's side of the extension: passes on what the model writes, step by step, and remembers the prompt. */
import * as vscode from 'vscode';
import { LoupeError } from '../../core/errors';
import type { SampleSettings } from '../../core/sample/types';
import type { GenerateHost, GeneratePanelView, GenerateState } from '../../protocol/panels';
import type { Client, Service } from '../../protocol/rpc';
import { errorMessage, isCancelled } from '../services/errors';
import { locale } from '../services/locale';
import { openCopied } from '../services/openCopied';
import { distributionPython } from '../services/python';
import { stepOf } from '../services/runSteps';
import type { Services } from '../services/services';
import { copyProgram } from '../webviews/copyProgram';
import { attachPanel, type PanelKind, runPanelCommand } from '../webviews/panel';
import { save } from '../webviews/save';
import { atMost, isWorse, judgedMs, kindOf, worseWords } from './comparison';
import { smallModelNotice, untrainedNotice } from './notice';
import { comparisonWanted, ghostSettings, hideComparison } from './settings';

export const generateViewType = 'llmLoupe.generate';
const key = 'llmLoupe.generate';

interface Kept {
  readonly prompt: string;
  readonly settings: SampleSettings;
  readonly maxTokens: number;
}

export function generateKind(): PanelKind {
  return { bundle: 'generate', viewType: generateViewType, title: vscode.l10n.t('Generation') };
}

export class GeneratePanel implements vscode.Disposable {
  private readonly view: Client<GeneratePanelView>;
  private readonly subscriptions: vscode.Disposable[];
  private readonly closed = new vscode.EventEmitter<void>();
  readonly onDidClose = this.closed.event;
  private kept: Kept;
  /** What wrote the last text. */
  private writer: string;
  private measured: { ref: string; bitsPerByte: number | null; untrained: boolean } | null = null;

  constructor(
    context: vscode.ExtensionContext,
    private readonly services: Services,
    readonly panel: vscode.WebviewPanel,
    private readonly memory: vscode.Memento,
    private readonly editor: { insert(text: string): Promise<void>; languageId(): string },
  ) {
    this.writer = services.models.ref;
    this.kept = memory.get<Kept>(key) ?? { prompt: '', ...ghostSettings() };
    this.view = attachPanel<GenerateHost, GeneratePanelView>(context, panel, generateKind(), this.service());
    this.subscriptions = [
      panel.onDidDispose(() => this.dispose()),
      services.models.onDidChange(() => {
        this.push(null);
        void this.measure();
        void this.compare();
      }),
    ];
    void this.measure();
  }

  prompt(prompt: string): void {
    this.kept = { ...this.kept, prompt };
    void this.memory.update(key, this.kept);
    this.push(null);
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.closed.fire();
    this.closed.dispose();
  }

  private service(): Service<GenerateHost> {
    return {
      ready: () => {
        void this.compare();
        return this.state(null);
      },
      generate: async ({ prompt, maxTokens, settings }, { signal, progress }) => {
        this.kept = { prompt, maxTokens, settings };
        this.writer = this.services.models.ref;
        await Promise.all([this.memory.update(key, this.kept), atMost(judgedMs, this.compare())]);
        try {
          const { text, finish, tokensPerSecond, ...made } = await this.services.engine.inspect.generate(
            { model: this.writer, prompt, maxTokens, stop: [], settings },
            { signal, onProgress: progress },
          );
          return { text, finish, tokensPerSecond, made: plain(made) };
        } catch (error) {
          if (!isCancelled(error)) this.push(error);
          throw error;
        }
      },
      made: async ({ prompt }) => {
        return plain(await this.services.engine.inspect.prompted({ model: this.writer, prompt }));
      },
      insert: ({ text }) => this.editor.insert(text),
      copies: async ({ text }, { signal }) => {
        const found = await this.services.engine.text.copies({ model: this.writer, texts: [text] }, { signal });
        return found?.[0] ?? null;
      },
      openCopied,
      hideComparison: async () => {
        await hideComparison();
        await this.compare();
      },
      command: ({ command }) => runPanelCommand(command),
      save,
      python: (picture) => copyProgram(() => distributionPython(this.services.engine, { model: this.writer, ...picture })),
    };
  }

  /** Whether counting bytes would do better, said beside the prompt. */
  private async compare(): Promise<void> {
    const { ref } = this.services.models;
    const kind = kindOf(this.editor.languageId(), this.kept.prompt);
    const judged = comparisonWanted() ? await this.services.engine.text.judged({ model: ref, kind }).catch(() => null) : null;
    if (ref !== this.services.models.ref) return;
    await this.view.compared({ words: isWorse(judged) ? worseWords(judged, locale()) : null }).catch(() => {});
  }

  /** How well a model that was trained here does, as far as its run says. */
  private async measure(): Promise<void> {
    const { ref } = this.services.models;
    const [, id] = /^run:([^@]+)/.exec(ref) ?? [];
    if (id === undefined) return;
    const { text } = this.services.engine;
    const run = (await text.runs({}).catch(() => [])).find((each) => each.id === id);
    if (!run) return;
    const step = stepOf(ref, id);
    // Who looks back at an earlier step is told of that one.
    const bitsPerByte = step === null ? run.bitsPerByte : await this.evaluated(id, step).catch(() => null);
    this.measured = { ref, bitsPerByte, untrained: step === 0 && run.from === null };
    // Not the whole state, which would take away what is written meanwhile.
    if (ref === this.services.models.ref) await this.view.noticed({ notice: this.notice }).catch(() => {});
  }

  /** By the last evaluation up to a step; null before the first. */
  private async evaluated(run: string, step: number): Promise<number | null> {
    const { events } = await this.services.engine.text.runEvents({ run, from: 0 });
    let bitsPerByte: number | null = null;
    for (const event of events) if (event.type === 'eval' && event.step <= step) bitsPerByte = event.bitsPerByte;
    return bitsPerByte;
  }

  private push(error: unknown): void {
    this.view.show(this.state(error)).catch(() => {});
  }

  /** What ships and what is trained here is small; of a folder nothing is known. */
  private get notice(): string | null {
    const { ref } = this.services.models;
    if (ref !== 'starter' && !ref.startsWith('run:')) return null;
    const measured = this.measured?.ref === ref ? this.measured : null;
    return measured?.untrained ? untrainedNotice(locale()) : smallModelNotice(measured?.bitsPerByte ?? null, locale());
  }

  private state(error: unknown): GenerateState {
    const label = vscode.l10n.t('Select Model');
    return {
      model: this.services.models.current.name,
      ...this.kept,
      notice: this.notice,
      error: error === null ? null : errorMessage(error, { label, command: 'llmLoupe.selectModel' }),
    };
  }
}

/** With the ids as numbers that a message holds. */
function plain<T extends { readonly prompt: Uint32Array }>(made: T): Omit<T, 'prompt'> & { prompt: number[] } {
  return { ...made, prompt: Array.from(made.prompt) };
}

/** Puts a text at the cursor of an editor, as one step to undo. */
export async function insertText(editor: vscode.TextEditor | undefined, text: string): Promise<void> {
  if (!editor || editor.document.isClosed) throw new LoupeError('text.noEditor');
  const { document, selection } = editor;
  const shown = await vscode.window.showTextDocument(document, editor.viewColumn ?? vscode.ViewColumn.One);
  await shown.edit((edit) => edit.insert(selection.active, text));
}
