/** What shows itself unasked can be turned off where it shows: a setting, and links in the tooltip of a status item. */
import * as vscode from 'vscode';

/** Settings that are on until the user turns them off. */
export type Switch = 'statusBar.model' | 'training.offerToResume' | 'generate.comparison';

export function isOn(name: Switch): boolean {
  return vscode.workspace.getConfiguration('llmLoupe').get<boolean>(name, true);
}

/** `said`: what is off now, and what brings it back. */
export async function turnOff(name: Switch, said: string): Promise<void> {
  await vscode.workspace.getConfiguration('llmLoupe').update(name, false, vscode.ConfigurationTarget.Global);
  void vscode.window.setStatusBarMessage(said, 8_000);
}

/** A tooltip with links to our own commands below it. */
export function tooltipWith(
  text: string,
  ...links: readonly { readonly label: string; readonly command: string }[]
): vscode.MarkdownString {
  const tooltip = new vscode.MarkdownString().appendText(text);
  tooltip.appendMarkdown(`\n\n${links.map(({ label, command }) => `[${label}](command:${command})`).join(' · ')}`);
  tooltip.isTrusted = { enabledCommands: links.map(({ command }) => command) };
  return tooltip;
}
