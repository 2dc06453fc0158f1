/**
 * The dashboard's side of the extension: which run it shows, its whole history from disk, and what is added to it, whoever
 * trains it. It goes on when the panel is closed, and the panel comes back with the window.
 */
import * as vscode from 'vscode';
import { LoupeError } from '../../core/errors';
import type { TrainEvent } from '../../core/train/events';
import type { RunInfo } from '../../protocol/engine';
import type { DashboardHost, DashboardRun, DashboardState, DashboardView, PanelMessage } from '../../protocol/panels';
import type { Client, Service } from '../../protocol/rpc';
import { errorMessage, isCancelled } from '../services/errors';
import { locale } from '../services/locale';
import { openCopied } from '../services/openCopied';
import { isOfRun } from '../services/runSteps';
import type { Services } from '../services/services';
import { attachPanel, type PanelKind, runPanelCommand } from '../webviews/panel';
import { save } from '../webviews/save';
import { Checkpoints } from './checkpoints';
import { Comparisons } from './compare';
import { describeRun, runNamed } from './runs';
import type { RunName, TrainingSession } from './session';
import { preparingText } from './statusText';

export const dashboardViewType = 'llmLoupe.dashboard';
const key = 'llmLoupe.dashboard';

export function dashboardKind(): PanelKind {
  return { bundle: 'dashboard', viewType: dashboardViewType, title: vscode.l10n.t('Training') };
}

export class Dashboard implements vscode.Disposable {
  private readonly view: Client<DashboardView>;
  private readonly subscriptions: vscode.Disposable[];
  /** The run on screen; null: the one being trained, or the newest. */
  private chosen: string | null;
  private watching: AbortController | null = null;
  private shown: DashboardRun | null = null;
  /** Counts what was asked to be shown: only the last is, and only its run is watched. */
  private turn = 0;
  private readonly comparisons: Comparisons;
  private readonly checkpoints: Checkpoints;
  private readonly closed = new vscode.EventEmitter<void>();
  readonly onDidClose = this.closed.event;

  constructor(
    context: vscode.ExtensionContext,
    private readonly services: Services,
    private readonly session: TrainingSession,
    readonly panel: vscode.WebviewPanel,
    private readonly memory: vscode.Memento,
    private readonly resume: (run: RunName) => Promise<void>,
  ) {
    this.chosen = memory.get<string>(key) ?? null;
    this.comparisons = new Comparisons(services, memory, (info) => this.describe(info));
    this.checkpoints = new Checkpoints(services);
    this.view = attachPanel<DashboardHost, DashboardView>(context, panel, dashboardKind(), this.service());
    let phase = this.phase();
    this.subscriptions = [
      panel.onDidDispose(() => this.dispose()),
      services.models.onDidChange(() => void this.update()),
      session.onDidChange(() => {
        const before = phase;
        phase = this.phase();
        if (phase === before) return;
        // From preparing to training and to the end the picture is another one; pausing only changes its buttons.
        const lively = (each: string) => each.startsWith('running') || each.startsWith('paused') || each.startsWith('stopping');
        if (lively(before) && lively(phase)) void this.update();
        else void this.show();
      }),
    ];
  }

  /** Shows a run, or what is being trained. */
  async choose(run: string | null): Promise<void> {
    this.chosen = run;
    await this.memory.update(key, run ?? undefined);
    await this.show();
  }

  /** Asks which runs are compared with the one on screen. */
  async compare(): Promise<void> {
    const run = this.shown?.info.id ?? this.chosen;
    if (!(await this.comparisons.choose(run))) return;
    const shown = this.shown?.info.id;
    if (shown !== undefined) await this.view.compared({ run: shown, comparison: await this.comparisons.of(shown) }).catch(() => {});
  }

  dispose(): void {
    this.watching?.abort();
    for (const subscription of this.subscriptions) subscription.dispose();
    this.closed.fire();
    this.closed.dispose();
  }

  private service(): Service<DashboardHost> {
    return {
      ready: async () => {
        for (;;) {
          const state = await this.latest();
          if (state) return state;
        }
      },
      choose: ({ run }) => this.choose(run),
      pause: () => this.session.pause(),
      unpause: () => this.session.unpause(),
      stop: () => this.session.stop(),
      resume: async ({ run }) => {
        const { name } = this.shown?.info.id === run ? this.shown.info : { name: run };
        await this.resume({ run, name });
      },
      use: async ({ run }) => {
        const { name } = await runNamed(this.services.engine, run);
        await this.services.models.choose({ ref: `run:${run}`, name });
      },
      continue: async ({ run }) => {
        const { name } = await runNamed(this.services.engine, run);
        // The questions are VS Code's, and what goes wrong is said there.
        void vscode.commands.executeCommand('llmLoupe.trainOnWorkspace', { from: { ref: `run:${run}`, name } });
      },
      describe: async ({ run, ...about }) => {
        await describeRun(this.services, this.session, run, about);
        await this.update();
      },
      delete: async ({ run }) => {
        const deleted = await vscode.commands.executeCommand<string[] | undefined>('llmLoupe.deleteRuns', { run });
        return { deleted: deleted?.includes(run) ?? false };
      },
      copies: ({ run, texts }, { signal }) => this.services.engine.text.copies({ model: `run:${run}`, texts }, { signal }),
      openCopied,
      comparison: ({ run }) => this.comparisons.of(run),
      compare: () => this.compare(),
      uncompare: async ({ run }) => {
        await this.comparisons.remove(run);
        return this.comparisons.of(this.shown?.info.id ?? run);
      },
      kept: ({ run }) => this.checkpoints.kept(run),
      look: async ({ run, step }) => {
        await this.checkpoints.look(run, step);
        return this.checkpoints.kept(run);
      },
      frames: ({ run, after }) => this.services.engine.text.attentionFrames({ run, after }),
      computeFrames: ({ run }, { signal, progress }) => this.checkpoints.compute(run, signal, progress),
      inspectPrompt: ({ run, step, ...head }) => this.checkpoints.inspect(run, step, head),
      command: ({ command }) => runPanelCommand(command),
      save,
    };
  }

  private phase(): string {
    const { standing, ended } = this.session;
    if (standing)
      return standing.phase === 'preparing' ? `preparing ${JSON.stringify(standing.preparing)}` : `${standing.phase} ${standing.run}`;
    return ended ? `ended ${ended.run}` : 'none';
  }

  private async show(): Promise<void> {
    const state = await this.latest();
    // Closed meanwhile, or not loaded yet: `ready` gives it then.
    if (state) await this.view.show(state).catch(() => {});
  }

  /** What is shown now, and from here on what is added to it; null when it was asked for once more meanwhile. */
  private async latest(): Promise<DashboardState | null> {
    const turn = ++this.turn;
    this.watching?.abort();
    this.watching = null;
    const { state, next } = await this.state();
    if (turn !== this.turn) return null;
    if (state.kind === 'run' || state.kind === 'error') this.shown = state.run;
    if (state.kind === 'run') {
      const { id, state: standing } = state.run.info;
      if (standing === 'running' || standing === 'paused') void this.watch(id, next);
    }
    return state;
  }

  /** `next`: where the history goes on after the events of the state. */
  private async state(): Promise<{ state: DashboardState; next: number }> {
    const only = (state: DashboardState) => ({ state, next: 0 });
    const { standing, ended } = this.session;
    if (standing?.phase === 'preparing' && (this.chosen === null || this.chosen === standing.run)) {
      const { done, total } = standing.preparing;
      return only({ kind: 'preparing', phase: preparingText(standing.preparing, locale().t), done, total });
    }
    if (ended?.early && ended.error && (this.chosen === null || this.chosen === ended.run)) {
      return only({ kind: 'error', message: failure(ended.error), run: null, events: [] });
    }
    try {
      const { text } = this.services.engine;
      const runs = this.services.engine.runs ? await text.runs({}) : [];
      const wanted = this.chosen ?? standing?.run;
      const info = runs.find((run) => run.id === wanted) ?? runs[0];
      if (!info) return only({ kind: 'empty', message: nothingYet() });
      const run = await this.describe(info);
      const { events, next } = await text.runEvents({ run: info.id, from: 0 });
      const error = failureOf(events) ?? (ended?.run === info.id && ended.error ? ended.error : null);
      if (info.state === 'failed' && error) return only({ kind: 'error', message: failure(error), run, events });
      return { state: { kind: 'run', run, events, others: runs.filter((each) => each.id !== info.id) }, next };
    } catch (error) {
      this.services.log.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
      return only({ kind: 'error', message: errorMessage(error), run: null, events: [] });
    }
  }

  private async describe(info: RunInfo): Promise<DashboardRun> {
    const record = await this.services.engine.text.runRecord({ run: info.id });
    return { info, ...record, mine: this.session.standing?.run === info.id, active: isOfRun(this.services.models.ref, info.id) };
  }

  /** Passes on what is written to the run's history, until it ends. */
  private async watch(run: string, from: number): Promise<void> {
    const watching = new AbortController();
    this.watching = watching;
    let batch: TrainEvent[] = [];
    const send = () => {
      const events = batch;
      batch = [];
      this.view.events({ run, events }).catch(() => {});
    };
    const onProgress = (event: TrainEvent) => {
      if (batch.push(event) === 1) queueMicrotask(send);
    };
    try {
      await this.services.engine.text.watchRun({ run, from }, { signal: watching.signal, onProgress });
      if (!watching.signal.aborted) await this.show();
    } catch (error) {
      if (!isCancelled(error)) this.services.log.warn(`watching ${run}: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** The run's standing changed, its history did not. */
  private async update(): Promise<void> {
    const { shown } = this;
    if (!shown) return;
    const runs = await this.services.engine.text.runs({});
    const info = runs.find((run) => run.id === shown.info.id);
    if (!info || this.shown !== shown) return;
    // The lock on disk says "running" while this window knows better.
    const { standing } = this.session;
    const state = standing?.run === info.id && standing.phase === 'paused' ? 'paused' : info.state;
    this.shown = await this.describe({ ...info, state });
    await this.view.update({ run: this.shown }).catch(() => {});
  }
}

function nothingYet(): PanelMessage {
  return {
    title: vscode.l10n.t('No model has been trained in this workspace yet.'),
    detail: vscode.l10n.t('Training reads the text files of the workspace, on this machine only.'),
    action: { label: vscode.l10n.t('Train on This Workspace'), command: 'llmLoupe.trainOnWorkspace' },
  };
}

function failure(error: unknown): PanelMessage {
  if (error instanceof LoupeError && error.code === 'training.busy') {
    return errorMessage(error, { label: vscode.l10n.t('Watch It Here'), command: 'llmLoupe.showTraining' });
  }
  return errorMessage(error, { label: vscode.l10n.t('Train Again'), command: 'llmLoupe.trainOnWorkspace' });
}

function failureOf(events: readonly TrainEvent[]): LoupeError | null {
  const error = events.findLast((event) => event.type === 'error');
  return error ? new LoupeError(error.code as LoupeError['code'], error.args) : null;
}
