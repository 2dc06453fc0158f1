/** Tokenizers to choose from: what ships, what the active model and the runs of this workspace use, GPT-2, GPT-4, GPT-4o, and files. */
import * as vscode from 'vscode';
import type { TokenizerRef } from '../../protocol/engine';
import { locale } from './locale';
import type { Services } from './services';

export interface TokenizerItem extends vscode.QuickPickItem {
  readonly ref: TokenizerRef;
}

/** `used` are there whatever they are: files that were opened before. */
export async function tokenizerItems({ engine, models }: Services, used: readonly TokenizerRef[]): Promise<TokenizerItem[]> {
  const { t } = vscode.l10n;
  const items: TokenizerItem[] = (await engine.text.tokenizers({})).map(({ ref, name, vocabSize }) => ({
    ref,
    label: name,
    description: t('{0} entries', locale().int(vocabSize)),
  }));
  const add = (item: TokenizerItem) => {
    if (!items.some(({ ref }) => ref === item.ref)) items.push(item);
  };
  add({ ref: models.ref, label: models.current.name, description: t('Tokenizer of the active model') });
  const runs = vscode.workspace.isTrusted && engine.runs ? await engine.text.runs({}) : [];
  for (const run of runs) {
    if (run.checkpoints.length > 0 || run.state === 'finished')
      add({ ref: `run:${run.id}`, label: run.name, description: t('Trained in this workspace') });
  }
  for (const ref of used) add({ ref, label: ref });
  return items;
}

/** Files that the user chooses. */
export async function openTokenizerFiles(many: boolean): Promise<TokenizerRef[]> {
  const files = await vscode.window.showOpenDialog({
    canSelectMany: many,
    filters: { [vscode.l10n.t('Tokenizers')]: ['json'] },
    openLabel: vscode.l10n.t('Use This Tokenizer'),
  });
  return (files ?? []).map((file) => file.fsPath);
}
