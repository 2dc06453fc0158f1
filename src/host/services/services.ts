/** What every feature may use. Features know this and nothing of each other. */
import * as vscode from 'vscode';
import { LoupeError } from '../../core/errors';
import { ActiveModel } from './activeModel';
import { EngineService } from './engine';
import { errorText, isCancelled } from './errors';
import { Layers } from './layers';
import { TrainingRun } from './trainingRun';

/** The part of the output channel that features use. */
export type Log = Pick<vscode.LogOutputChannel, 'debug' | 'info' | 'warn' | 'error'>;

export interface Services {
  readonly engine: EngineService;
  readonly models: ActiveModel;
  readonly layers: Layers;
  readonly trainingRun: TrainingRun;
  readonly log: Log;
  /** Errors that were logged since the start, for tests: not every harness writes log files. */
  readonly errors: readonly string[];
  /** One of our commands has ended well: its id. Leaving a question is no error, so features that ask say more themselves. */
  readonly onDidRun: vscode.Event<string>;
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
  const layers = new Layers();
  const trainingRun = new TrainingRun();
  const ran = new vscode.EventEmitter<string>();
  context.subscriptions.push(
    output,
    engine,
    models,
    layers,
    trainingRun,
    ran,
    vscode.commands.registerCommand('llmLoupe.showOutput', () => output.show()),
  );
  return {
    engine,
    models,
    layers,
    trainingRun,
    log,
    errors,
    onDidRun: ran.event,
    command(id, run) {
      return vscode.commands.registerCommand(id, async (...args: never[]) => {
        try {
          const result = await run(...args);
          ran.fire(id);
          return result;
        } catch (error) {
          if (isCancelled(error)) return undefined;
          log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
          void tell(error);
          return undefined;
        }
      });
    },
  };
}

async function tell(error: unknown): Promise<void> {
  const untrusted = error instanceof LoupeError && error.code === 'workspace.untrusted';
  const manage = vscode.l10n.t('Manage Workspace Trust');
  const answer = await vscode.window.showErrorMessage(errorText(error), ...(untrusted ? [manage] : []));
  if (answer === manage) await vscode.commands.executeCommand('workbench.trust.manage');
}
