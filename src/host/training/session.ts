/**
 * The training that this window runs, if any: starts, pauses, resumes and stops it, and says how it stands. What it says
 * meanwhile is on disk; the dashboard reads it there, as any other window does.
 */
import * as vscode from 'vscode';
import type { TrainEvent } from '../../core/train/events';
import type { TrainRequest, TrainResult } from '../../protocol/engine';
import type { CallOptions } from '../../protocol/rpc';
import { isCancelled } from '../services/errors';
import type { Services } from '../services/services';

export interface RunName {
  readonly run: string;
  readonly name: string;
}

export interface Standing extends RunName {
  /** `preparing` until the first step can be made: nothing of it is on disk before. */
  readonly phase: 'preparing' | 'running' | 'paused' | 'stopping';
  readonly step: number;
  readonly steps: number;
  readonly remainingSeconds: number;
  /** What is being prepared; `total` is 0 while it is not known. */
  readonly preparing: { readonly what: 'corpus' | 'tokenizer' | 'tokens' | 'model'; readonly done: number; readonly total: number };
}

export interface Ended extends RunName {
  readonly outcome: 'finished' | 'stopped' | 'failed';
  readonly error: unknown;
  /** It never came to its first step: nothing of it is left to look at. */
  readonly early: boolean;
}

const key = 'llmLoupe.training';

export class TrainingSession implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  standing: Standing | null = null;
  ended: Ended | null = null;
  private stopAsked = false;
  /** It made its first step, or is about to. */
  private begun = false;

  constructor(
    private readonly services: Services,
    private readonly memory: vscode.Memento,
  ) {}

  /** A run that this workspace was training when its window closed. */
  get unfinished(): RunName | null {
    return this.memory.get<RunName>(key) ?? null;
  }

  async forgetUnfinished(): Promise<void> {
    await this.memory.update(key, undefined);
  }

  /** A start that failed has been read. */
  acknowledge(): void {
    if (this.ended?.early) this.ended = null;
  }

  /** Whoever says its name from now on says this one. */
  async rename(run: string, name: string): Promise<void> {
    if (this.unfinished?.run === run) await this.memory.update(key, { run, name } satisfies RunName);
    if (this.standing?.run === run) this.standing = { ...this.standing, name };
    if (this.ended?.run === run) this.ended = { ...this.ended, name };
    this.changed.fire();
  }

  /** Its files are gone: there is nothing to look at any more. */
  async forget(run: string): Promise<void> {
    if (this.unfinished?.run === run) await this.forgetUnfinished();
    if (this.ended?.run !== run) return;
    this.ended = null;
    this.changed.fire();
  }

  /** Resolves when the run ends. Throws only where it failed before its first step: later the status says it. */
  start(request: TrainRequest): Promise<void> {
    return this.run(request, (options) => this.services.engine.train.start(request, options));
  }

  resume(run: RunName): Promise<void> {
    return this.run(run, (options) => this.services.engine.train.resume({ run: run.run }, options));
  }

  async pause(): Promise<void> {
    if (this.standing?.phase !== 'running') return;
    await this.services.engine.train.pause({});
    this.update({ phase: 'paused' });
  }

  async unpause(): Promise<void> {
    if (this.standing?.phase !== 'paused') return;
    await this.services.engine.train.unpause({});
    this.update({ phase: 'running' });
  }

  async stop(): Promise<void> {
    if (!this.standing) return;
    this.stopAsked = true;
    this.update({ phase: 'stopping' });
    await this.services.engine.train.stop({});
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async run({ run, name }: RunName, call: (options: CallOptions<TrainEvent>) => Promise<TrainResult>): Promise<void> {
    this.stopAsked = false;
    this.begun = false;
    this.ended = null;
    this.standing = { run, name, phase: 'preparing', step: 0, steps: 0, remainingSeconds: Number.NaN, preparing: preparing('corpus') };
    this.tell();
    const { engine, log } = this.services;
    log.info(`training ${run}: begins`);
    const running = call({ onProgress: (event) => this.event(event) });
    engine.training = running.catch(() => {});
    const end = async (outcome: Ended['outcome'], error: unknown) => {
      const early = !this.begun;
      engine.training = null;
      this.standing = null;
      this.ended = { run, name, outcome, error, early };
      this.weights(this.services.trainingRun.current?.step ?? 0, false);
      // A window that closes stops the run too: then it is offered again.
      if (outcome === 'finished' || (this.stopAsked && outcome === 'stopped')) await this.forgetUnfinished();
      this.tell();
      log.info(`training ${run}: ${outcome}`);
      return early;
    };
    try {
      const result = await running;
      await end(result.state, null);
    } catch (error) {
      const cancelled = isCancelled(error);
      const early = await end(cancelled ? 'stopped' : 'failed', cancelled ? null : error);
      if (early) throw error;
      log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }

  private event(event: TrainEvent): void {
    if (event.type === 'preparing') this.update({ preparing: { what: event.phase, done: event.done, total: event.total } });
    else if (event.type === 'tokenizer') this.update({ preparing: preparing('model') });
    else if (event.type === 'start') {
      this.begin({ steps: event.steps });
      this.weights(0, true);
    } else if (event.type === 'eval') this.weights(event.step, true);
    else if (event.type === 'step') this.begin({ step: event.step, remainingSeconds: event.remainingSeconds });
    else if (event.type === 'paused') this.update({ phase: 'paused' });
    else if (event.type === 'resumed') {
      if (this.services.trainingRun.current?.step === 0) this.weights(event.step, true);
      this.update({ phase: this.standing?.phase === 'stopping' ? 'stopping' : 'running' });
    }
  }

  /** There is something on disk now: it is offered again if the window closes. */
  private begin(change: Partial<Standing>): void {
    const { standing } = this;
    if (!standing) return;
    if (!this.begun) {
      this.begun = true;
      void this.memory.update(key, { run: standing.run, name: standing.name } satisfies RunName);
    }
    this.update({ ...change, ...(standing.phase === 'preparing' ? { phase: 'running' } : {}) });
  }

  /** Others may look at the weights of this step now. A run that never came to its first step has none. */
  private weights(step: number, training: boolean): void {
    const { standing, ended, services } = this;
    if (training && standing) services.trainingRun.set({ run: standing.run, name: standing.name, step, training });
    else if (ended && services.trainingRun.current?.run === ended.run) {
      services.trainingRun.set(ended.early ? null : { ...services.trainingRun.current, step, training });
    }
  }

  private update(change: Partial<Standing>): void {
    if (!this.standing) return;
    this.standing = { ...this.standing, ...change };
    this.tell();
  }

  private tell(): void {
    const { standing } = this;
    void vscode.commands.executeCommand('setContext', 'llmLoupe.training', standing !== null);
    void vscode.commands.executeCommand('setContext', 'llmLoupe.trainingPaused', standing?.phase === 'paused');
    this.changed.fire();
  }
}

function preparing(what: Standing['preparing']['what']): Standing['preparing'] {
  return { what, done: 0, total: 0 };
}
