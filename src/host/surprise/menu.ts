/** The menu of surprise: its legend to be read, other colours, whose expectations they are, and what else there is to see. */
import * as vscode from 'vscode';
import type { Services } from '../services/services';
import type { Shown } from './painter';
import type { Scale } from './steps';

export interface MenuState {
  readonly model: Shown;
  /** The model is what a training of this window came to, and not the active one. */
  readonly trained: string | null;
  readonly scale: Scale;
  readonly follow: boolean;
  readonly holdOut: boolean;
  readonly legend: readonly string[];
}

type Item = vscode.QuickPickItem & { run?: () => unknown };

export async function surpriseMenu(services: Services, state: MenuState, choose: (scale: Scale) => unknown): Promise<void> {
  const { t } = vscode.l10n;
  const { model } = state;
  const separator = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const command = (label: string, id: string, description = ''): Item => ({
    label,
    description,
    run: () => vscode.commands.executeCommand(id),
  });
  const scale = (label: string, detail: string, value: Scale): Item => ({
    label: `${state.scale === value ? '$(check)' : '$(blank)'} ${label}`,
    detail: `$(blank) ${detail}`,
    run: () => choose(value),
  });
  const onOff = (on: boolean, label: string, description: string, setting: string): Item => ({
    label: `${on ? '$(check)' : '$(blank)'} ${label}`,
    description,
    run: () => vscode.workspace.getConfiguration('llmLoupe').update(setting, !on, vscode.ConfigurationTarget.Global),
  });

  const colours = [
    scale(t('By rank'), t('how far down the list of what the model expected the token stood'), 'rank'),
    scale(t('By bits'), t('how many bits the token costs: one bit for each halving of its probability'), 'bits'),
  ];
  if (model.before) colours.push(scale(t('By change'), t('bits lost (orange) and gained (blue) since the start of the run'), 'change'));
  const models = [command(`$(search-sparkle) ${t('Select Model')}`, 'llmLoupe.selectModel', model.name)];
  if (state.trained) {
    const { name } = model;
    const ref = state.trained;
    models.unshift(
      {
        label: `$(discard) ${t('Colour by "{0}" again', services.models.current.name)}`,
        description: t('the active model'),
        run: () => services.trainingRun.set(null),
      },
      {
        label: `$(pass) ${t('Use "{0}"', name)}`,
        description: t('make it the active model'),
        run: () => services.models.choose({ ref, name }),
      },
    );
  }
  const items: Item[] = [
    // To be read: a title or a placeholder would cut them.
    ...state.legend.map((line): Item => ({ label: `$(info) ${line}` })),
    separator(t('Colours')),
    ...colours,
    separator(t('Model')),
    ...models,
    separator(t('Training')),
    onOff(state.follow, t('Follow the training'), t('recolour at every evaluation'), 'surprise.followTraining'),
    onOff(state.holdOut, t('Hold the open file out of training'), t('from the next training on'), 'training.holdOutOpenFile'),
    separator(''),
    command(`$(list-ordered) ${t('Most surprising lines of this file')}`, 'llmLoupe.surprisingLinesOfFile'),
    command(`$(list-ordered) ${t('Most surprising lines of the workspace')}`, 'llmLoupe.surprisingLines'),
    command(`$(git-compare) ${t('Most surprising lines of your changes')}`, 'llmLoupe.surprisingChanges'),
    command(`$(close) ${t('Turn off')}`, 'llmLoupe.showSurprise'),
  ];
  const picked = await pickFrom(
    items,
    colours.find(({ label }) => label.startsWith('$(check)')),
  );
  await picked?.run?.();
}

/** VS Code's list, with an entry under the cursor that is not the first: that one is only to be read. */
function pickFrom(items: readonly Item[], active: Item | undefined): Promise<Item | undefined> {
  const pick = vscode.window.createQuickPick<Item>();
  pick.title = vscode.l10n.t('Surprise');
  pick.items = items;
  pick.activeItems = active ? [active] : [];
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      const [picked] = pick.selectedItems;
      if (!picked?.run) return;
      resolve(picked);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}
