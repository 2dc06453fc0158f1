/** How text is drawn: settings of the ghost text, and what the panel starts with. */
import * as vscode from 'vscode';
import type { SampleSettings } from '../../core/sample/types';

export function ghostSettings(): { maxTokens: number; settings: SampleSettings } {
  const settings = vscode.workspace.getConfiguration('llmLoupe.generate');
  return {
    maxTokens: settings.get<number>('maxTokens', 64),
    settings: {
      temperature: settings.get<number>('temperature', 0.7),
      topK: 0,
      topP: settings.get<number>('topP', 0.95),
      minP: 0,
      seed: 1,
    },
  };
}

const comparison = 'generate.comparison';

/** Whether it is said how a model compares with counting bytes, and what of its text is copied. */
export function comparisonWanted(): boolean {
  return vscode.workspace.getConfiguration('llmLoupe').get<boolean>(comparison, true);
}

/** The off switch, where the comparison is shown. */
export async function hideComparison(): Promise<void> {
  await vscode.workspace.getConfiguration('llmLoupe').update(comparison, false, vscode.ConfigurationTarget.Global);
  void vscode.window.setStatusBarMessage(
    vscode.l10n.t('Generated text is no longer compared. The setting “Generate: Comparison” brings it back.'),
    8_000,
  );
}
