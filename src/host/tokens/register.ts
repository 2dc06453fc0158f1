/** Tokens in the editor, and how many: of every selection, and of the whole text where "Show Tokens" is on. */
import * as vscode from 'vscode';
import { errorText, isCancelled } from '../services/errors';
import { isForeign } from '../services/layers';
import { locale } from '../services/locale';
import type { Services } from '../services/services';
import { TokenHover } from './hover';
import { Mirror } from './mirror';
import { Painter } from './painter';
import { statusLines, statusText, type TokenCount } from './text';
import { Tokenizers } from './tokenizers';

const restMs = 200;
/** A long text is not counted at every key. */
const countRestMs = 500;
const shortest = 2;
const longest = 4_000;

export function registerTokens(context: vscode.ExtensionContext, services: Services): void {
  const feature = new TokensFeature(services);
  const { command } = services;
  context.subscriptions.push(
    feature,
    command('llmLoupe.showTokens', () => feature.toggleShown()),
    command('llmLoupe.chooseTokenizers', () => feature.tokenizers.choose()),
    command('llmLoupe.toggleTokensHere', () => feature.toggleHere()),
    command('llmLoupe.tokensMenu', () => feature.menu()),
  );
}

class TokensFeature implements vscode.Disposable {
  readonly tokenizers: Tokenizers;
  private readonly mirror: Mirror;
  private readonly painter: Painter;
  private readonly status = vscode.window.createStatusBarItem('llmLoupe.tokens', vscode.StatusBarAlignment.Right, 95);
  private readonly subscriptions: vscode.Disposable[];
  /** Documents (by URI) where selections show no tokens. */
  private readonly off = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  /** What the status bar counts where nothing is selected: it stays while only the cursor moves. */
  private counted: { readonly document: vscode.TextDocument; readonly version: number; readonly refs: string } | null = null;
  /** The setting `onSelection`; asking VS Code at every key would cost more than all the rest. */
  private onSelection = onSelection();

  constructor(private readonly services: Services) {
    this.tokenizers = new Tokenizers(services);
    this.mirror = new Mirror(services.engine);
    this.painter = new Painter(this.mirror);
    this.status.name = vscode.l10n.t('Tokens');
    this.status.command = 'llmLoupe.tokensMenu';
    const { window, workspace, languages } = vscode;
    this.subscriptions = [
      this.tokenizers,
      this.mirror,
      this.painter,
      this.status,
      window.onDidChangeTextEditorSelection(({ textEditor }) => this.selectionChanged(textEditor)),
      window.onDidChangeActiveTextEditor((editor) => (editor ? this.selectionChanged(editor) : this.hide())),
      window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => this.refresh(textEditor)),
      window.onDidChangeVisibleTextEditors((editors) => {
        for (const editor of editors) this.refresh(editor);
      }),
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length === 0) return;
        for (const editor of window.visibleTextEditors) if (editor.document === document) this.refresh(editor);
        const { activeTextEditor } = window;
        if (activeTextEditor?.document === document && this.wanted(activeTextEditor) === 'document')
          this.selectionChanged(activeTextEditor);
      }),
      workspace.onDidCloseTextDocument((document) => {
        this.off.delete(document.uri.toString());
      }),
      workspace.onDidChangeConfiguration((change) => {
        if (!change.affectsConfiguration('llmLoupe.tokens')) return;
        this.onSelection = onSelection();
        this.refreshAll();
      }),
      services.models.onDidChange(() => this.refreshAll()),
      services.layers.onDidChange((document) => this.layerChanged(document)),
      languages.registerHoverProvider({ pattern: '**' }, new TokenHover(services, this.painter, this.tokenizers.name)),
    ];
    // What was selected before the extension was there.
    if (window.activeTextEditor) this.selectionChanged(window.activeTextEditor);
  }

  toggleShown(): void {
    if (this.services.layers.toggle('tokens')) return;
    void vscode.window.showInformationMessage(vscode.l10n.t('Open a text first: its tokens are shown in its editor.'));
  }

  toggleHere(): void {
    const editor = vscode.window.activeTextEditor;
    if (!editor) return;
    const uri = editor.document.uri.toString();
    // What the user sees decides: turned off here or everywhere, it comes back.
    if (this.onSelection && !this.off.has(uri)) this.off.add(uri);
    else this.off.delete(uri);
    if (!this.onSelection) void setOnSelection(true);
    this.selectionChanged(editor);
  }

  async menu(): Promise<void> {
    const { t } = vscode.l10n;
    const editor = vscode.window.activeTextEditor;
    const layer = editor && this.services.layers.of(editor.document);
    const whole = layer === 'tokens';
    type Item = vscode.QuickPickItem & { run: () => unknown };
    const items: Item[] = [
      { label: t('Choose tokenizers…'), run: () => this.tokenizers.choose() },
      {
        label: whole ? t('Hide the tokens of the whole editor') : t('Show the tokens of the whole editor'),
        run: () => this.toggleShown(),
      },
      {
        label: layer === 'surprise' ? t('Hide surprise') : t('Show surprise'),
        description: t('which tokens the model did not expect'),
        run: () => vscode.commands.executeCommand('llmLoupe.showSurprise'),
      },
      { label: t('Inspect attention'), run: () => vscode.commands.executeCommand('llmLoupe.inspectAttention') },
      { label: t('Turn off here'), description: t('no tokens of selections in this file'), run: () => this.toggleHere() },
      { label: t('Turn off everywhere'), description: 'llmLoupe.tokens.onSelection', run: () => setOnSelection(false) },
    ];
    const picked = await vscode.window.showQuickPick(items, { title: t('Tokens'), placeHolder: this.status.text });
    await picked?.run();
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** `elsewhere`: another layer covers the text, the tokens of selections are only counted. */
  private wanted({ document }: vscode.TextEditor): 'document' | 'selection' | 'elsewhere' | 'nothing' {
    if (isForeign(document)) return 'nothing';
    const layer = this.services.layers.of(document);
    if (layer === 'tokens') return 'document';
    if (!this.onSelection || this.off.has(document.uri.toString())) return 'nothing';
    return layer ? 'elsewhere' : 'selection';
  }

  private layerChanged(document: vscode.TextDocument): void {
    if (this.services.layers.of(document) !== 'tokens') {
      this.mirror.close(document);
      for (const editor of vscode.window.visibleTextEditors) if (editor.document === document) this.painter.clear(editor);
    }
    this.refreshAll();
  }

  private refreshAll(): void {
    for (const editor of vscode.window.visibleTextEditors) this.refresh(editor);
    const active = vscode.window.activeTextEditor;
    if (active) this.selectionChanged(active);
  }

  /** Paints the whole-editor layer of an editor where it is on. */
  private refresh(editor: vscode.TextEditor): void {
    const wanted = () => this.wanted(editor) === 'document' && vscode.window.visibleTextEditors.includes(editor);
    if (!wanted()) return;
    this.painter.document(editor, this.tokenizers.first, wanted).catch((error) => this.failed(error));
  }

  /** Bands of an old selection go at once where they would lie; new ones come after a rest. */
  private selectionChanged(editor: vscode.TextEditor): void {
    const wanted = this.wanted(editor);
    const selections = chosen(editor);
    const useful = wanted !== 'nothing' && selections.length > 0;
    if (wanted !== 'document' && !useful) this.painter.clear(editor);
    // The cursor moves the window of a very long line.
    if (wanted === 'document') this.refresh(editor);
    if (editor !== vscode.window.activeTextEditor) return;
    clearTimeout(this.timer);
    if (useful) this.timer = setTimeout(() => void this.show(editor).catch((error) => this.failed(error)), restMs);
    else if (wanted === 'document')
      this.timer = setTimeout(() => void this.count(editor).catch((error) => this.failed(error)), countRestMs);
    else this.hide();
  }

  private hide(): void {
    this.counted = null;
    this.status.hide();
  }

  /** The tokens of the whole text. */
  private async count({ document }: vscode.TextEditor): Promise<void> {
    const { version } = document;
    const refs = [...this.tokenizers.refs];
    const now = { document, version, refs: refs.join('\n') };
    const { counted } = this;
    if (counted?.document === document && counted.version === version && counted.refs === now.refs) return;
    const [found, names] = await Promise.all([this.mirror.count(document, version, refs), Promise.all(refs.map(this.tokenizers.name))]);
    const active = vscode.window.activeTextEditor;
    if (!found || active?.document !== document || this.wanted(active) !== 'document' || chosen(active).length > 0) return;
    this.tell(
      names.map((name, i) => ({ name, tokens: found.counts[i]! })),
      found.characters,
      [vscode.l10n.t('The whole text:')],
    );
    this.counted = now;
  }

  private async show(editor: vscode.TextEditor): Promise<void> {
    const { document } = editor;
    const { version } = document;
    const ranges = chosen(editor);
    const texts = ranges.map((each) => document.getText(each));
    const refs = this.tokenizers.refs;
    const { text } = this.services.engine;
    const current = () => document.version === version && same(ranges, chosen(editor));
    // Counting may load another vocabulary first: the bands do not wait for it.
    const shows = () => current() && this.wanted(editor) === 'selection';
    const painted = text.encode({ texts, tokenizer: refs[0]! }, { latest: 'selection' }).then(async (tokens) => {
      if (!shows()) return;
      const selections = ranges.map((range, i) => ({ range, text: texts[i]!, tokens: tokens[i]! }));
      await this.painter.selections(editor, selections, refs[0]!, shows);
    });
    const [counts, names] = await Promise.all([
      text.count({ texts, tokenizers: [...refs] }, { latest: 'count' }),
      Promise.all(refs.map(this.tokenizers.name)),
      painted,
    ]);
    if (!current()) return;
    const facts = names.map((name, i) => ({ name, tokens: counts[i]! }));
    this.counted = null;
    this.tell(
      facts,
      texts.reduce((sum, each) => sum + [...each].length, 0),
      [],
    );
  }

  private tell(facts: readonly TokenCount[], characters: number, before: readonly string[]): void {
    const lines = [...before, ...statusLines(facts, characters, locale())];
    this.status.text = statusText(facts, locale());
    this.status.tooltip = [...lines, '', vscode.l10n.t('Click to choose tokenizers or to turn this off.')].join('\n');
    this.status.accessibilityInformation = { label: lines.join(', ') };
    this.status.show();
  }

  /** Nobody asked with a command: the status item says it, the log has it. */
  private failed(error: unknown): void {
    if (isCancelled(error)) return;
    this.services.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    this.counted = null;
    this.status.text = `$(warning) ${vscode.l10n.t('tokens')}`;
    this.status.tooltip = errorText(error);
    this.status.show();
  }
}

function onSelection(): boolean {
  return vscode.workspace.getConfiguration('llmLoupe.tokens').get('onSelection', true);
}

async function setOnSelection(on: boolean): Promise<void> {
  await vscode.workspace.getConfiguration('llmLoupe.tokens').update('onSelection', on, vscode.ConfigurationTarget.Global);
}

/** The selections that are shown: none where all together are too short or too long. */
function chosen(editor: vscode.TextEditor): vscode.Range[] {
  const { document } = editor;
  const ranges = editor.selections.filter((selection) => !selection.isEmpty);
  const eol = document.eol === vscode.EndOfLine.CRLF ? 2 : 1;
  let length = 0;
  for (const range of ranges) {
    // Neither offsets nor the text itself, before it is known to be short.
    if (range.end.line - range.start.line > longest) return [];
    for (let line = range.start.line; line <= range.end.line && length <= longest; line++) {
      const from = line === range.start.line ? range.start.character : 0;
      length += (line === range.end.line ? range.end.character : document.lineAt(line).text.length + eol) - from;
    }
  }
  return length >= shortest && length <= longest ? ranges.map(({ start, end }) => new vscode.Range(start, end)) : [];
}

function same(a: readonly vscode.Range[], b: readonly vscode.Range[]): boolean {
  return a.length === b.length && a.every((range, i) => range.isEqual(b[i]!));
}
