/** The extension: composes its features, and does nothing else. No worker starts here. */
import './started'; // first
import type * as vscode from 'vscode';
import { registerAttention } from './attention/register';
import type { ForTests } from './forTests';
import { registerGenerate } from './generate/register';
import { registerModels } from './models/register';
import { createServices, type Services } from './services/services';
import { started } from './started';
import { registerTokens } from './tokens/register';
import { registerTraining } from './training/register';

let services: Services | undefined;

export function activate(context: vscode.ExtensionContext): ForTests {
  services = createServices(context);
  const { engine } = services;
  registerModels(context, services);
  registerTokens(context, services);
  registerAttention(context, services);
  registerTraining(context, services);
  registerGenerate(context, services);
  return {
    activationMs: performance.now() - started,
    runningRealms: () => engine.running,
    logs: context.logUri.fsPath,
    runs: engine.runs,
  };
}

/** Awaited by VS Code: workers end with the window. */
export async function deactivate(): Promise<void> {
  await services?.engine.close();
}
