/** The extension: composes its features, and does nothing else. No worker starts here. */
import type * as vscode from 'vscode';
import { registerAttention } from './attention/register';
import { registerGenerate } from './generate/register';
import { registerModels } from './models/register';
import { createServices, type Services } from './services/services';
import { registerTokens } from './tokens/register';
import { registerTraining } from './training/register';

let services: Services | undefined;

export function activate(context: vscode.ExtensionContext): void {
  services = createServices(context);
  registerModels(context, services);
  registerTokens(context, services);
  registerAttention(context, services);
  registerTraining(context, services);
  registerGenerate(context, services);
}

/** Awaited by VS Code: workers end with the window. */
export async function deactivate(): Promise<void> {
  await services?.engine.close();
}
