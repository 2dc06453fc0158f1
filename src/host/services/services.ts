/** What every feature may use. Features know this and nothing of each other. */
import * as vscode from 'vscode';
import { ActiveModel } from './activeModel';
import { EngineService } from './engine';
import { errorText, isCancelled } from './errors';

/** The part of the output channel that features use. */
export type Log = Pick<vscode.LogOutputChannel, 'debug' | 'info' | 'warn' | 'error'>;

export interface Services {
  readonly engine: EngineService;
  readonly models: ActiveModel;
  readonly log: Log;
  /** Errors that were logged since the start, for tests: not every harness writes log files. */
  readonly errors: readonly string[];
  /** Registers a command whose errors are told to the user (and logged), except cancelling. */
  command(id: string, run: (...args: never[]) => unknown): vscode.Disposable;
}

export function createServices(context: vscode.ExtensionContext): Services {
  const output = vscode.window.createOutputChannel('LLM Loupe', { log: true });
  const errors: string[] = [];
  const log: Log = {
    debug: (text) => output.debug(text),
    info: (text) => output.info(text),
    warn: (text) => output.warn(text),
    error: (text) => {
      errors.push(String(text));
      output.error(text);
    },
  };
  const engine = new EngineService(context, log);
  const models = new ActiveModel(context.workspaceState);
  context.subscriptions.push(
    output,
    engine,
    models,
    vscode.commands.registerCommand('llmLoupe.showOutput', () => output.show()),
  );
  return {
    engine,
    models,
    log,
    errors,
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
