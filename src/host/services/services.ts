/** What every feature may use. Features know this and nothing of each other. */
import * as vscode from 'vscode';
import { ActiveModel } from './activeModel';
import { EngineService } from './engine';
import { errorText, isCancelled } from './errors';

export interface Services {
  readonly engine: EngineService;
  readonly models: ActiveModel;
  readonly log: vscode.LogOutputChannel;
  /** Registers a command whose errors are told to the user (and logged), except cancelling. */
  command(id: string, run: (...args: never[]) => unknown): vscode.Disposable;
}

export function createServices(context: vscode.ExtensionContext): Services {
  const log = vscode.window.createOutputChannel('LLM Loupe', { log: true });
  const engine = new EngineService(context, log);
  const models = new ActiveModel(context.workspaceState);
  context.subscriptions.push(
    log,
    engine,
    models,
    vscode.commands.registerCommand('llmLoupe.showOutput', () => log.show()),
  );
  return {
    engine,
    models,
    log,
    command(id, run) {
      return vscode.commands.registerCommand(id, async (...args: never[]) => {
        try {
          return await run(...args);
        } catch (error) {
          if (isCancelled(error)) return undefined;
          log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
          void vscode.window.showErrorMessage(errorText(error));
          return undefined;
        }
      });
    },
  };
}
