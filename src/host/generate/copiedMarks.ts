/**
 * What of a ghost text was copied from the training text: said in the status bar while it waits and after it is accepted, and
 * underlined in the document for some seconds then (a ghost text itself cannot be underlined).
 */
import * as vscode from 'vscode';
import type { Copied, Copy, ModelRef } from '../../protocol/engine';
import type { CopiedFrom } from '../../protocol/panels';
import { isCancelled } from '../services/errors';
import { locale } from '../services/locale';
import { openCopied } from '../services/openCopied';
import type { Services } from '../services/services';
import { comparisonWanted, hideComparison } from './settings';

/** How long the underlines stay, and the status item after them. */
const markedMs = 12_000;

interface Found {
  readonly text: string;
  readonly copied: Copied;
}

export class CopiedMarks implements vscode.Disposable {
  private readonly status = vscode.window.createStatusBarItem('llmLoupe.copied', vscode.StatusBarAlignment.Left, -3);
  private readonly underline = vscode.window.createTextEditorDecorationType({
    textDecoration: 'underline 2px var(--vscode-charts-orange)',
    rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
  });
  private readonly commands: readonly vscode.Disposable[];
  private comparing: AbortController | null = null;
  private compared: string | null = null;
  private found: Promise<Found | null> = Promise.resolve(null);
  private timer: NodeJS.Timeout | undefined;
  private marked: vscode.TextEditor | null = null;

  constructor(private readonly services: Services) {
    this.status.name = vscode.l10n.t('Copied Text');
    this.status.command = 'llmLoupe.showCopied';
    this.commands = [
      services.command('llmLoupe.openCopied', (from: CopiedFrom) => openCopied(from)),
      services.command('llmLoupe.showCopied', () => this.choose()),
      services.command('llmLoupe.hideComparison', async () => {
        this.clear();
        await hideComparison();
      }),
    ];
  }

  /** Looks for what of a text was copied, and says it where it was. */
  compare(model: ModelRef, text: string): void {
    this.clear();
    if (!comparisonWanted() || text === '') return;
    const comparing = new AbortController();
    this.comparing = comparing;
    this.compared = text;
    this.found = this.find(model, text, comparing.signal);
    void this.found.then((found) => {
      if (found && this.comparing === comparing) this.say(found);
    });
  }

  /** The text stands in the document now, before the cursor: what of it was copied is underlined there. */
  async accepted(editor: vscode.TextEditor, model: ModelRef, text: string): Promise<void> {
    if (this.compared !== text) this.compare(model, text);
    const { comparing } = this;
    const found = await this.found;
    if (!found || !comparing || this.comparing !== comparing) return;
    const { document } = editor;
    const end = document.offsetAt(editor.selection.active);
    const start = end - found.text.length;
    const range = (from: number, to: number) => new vscode.Range(document.positionAt(from), document.positionAt(to));
    // Edited meanwhile, or its line ends became those of the document: then the status item alone says it.
    if (start >= 0 && document.getText(range(start, end)) === found.text) {
      this.marked = editor;
      editor.setDecorations(
        this.underline,
        found.copied.runs.map((run) => ({ range: range(start + run.start, start + run.end), hoverMessage: this.link(found.text, run) })),
      );
    }
    this.timer = setTimeout(() => this.clear(), markedMs);
  }

  /** Nothing is shown any more. */
  clear(): void {
    clearTimeout(this.timer);
    this.comparing?.abort();
    this.comparing = null;
    this.compared = null;
    this.found = Promise.resolve(null);
    this.status.hide();
    this.marked?.setDecorations(this.underline, []);
    this.marked = null;
  }

  dispose(): void {
    this.clear();
    this.status.dispose();
    this.underline.dispose();
    for (const command of this.commands) command.dispose();
  }

  private async find(model: string, text: string, signal: AbortSignal): Promise<Found | null> {
    try {
      const copied = (await this.services.engine.text.copies({ model, texts: [text] }, { signal }))?.[0];
      return copied && copied.runs.length > 0 ? { text, copied } : null;
    } catch (error) {
      if (!isCancelled(error)) this.services.log.warn(`copies: ${error instanceof Error ? error.message : error}`);
      return null;
    }
  }

  private say({ text, copied }: Found): void {
    const { t } = vscode.l10n;
    const { percent } = locale();
    this.status.text = `$(references) ${t('{0} copied', percent(copied.share))}`;
    const lines = copied.runs.map((run) => `- ${this.link(text, run).value}`);
    const off = `[${t('Do not compare')}](command:llmLoupe.hideComparison)`;
    const tooltip = new vscode.MarkdownString(
      [t('Of this text, {0} stands in your files, to the letter:', percent(copied.share)), ...lines, '', off].join('\n'),
    );
    tooltip.isTrusted = { enabledCommands: ['llmLoupe.openCopied', 'llmLoupe.hideComparison'] };
    this.status.tooltip = tooltip;
    const label = t('{0} of the generated text is copied from your files. Press to see where.', percent(copied.share));
    this.status.accessibilityInformation = { label, role: 'button' };
    this.status.show();
  }

  private link(text: string, run: Copy): vscode.MarkdownString {
    const { t } = vscode.l10n;
    const from = fromOf(text, run);
    const place = placeOf(run);
    const markdown = new vscode.MarkdownString(
      from && place
        ? t('copied from {0}', `[${place}](command:llmLoupe.openCopied?${encodeURIComponent(JSON.stringify([from]))})`)
        : t('copied from your files'),
    );
    markdown.isTrusted = { enabledCommands: ['llmLoupe.openCopied'] };
    return markdown;
  }

  private async choose(): Promise<void> {
    const found = await this.found;
    if (!found) return;
    const items = found.copied.runs.flatMap((run) => {
      const from = fromOf(found.text, run);
      return from ? [{ label: placeOf(run)!, detail: from.text.trim(), from }] : [];
    });
    const picked = items.length > 1 ? await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Copied from') }) : items[0];
    if (picked) await openCopied(picked.from);
  }
}

function fromOf(text: string, { source, start, end }: Copy): CopiedFrom | null {
  return source && { path: source.path, line: source.line, character: source.character, text: text.slice(start, end) };
}

/** "src/a.ts:12" */
function placeOf({ source }: Copy): string | null {
  return source && `${source.id.slice(source.id.indexOf('/') + 1)}:${source.line + 1}`;
}
