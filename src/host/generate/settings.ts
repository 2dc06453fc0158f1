/** How text is drawn: settings of the ghost text, and what the panel starts with. */
import * as vscode from 'vscode';
import type { SampleSettings } from '../../core/sample/types';
import { isOn, turnOff } from '../services/offSwitch';

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

/** Whether it is said how a model compares with counting bytes, and what of its text is copied. */
export function comparisonWanted(): boolean {
  return isOn('generate.comparison');
}

/** The off switch, where the comparison is shown. */
export async function hideComparison(): Promise<void> {
  const said = vscode.l10n.t('Generated text is no longer compared. The setting “Generate: Comparison” brings it back.');
  await turnOff('generate.comparison', said);
}
