/** The merges panel's side of the extension: which text, which tokenizer, and what the engine makes of them. */
import * as vscode from 'vscode';
import type { TokenizerRef } from '../../protocol/engine';
import type { MergesHost, MergesPanelView, MergesState, MergesView } from '../../protocol/panels';
import type { Client, Service } from '../../protocol/rpc';
import { errorMessage, isCancelled } from '../services/errors';
import { pieceOfText } from '../services/pieceOfText';
import type { Services } from '../services/services';
import { openTokenizerFiles, type TokenizerItem, tokenizerItems } from '../services/tokenizerItems';
import { attachPanel, type PanelKind } from '../webviews/panel';
import { save } from '../webviews/save';

export const mergesViewType = 'llmLoupe.merges';
const key = 'llmLoupe.merges';

/** Every character takes steps of its own: more could not be looked at one by one. */
const longestText = 200;

/** What the panel is opened on; what is not said stays as it was. */
export interface Asked {
  readonly text?: string;
  readonly tokenizer?: TokenizerRef;
  /** An entry to take apart. */
  readonly token?: number;
}

interface Kept {
  readonly text: string;
  /** Null: that of the active model. */
  readonly tokenizer: TokenizerRef | null;
}

export function mergesKind(): PanelKind {
  return { bundle: 'merges', viewType: mergesViewType, title: vscode.l10n.t('Merges') };
}

export class MergesPanel implements vscode.Disposable {
  private readonly view: Client<MergesPanelView>;
  private readonly subscriptions: vscode.Disposable[];
  private readonly closed = new vscode.EventEmitter<void>();
  readonly onDidClose = this.closed.event;
  private kept: Kept;
  /** Taken apart in the next answer. */
  private token: number | null = null;

  constructor(
    context: vscode.ExtensionContext,
    private readonly services: Services,
    readonly panel: vscode.WebviewPanel,
    private readonly memory: vscode.Memento,
    asked: Asked,
  ) {
    this.kept = memory.get<Kept>(key) ?? { text: firstText(), tokenizer: null };
    this.keep(asked);
    this.view = attachPanel<MergesHost, MergesPanelView>(context, panel, mergesKind(), this.service());
    this.subscriptions = [
      panel.onDidDispose(() => this.dispose()),
      services.models.onDidChange(() => {
        if (this.kept.tokenizer === null) void this.push();
      }),
    ];
  }

  async show(asked: Asked): Promise<void> {
    this.keep(asked);
    await this.push();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.closed.fire();
    this.closed.dispose();
  }

  private keep({ text, tokenizer, token }: Asked): void {
    this.token = token ?? null;
    this.kept = { text: text ?? this.kept.text, tokenizer: tokenizer ?? this.kept.tokenizer };
    void this.memory.update(key, this.kept);
  }

  private service(): Service<MergesHost> {
    return {
      ready: () => this.state(),
      encode: ({ text }) => {
        this.keep({ text });
        return this.state();
      },
      entry: ({ id }) => this.services.engine.text.token({ tokenizer: this.tokenizer, id }),
      chooseTokenizer: () => this.choose(),
      save,
    };
  }

  private get tokenizer(): TokenizerRef {
    return this.kept.tokenizer ?? this.services.models.ref;
  }

  private async push(): Promise<void> {
    const state = await this.state();
    this.view.show(state).catch(() => {});
  }

  private async state(): Promise<MergesState> {
    const { text } = this.services.engine;
    const { tokenizer, token } = this;
    const piece = pieceOfText(this.kept.text, longestText);
    let name = this.kept.tokenizer === null ? this.services.models.current.name : tokenizer;
    try {
      name = (await text.tokenizerInfo({ tokenizer })).name;
      const view = await this.merges(piece.text, tokenizer);
      const entry = token === null ? null : await text.token({ tokenizer, id: token });
      return { ...piece, tokenizer: name, view, entry, error: null };
    } catch (error) {
      if (!isCancelled(error)) this.services.log.warn(`merges: ${error instanceof Error ? error.message : String(error)}`);
      return { ...piece, tokenizer: name, view: null, entry: null, error: errorMessage(error) };
    }
  }

  private async merges(text: string, tokenizer: TokenizerRef): Promise<MergesView> {
    const engine = this.services.engine.text;
    const merging = await engine.merges({ text, tokenizer });
    const ids = [...new Set([...merging.start, ...merging.tokens, ...merging.known.flatMap(({ pair, merged }) => [...pair, merged])])];
    const entries = await engine.tokens({ tokenizer, ids: Uint32Array.from(ids) });
    return { ...merging, entries: entries.map(({ bytes }, i) => ({ id: ids[i]!, bytes })) };
  }

  private async choose(): Promise<void> {
    const { t } = vscode.l10n;
    const items = await tokenizerItems(this.services, [this.tokenizer]);
    const marked = items.map((item) => (item.ref === this.tokenizer ? { ...item, label: `$(check) ${item.label}` } : item));
    const file: TokenizerItem = { ref: '', label: t('Open a tokenizer.json…') };
    const picked = await vscode.window.showQuickPick([...marked, file], { title: t('The tokenizer whose merges are shown') });
    const ref = picked === file ? (await openTokenizerFiles(false))[0] : picked?.ref;
    if (ref !== undefined) await this.show({ tokenizer: ref });
  }
}

/** A long word whose parts a reader knows. */
function firstText(): string {
  return /^fr\b/i.test(vscode.env.language) ? 'anticonstitutionnellement' : 'internationalization';
}
