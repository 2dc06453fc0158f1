/** "Start Here"'s side of the extension: tells the page how things stand, and does what its buttons say. */
import * as vscode from 'vscode';
import type { StartHost, StartPanelView, StartState, StartStep } from '../../protocol/panels';
import type { Client } from '../../protocol/rpc';
import { attachPanel, type PanelKind } from '../webviews/panel';

export const startViewType = 'llmLoupe.start';

export function startKind(): PanelKind {
  return { bundle: 'start', viewType: startViewType, title: vscode.l10n.t('Loupe: Start Here') };
}

/** What the page asks of the feature. */
export interface Guide {
  state(): StartState;
  act(step: StartStep): Promise<void>;
  useSample(on: boolean): void;
  reset(): Promise<void>;
}

export class StartPanel {
  private readonly view: Client<StartPanelView>;

  constructor(
    context: vscode.ExtensionContext,
    readonly panel: vscode.WebviewPanel,
    private readonly guide: Guide,
  ) {
    this.view = attachPanel<StartHost, StartPanelView>(context, panel, startKind(), {
      ready: () => guide.state(),
      act: ({ step }) => guide.act(step),
      useSample: ({ on }) => guide.useSample(on),
      openFolder: async () => {
        await vscode.commands.executeCommand('vscode.openFolder');
      },
      reset: () => guide.reset(),
    });
  }

  push(): void {
    this.view.show(this.guide.state()).catch(() => {});
  }
}
