/** The side of the extension of the panel that compares tokenizers: which text, which tokenizers, and what each makes of it. */
import * as vscode from 'vscode';
import type { TokenizerRef } from '../../protocol/engine';
import type { ComparedRow, CompareHost, ComparePanelView, CompareState } from '../../protocol/panels';
import type { Client, Service } from '../../protocol/rpc';
import { errorText } from '../services/errors';
import { pieceOfText } from '../services/pieceOfText';
import type { Services } from '../services/services';
import { openTokenizerFiles, type TokenizerItem, tokenizerItems } from '../services/tokenizerItems';
import { attachPanel, type PanelKind } from '../webviews/panel';
import { save } from '../webviews/save';
import { parallel } from './parallel';
import { comparedRows } from './rows';

export const compareViewType = 'llmLoupe.compare';
const key = 'llmLoupe.compare';

/** More could not be looked at, chip under chip. */
const longestText = 2_000;
const mostRows = 4;

interface Kept {
  readonly text: string | null;
  /** Null: those one would want to see first. */
  readonly refs: readonly TokenizerRef[] | null;
}

export function compareKind(): PanelKind {
  return { bundle: 'compare', viewType: compareViewType, title: vscode.l10n.t('Tokenizers') };
}

export class ComparePanel implements vscode.Disposable {
  private readonly view: Client<ComparePanelView>;
  private readonly subscriptions: vscode.Disposable[];
  private readonly closed = new vscode.EventEmitter<void>();
  readonly onDidClose = this.closed.event;
  private kept: Kept;

  constructor(
    context: vscode.ExtensionContext,
    private readonly services: Services,
    readonly panel: vscode.WebviewPanel,
    private readonly memory: vscode.Memento,
    text: string | null,
  ) {
    this.kept = memory.get<Kept>(key) ?? { text: null, refs: null };
    if (text !== null) this.keep({ text });
    this.view = attachPanel<CompareHost, ComparePanelView>(context, panel, compareKind(), this.service());
    this.subscriptions = [
      panel.onDidDispose(() => this.dispose()),
      services.models.onDidChange(() => {
        if (this.kept.refs === null) void this.push();
      }),
    ];
  }

  async show(text: string | null): Promise<void> {
    if (text !== null) this.keep({ text });
    await this.push();
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.closed.fire();
    this.closed.dispose();
  }

  private keep(change: Partial<Kept>): void {
    this.kept = { ...this.kept, ...change };
    void this.memory.update(key, this.kept);
  }

  private service(): Service<CompareHost> {
    return {
      ready: () => this.state(),
      compare: ({ text }) => {
        this.keep({ text });
        return this.state();
      },
      remove: ({ ref }) => {
        this.keep({ refs: this.refs.filter((each) => each !== ref) });
        return this.state();
      },
      choose: () => this.choose(),
      merges: async ({ ref, text, token }) => {
        await vscode.commands.executeCommand('llmLoupe.showMerges', { text, tokenizer: ref, token });
      },
      save,
    };
  }

  private get refs(): readonly TokenizerRef[] {
    return comparedRows(this.kept.refs, this.services.models.ref);
  }

  private async push(): Promise<void> {
    const state = await this.state();
    this.view.show(state).catch(() => {});
  }

  private async state(): Promise<CompareState> {
    const language = /^fr\b/i.test(vscode.env.language) ? 'french' : 'english';
    const piece = pieceOfText(this.kept.text ?? parallel[language], longestText);
    const rows = await Promise.all(this.refs.map((ref) => this.row(ref, piece.text)));
    const source = vscode.l10n.t('Universal Declaration of Human Rights, article 1');
    return { ...piece, rows, parallel: { ...parallel, source }, most: mostRows };
  }

  /** A tokenizer that cannot be read leaves the others alone. */
  private async row(ref: TokenizerRef, text: string): Promise<ComparedRow> {
    const engine = this.services.engine.text;
    try {
      const { name, vocabSize } = await engine.tokenizerInfo({ tokenizer: ref });
      const [own, french, english] = await engine.encode({ texts: [text, parallel.french, parallel.english], tokenizer: ref });
      return { ref, name, vocabSize, tokens: own!, error: null, french: french!.ids.length, english: english!.ids.length };
    } catch (error) {
      return { ref, name: ref, vocabSize: null, tokens: null, error: errorText(error), french: null, english: null };
    }
  }

  private async choose(): Promise<void> {
    const { t } = vscode.l10n;
    const { refs } = this;
    const items = (await tokenizerItems(this.services, refs)).map((item) => ({ ...item, picked: refs.includes(item.ref) }));
    const file: TokenizerItem = { ref: '', label: t('Open a tokenizer.json…') };
    const picked = await pickAtMost([...items, file], mostRows);
    if (!picked) return;
    const chosen = picked.map(({ ref }) => ref).filter((ref) => ref !== '');
    if (picked.includes(file)) chosen.push(...(await openTokenizerFiles(true)));
    // Those that were there keep their place; new ones go to the end.
    const order = (ref: string) => (refs.includes(ref) ? refs.indexOf(ref) : refs.length);
    this.keep({ refs: [...new Set(chosen)].sort((a, b) => order(a) - order(b)).slice(0, mostRows) });
    await this.push();
  }
}

/** VS Code's list for several; a choice beyond the limit is taken back, and the list says so. */
function pickAtMost(items: readonly (TokenizerItem & { picked?: boolean })[], most: number): Promise<readonly TokenizerItem[] | undefined> {
  const { t } = vscode.l10n;
  const pick = vscode.window.createQuickPick<TokenizerItem>();
  pick.canSelectMany = true;
  pick.title = t('Tokenizers to compare: at most {0}', most);
  pick.items = items;
  pick.selectedItems = items.filter(({ picked }) => picked);
  let last = pick.selectedItems;
  return new Promise((resolve) => {
    pick.onDidChangeSelection((selected) => {
      if (selected.length > most) pick.selectedItems = last;
      else last = selected;
      pick.placeholder = selected.length >= most ? t('Untick one to choose another') : '';
    });
    pick.onDidAccept(() => {
      resolve(pick.selectedItems.length > 0 ? pick.selectedItems : undefined);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}
