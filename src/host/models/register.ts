/** The active model: shown in the status bar, chosen by "Loupe: Select Model". */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { LoupeError } from '../../core/errors';
import { errorText } from '../services/errors';
import { locale } from '../services/locale';
import { isOn, tooltipWith, turnOff } from '../services/offSwitch';
import { runLine } from '../services/runText';
import type { Services } from '../services/services';
import { statusName } from '../services/statusName';
import { cardLine, cardLines } from './text';
import { usableModel } from './usable';

type Item = vscode.QuickPickItem & { ref?: string; name?: string; folder?: true };

export function registerModels(context: vscode.ExtensionContext, services: Services): void {
  const status = vscode.window.createStatusBarItem('llmLoupe.model', vscode.StatusBarAlignment.Right, 94);
  status.name = vscode.l10n.t('Active model');
  status.command = 'llmLoupe.selectModel';
  const show = () => {
    if (!isOn('statusBar.model')) return status.hide();
    const { name } = services.models.current;
    status.text = `$(search-sparkle) ${statusName(name)}`;
    const at = /@(\d+|start)$/.exec(services.models.ref)?.[1];
    const { t } = vscode.l10n;
    const what =
      at === undefined
        ? t('Loupe looks at this model: {0}.', name)
        : at === 'start'
          ? t('Loupe looks at what a training began with: {0}.', name)
          : t('Loupe looks at a training as it was at step {0}: {1}.', locale().int(Number(at)), name);
    const hide = { label: t('Do not show the model'), command: 'llmLoupe.hideModel' };
    status.tooltip = tooltipWith(`${what} ${t('Click to choose another one.')}`, hide);
    status.show();
  };
  show();
  context.subscriptions.push(
    status,
    services.models.onDidChange(show),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('llmLoupe.statusBar')) show();
    }),
    services.command('llmLoupe.selectModel', () => selectModel(services)),
    services.command('llmLoupe.hideModel', () =>
      turnOff(
        'statusBar.model',
        vscode.l10n.t('The active model is no longer shown here. The setting “Status Bar: Model” brings it back.'),
      ),
    ),
  );
}

async function selectModel(services: Services): Promise<void> {
  const { t } = vscode.l10n;
  const { engine, models } = services;
  const abort = new AbortController();
  const pick = vscode.window.createQuickPick<Item>();
  pick.title = t('The model that Loupe looks at');
  pick.matchOnDescription = true;
  pick.busy = true;
  const current = models.ref;
  const mark = (ref: string) => (ref === current ? '$(check) ' : '');
  const starter: Item = { label: `${mark('starter')}starter`, ref: 'starter', name: 'starter', description: t('ships with Loupe') };
  const folder: Item = {
    label: t('Open a folder…'),
    folder: true,
    detail: t('A Hugging Face directory: config.json, model.safetensors, tokenizer.json'),
  };
  let items: Item[] = [starter];
  const show = () => {
    const active = pick.activeItems[0];
    pick.items = [...items, { label: '', kind: vscode.QuickPickItemKind.Separator }, folder];
    const again = pick.items.find((item) => item.ref !== undefined && item.ref === active?.ref);
    if (again) pick.activeItems = [again];
  };
  const detail = async (item: Item) => {
    try {
      const card = await engine.inspect.model({ model: item.ref! }, { signal: abort.signal });
      item.detail = cardLine(card, locale());
    } catch (error) {
      item.detail = errorText(error);
    }
    if (!abort.signal.aborted) show();
  };
  const fill = async () => {
    const runs = vscode.workspace.isTrusted && engine.runs ? await engine.text.runs({}, { signal: abort.signal }) : [];
    const usable = runs.filter((run) => run.checkpoints.length > 0 || run.state === 'finished');
    if (usable.length > 0) items.push({ label: t('Trained in this workspace'), kind: vscode.QuickPickItemKind.Separator });
    for (const run of usable) {
      const ref = `run:${run.id}`;
      items.push({ label: mark(ref) + run.name, ref, name: run.name, description: runLine(run, locale()) });
    }
    if (!items.some((item) => item.ref === current)) {
      const { name } = models.current;
      items = [
        ...items,
        { label: t('In use'), kind: vscode.QuickPickItemKind.Separator },
        { label: mark(current) + name, ref: current, name, description: current },
      ];
    }
    show();
    // The card of the one in use; those of others would load every model for a glance.
    const inUse = items.find((item) => item.ref === current);
    if (inUse) await detail(inUse);
  };

  try {
    const picked = await new Promise<Item | undefined>((resolve) => {
      pick.onDidAccept(() => resolve(pick.selectedItems[0]));
      pick.onDidHide(() => resolve(undefined));
      show();
      pick.show();
      fill()
        .catch((error) => services.log.warn(String(error)))
        .finally(() => {
          pick.busy = false;
        });
    });
    pick.hide();
    if (picked?.folder) await openFolder(services);
    else if (picked?.ref !== undefined && picked.name !== undefined) await use(services, picked.ref, picked.name);
  } finally {
    abort.abort();
    pick.dispose();
  }
}

async function openFolder(services: Services): Promise<void> {
  if (!vscode.workspace.isTrusted) throw new LoupeError('workspace.untrusted');
  const found = await vscode.window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    openLabel: vscode.l10n.t('Use This Model'),
    title: vscode.l10n.t('A folder that holds config.json, model.safetensors and tokenizer.json'),
  });
  const path = found?.[0]?.fsPath;
  if (path !== undefined) await use(services, path, basename(path));
}

/** Read before it becomes the active one: a broken one never does. */
async function use({ engine, models, log }: Services, ref: string, name: string): Promise<void> {
  const title = vscode.l10n.t('Reading {0}…', name);
  const card = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, () =>
    usableModel(engine.inspect, ref, name),
  );
  log.info(cardLines(card, locale()).join(' · '));
  await models.choose({ ref, name });
}
