/** The one active model of this window: the starter, a run of this workspace, or a folder. Who wants to know subscribes. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { ModelRef } from '../../protocol/engine';

export interface NamedModel {
  readonly ref: ModelRef;
  readonly name: string;
}

const key = 'llmLoupe.model';
const starter: NamedModel = { ref: 'starter', name: 'starter' };

export class ActiveModel implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<NamedModel>();
  private readonly subscriptions: vscode.Disposable[];
  readonly onDidChange = this.changed.event;

  constructor(private readonly memory: vscode.Memento) {
    this.subscriptions = [
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(key)) this.changed.fire(this.current);
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.changed.fire(this.current)),
    ];
  }

  /** What was chosen here, else the setting. In an untrusted workspace always the starter. */
  get current(): NamedModel {
    if (!vscode.workspace.isTrusted) return starter;
    const chosen = this.memory.get<NamedModel>(key);
    if (chosen) return chosen;
    const ref = vscode.workspace.getConfiguration('llmLoupe').get<string>('model', '').trim();
    return ref === '' || ref === starter.ref ? starter : { ref, name: basename(ref) };
  }

  get ref(): ModelRef {
    return this.current.ref;
  }

  async choose(model: NamedModel): Promise<void> {
    await this.memory.update(key, model);
    this.changed.fire(this.current);
  }

  /** Its files are gone: back to the setting, if it was the chosen one. */
  async forget(ref: ModelRef): Promise<void> {
    const chosen = this.memory.get<NamedModel>(key)?.ref;
    if (chosen !== ref && !chosen?.startsWith(`${ref}@`)) return;
    await this.memory.update(key, undefined);
    this.changed.fire(this.current);
  }

  dispose(): void {
    this.changed.dispose();
    for (const subscription of this.subscriptions) subscription.dispose();
  }
}
