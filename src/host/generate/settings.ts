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
