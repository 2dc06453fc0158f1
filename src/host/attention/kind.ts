/** What the attention panel is called and which bundle it runs. */
import * as vscode from 'vscode';
import type { PanelKind } from '../webviews/panel';

export const attentionViewType = 'llmLoupe.attention';

export function attentionKind(): PanelKind {
  return { bundle: 'attention', viewType: attentionViewType, title: vscode.l10n.t('Attention') };
}
