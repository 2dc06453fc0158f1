/**
 * The engine's three realms as the extension holds them. Nothing starts before the first call. Settings that a realm reads at
 * its start (backend, threads, exact, tensorflow) replace the realm: at once for inspection, at the next training for training.
 */
import { join } from 'node:path';
import * as vscode from 'vscode';
import { type Engine, startEngine } from '../../client/engine';
import type { InspectApi, RealmConfig, RealmName, TextApi, TrainApi } from '../../protocol/engine';
import type { Client } from '../../protocol/rpc';
import { runsFolder } from './runsFolder';
import type { Log } from './services';

/** VS Code waits five seconds for extensions to end. */
const closeMs = 3_500;

export class EngineService implements vscode.Disposable {
  private readonly engines = new Map<RealmName, Engine>();
  private readonly outdated = new Set<RealmName>();
  private readonly died = new vscode.EventEmitter<{ realm: RealmName; reason: string }>();
  private readonly subscription: vscode.Disposable;
  /** A realm ended by itself; what it held (documents, views) is lost. */
  readonly onDied = this.died.event;
  /** The training of this window, settled when it ends: its realm is not replaced meanwhile. */
  training: Promise<unknown> | null = null;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: Log,
  ) {
    this.subscription = vscode.workspace.onDidChangeConfiguration((change) => {
      if (!['backend', 'threads', 'exact', 'tensorflow'].some((name) => change.affectsConfiguration(`llmLoupe.${name}`))) return;
      this.outdated.add('inspect').add('train');
    });
  }

  get text(): Client<TextApi> {
    return this.realm('text').text;
  }

  get inspect(): Client<InspectApi> {
    return this.realm('inspect').inspect;
  }

  get train(): Client<TrainApi> {
    return this.realm('train').train;
  }

  /** Where the runs of this workspace are; null without a workspace. */
  get runs(): string | null {
    return this.context.storageUri ? runsFolder(this.context.storageUri.fsPath) : null;
  }

  /** Realms whose worker lives now. */
  get running(): RealmName[] {
    return [...this.engines].flatMap(([name, engine]) => (engine.started(name) ? [name] : []));
  }

  /** Ends a realm; it starts again at its next call. */
  async end(realm: RealmName, reason: string): Promise<void> {
    await this.engines.get(realm)?.end(realm, reason);
  }

  /** Ends everything. A training in progress may write its checkpoint first. */
  async close(): Promise<void> {
    if (this.training) {
      const late = new Promise((resolve) => setTimeout(resolve, closeMs));
      void this.train.stop({}).catch(() => {});
      await Promise.race([this.training, late]);
    }
    await Promise.all([...this.engines.values()].map((engine) => engine.dispose()));
  }

  /** Called beside `close`, not after it: the workers are left to that. */
  dispose(): void {
    this.subscription.dispose();
    this.died.dispose();
  }

  private realm(name: RealmName): Engine {
    let engine = this.engines.get(name);
    if (engine && this.outdated.has(name) && !(name === 'train' && this.training)) {
      const old = engine;
      void old.end(name, vscode.l10n.t('settings changed')).then(() => old.dispose());
      engine = undefined;
    }
    this.outdated.delete(name);
    if (!engine) {
      engine = this.start();
      this.engines.set(name, engine);
    }
    return engine;
  }

  private start(): Engine {
    const folder = this.context.extensionPath;
    const settings = vscode.workspace.getConfiguration('llmLoupe');
    const engine = startEngine({
      realms: join(folder, 'dist', 'engine'),
      assets: join(folder, 'dist', 'assets'),
      starter: join(folder, 'media', 'starter'),
      runs: this.runs,
      backend: settings.get<RealmConfig['backend']>('backend', 'auto'),
      threads: settings.get<number>('threads', 0),
      exact: settings.get<boolean>('exact', false),
      beside: true,
      tensorflow: settings.get<string>('tensorflow.path', ''),
      node: settings.get<string>('tensorflow.node', ''),
      cache: this.context.globalStorageUri.fsPath,
      log: (realm, text) => this.log.info(`${realm}: ${text.trimEnd()}`),
    });
    engine.onDied((realm, reason) => {
      this.log.error(`${realm}: stopped (${reason})`);
      this.died.fire({ realm, reason });
    });
    return engine;
  }
}
