/** Training on the workspace: the questions before it, the run of this window, its status item, its dashboard. */
import * as vscode from 'vscode';
import { LoupeError } from '../../core/errors';
import type { NamedModel } from '../services/activeModel';
import { turnOff } from '../services/offSwitch';
import type { Services } from '../services/services';
import { createPanel } from '../webviews/panel';
import { AccountPage } from './account';
import { Checkpoints } from './checkpoints';
import { chooseTraining } from './choose';
import { Dashboard, dashboardKind, dashboardViewType } from './dashboard';
import { runName } from './manifest';
import { chooseRuns, deleteRuns, runItem, runNamed } from './runs';
import { type RunName, TrainingSession } from './session';
import { TrainingStatus } from './status';

export function registerTraining(context: vscode.ExtensionContext, services: Services): void {
  const { command, engine } = services;
  const memory = context.workspaceState;
  const session = new TrainingSession(services, memory);
  const status = new TrainingStatus(services, session, memory);
  const account = new AccountPage();
  let dashboard: Dashboard | null = null;

  const attach = (panel: vscode.WebviewPanel) => {
    const opened = new Dashboard(context, services, session, panel, memory, resume);
    dashboard = opened;
    opened.onDidClose(() => {
      if (dashboard === opened) dashboard = null;
    });
  };
  const openDashboard = async (run: string | null) => {
    if (dashboard) {
      dashboard.panel.reveal();
      await dashboard.choose(run);
      return;
    }
    await memory.update('llmLoupe.dashboard', run ?? undefined);
    // Who looks at the surprise of a text wants to see it change: the dashboard does not cover it.
    const { activeTextEditor } = vscode.window;
    const looked = activeTextEditor && services.layers.of(activeTextEditor.document) === 'surprise';
    attach(createPanel(dashboardKind(), looked ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active, false));
  };
  const resume = async (run: RunName) => {
    requireTrust();
    if (session.standing) return;
    const running = session.resume(run);
    await Promise.all([openDashboard(run.run), running]);
  };

  context.subscriptions.push(
    session,
    status,
    account,
    new Checkpoints(services).documents(),
    session.onDidChange(() => status.show()),
    command('llmLoupe.trainOnWorkspace', async (asked?: unknown) => {
      requireTrust();
      if (session.standing) return openDashboard(null);
      const minutes = minutesOf(asked);
      const choice = await chooseTraining(services, memory, account, minutes, modelOf(asked));
      if (!choice) return;
      const taken = new Set((await engine.text.runs({})).map((run) => run.id));
      const name = runName(vscode.workspace.name ?? '', choice.kind, taken);
      const { corpus, from, preset } = choice;
      const running = session.start({ run: name, name, corpus, from, preset, tokenizer: null, config: {}, settings: {}, minutes });
      await Promise.all([openDashboard(null), running]);
    }),
    command('llmLoupe.showTraining', () => {
      session.acknowledge();
      return openDashboard(session.standing ? null : (session.ended?.run ?? null));
    }),
    command('llmLoupe.compareRuns', async () => {
      if (dashboard) dashboard.panel.reveal();
      else await openDashboard(session.standing ? null : (session.ended?.run ?? null));
      await dashboard?.compare();
    }),
    command('llmLoupe.pauseTraining', () => session.pause()),
    command('llmLoupe.resumeTraining', async () => {
      if (session.standing) return session.unpause();
      const run = await chooseResumable(services, status.offered ?? session.unfinished);
      if (run) await resume(run);
    }),
    command('llmLoupe.stopTraining', () => session.stop()),
    command('llmLoupe.hideTraining', () => status.hide()),
    command('llmLoupe.neverOfferToResume', async () => {
      const said = vscode.l10n.t('Trainings are no longer offered to be resumed. The setting “Training: Offer To Resume” brings it back.');
      await turnOff('training.offerToResume', said);
      status.show();
    }),
    command('llmLoupe.deleteRuns', async (asked?: unknown) => {
      const run = runOf(asked);
      const chosen = run === null ? await chooseRuns(services) : [await runNamed(engine, run)];
      const deleted = await deleteRuns(services, chosen ?? []);
      for (const run of deleted) await session.forget(run);
      if (status.offered && deleted.includes(status.offered.run)) status.offered = null;
      if (deleted.length > 0) await dashboard?.choose(null);
      status.show();
      return deleted;
    }),
    vscode.window.registerWebviewPanelSerializer(dashboardViewType, {
      async deserializeWebviewPanel(panel) {
        if (dashboard) panel.dispose();
        else attach(panel);
      },
    }),
    { dispose: () => dashboard?.panel.dispose() },
  );
}

/** A limit that another of our features asks for; menus hand over other things, which say nothing here. */
function minutesOf(asked: unknown): number | null {
  const { minutes } = (asked ?? {}) as Record<string, unknown>;
  return typeof minutes === 'number' && minutes > 0 ? minutes : null;
}

/** The same for a model to begin with, and for a run. */
function modelOf(asked: unknown): NamedModel | null {
  const { from } = (asked ?? {}) as { from?: Partial<NamedModel> };
  return typeof from?.ref === 'string' && typeof from.name === 'string' ? { ref: from.ref, name: from.name } : null;
}

function runOf(asked: unknown): string | null {
  const { run } = (asked ?? {}) as Record<string, unknown>;
  return typeof run === 'string' ? run : null;
}

function requireTrust(): void {
  if (!vscode.workspace.isTrusted) throw new LoupeError('workspace.untrusted');
}

async function chooseResumable({ engine }: Services, unfinished: RunName | null): Promise<RunName | undefined> {
  const resumable = (await engine.text.runs({})).filter(
    ({ state, checkpoints }) => checkpoints.length > 0 && (state === 'interrupted' || state === 'stopped' || state === 'failed'),
  );
  const last = resumable.find((run) => run.id === unfinished?.run);
  if (last) return { run: last.id, name: last.name };
  if (resumable.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('No training of this workspace can be resumed.'));
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(resumable.map(runItem), { title: vscode.l10n.t('Training to resume') });
  return picked && { run: picked.run.id, name: picked.run.name };
}
