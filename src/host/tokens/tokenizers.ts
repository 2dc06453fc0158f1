/** Which tokenizers are counted and shown: the setting, their names, and the menu that changes it. */
import * as vscode from 'vscode';
import type { TokenizerRef } from '../../protocol/engine';
import { locale } from '../services/locale';
import type { Services } from '../services/services';
import { openTokenizerFiles } from '../services/tokenizerItems';

const section = 'llmLoupe.tokens';
/** Stands for the tokenizer of the active model, whichever that is. */
const active = 'active';

export class Tokenizers implements vscode.Disposable {
  private readonly names = new Map<TokenizerRef, Promise<string>>();
  private readonly subscriptions: vscode.Disposable[];
  /** Until a setting or the active model changes: it is asked for at every key. */
  private known: readonly TokenizerRef[] | undefined;

  constructor(private readonly services: Services) {
    const forget = () => {
      this.known = undefined;
    };
    this.subscriptions = [
      services.models.onDidChange(forget),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(section)) forget();
      }),
    ];
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /** The setting, with the active model's tokenizer in place; never empty. */
  get refs(): readonly TokenizerRef[] {
    this.known ??= this.read();
    return this.known;
  }

  private read(): TokenizerRef[] {
    const chosen = vscode.workspace.getConfiguration(section).get<string[]>('tokenizers', []);
    const refs = (chosen.length > 0 ? chosen : [active]).map((ref) => (ref === active ? this.services.models.ref : ref));
    return [...new Set(refs)];
  }

  /** The one that cuts the text in the editor. */
  get first(): TokenizerRef {
    return this.refs[0]!;
  }

  name = (ref: TokenizerRef): Promise<string> => {
    let name = this.names.get(ref);
    if (!name) {
      name = this.services.engine.text.tokenizerInfo({ tokenizer: ref }).then((info) => info.name);
      name.catch(() => this.names.delete(ref));
      this.names.set(ref, name);
    }
    return name;
  };

  async choose(): Promise<void> {
    const { t } = vscode.l10n;
    const { models, engine } = this.services;
    const known = await engine.text.tokenizers({});
    const chosen = vscode.workspace.getConfiguration(section).get<string[]>('tokenizers', []);
    type Item = vscode.QuickPickItem & { ref: string };
    const items: Item[] = [{ ref: active, label: t('Tokenizer of the active model'), description: models.current.name }];
    for (const { ref, name, vocabSize } of known) {
      items.push({ ref, label: name, description: t('{0} entries', locale().int(vocabSize)) });
    }
    for (const ref of chosen) if (!items.some((item) => item.ref === ref)) items.push({ ref, label: ref });
    for (const item of items) item.picked = chosen.includes(item.ref);
    const file: Item = { ref: '', label: t('Open a tokenizer.json…') };
    const picked = await vscode.window.showQuickPick([...items, file], {
      canPickMany: true,
      title: t('Tokenizers to count and show'),
      placeHolder: t('The first one also cuts the text in the editor'),
    });
    if (!picked) return;
    // The order of the setting stays: new ones go to the end.
    const refs = picked.map((item) => item.ref).filter((ref) => ref !== '');
    const order = (ref: string) => (chosen.includes(ref) ? chosen.indexOf(ref) : chosen.length);
    refs.sort((a, b) => order(a) - order(b));
    if (picked.includes(file)) refs.push(...(await openTokenizerFiles(true)));
    if (refs.length === 0) return;
    for (const ref of refs) if (ref !== active) await this.name(ref);
    await vscode.workspace.getConfiguration(section).update('tokenizers', refs, vscode.ConfigurationTarget.Global);
  }
}
