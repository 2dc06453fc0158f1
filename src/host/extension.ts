/** The extension: composes its features, and does nothing else. No worker starts here. */
import './started'; // first
import type * as vscode from 'vscode';
import { registerAttention } from './attention/register';
import { registerCompare } from './compare/register';
import type { ForTests } from './forTests';
import { registerGenerate } from './generate/register';
import { registerMerges } from './merges/register';
import { registerModels } from './models/register';
import { createServices, type Services } from './services/services';
import { registerStart } from './start/register';
import { started } from './started';
import { registerSurprise } from './surprise/register';
import { registerTokens } from './tokens/register';
import { registerTraining } from './training/register';

let services: Services | undefined;
const loadingMs = performance.now() - started;

export function activate(context: vscode.ExtensionContext): ForTests {
  const begin = performance.now();
  services = createServices(context);
  const { engine, errors } = services;
  registerModels(context, services);
  registerTokens(context, services);
  registerSurprise(context, services);
  registerMerges(context, services);
  registerCompare(context, services);
  registerAttention(context, services);
  registerTraining(context, services);
  registerGenerate(context, services);
  const startedSteps = registerStart(context, services);
  return {
    activationMs: loadingMs + performance.now() - begin,
    runningRealms: () => engine.running,
    errors: () => errors,
    runs: engine.runs,
    started: startedSteps,
  };
}

/** Awaited by VS Code: workers end with the window. */
export async function deactivate(): Promise<void> {
  await services?.engine.close();
}
