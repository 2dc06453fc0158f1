/** What the attention panel says where it has nothing to look at. */
import * as vscode from 'vscode';
import type { PanelMessage } from '../../protocol/panels';

export function blankText(name: string): PanelMessage {
  return {
    ...noText(),
    title: vscode.l10n.t('There is no text in {0} yet.', name),
    detail: vscode.l10n.t('Write or paste some there, then inspect again; or select text in another editor.'),
  };
}

export function noText(): PanelMessage {
  return {
    title: vscode.l10n.t('Select text in an editor to see what each attention head looks at.'),
    detail: '',
    action: { label: vscode.l10n.t('Inspect Attention'), command: 'llmLoupe.inspectAttention' },
  };
}
