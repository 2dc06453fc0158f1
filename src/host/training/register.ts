/** Training on the workspace: the questions before it, the run of this window, its status item, its dashboard. */
import * as vscode from 'vscode';
import { LoupeError } from '../../core/errors';
import type { RunInfo } from '../../protocol/engine';
import { locale } from '../services/locale';
import { runLine } from '../services/runText';
import type { Services } from '../services/services';
import { createPanel } from '../webviews/panel';
import { AccountPage } from './account';
import { Checkpoints } from './checkpoints';
import { chooseTraining } from './choose';
import { Dashboard, dashboardKind, dashboardViewType } from './dashboard';
import { runName } from './manifest';
import { type RunName, TrainingSession } from './session';
import { TrainingStatus } from './status';

export function registerTraining(context: vscode.ExtensionContext, services: Services): void {
  const { command, engine } = services;
  const memory = context.workspaceState;
  const session = new TrainingSession(services, memory);
  const status = new TrainingStatus(services, session);
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
      const choice = await chooseTraining(services, memory, account, minutes);
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
    command('llmLoupe.deleteRuns', async () => {
      const deleted = await deleteRuns(services);
      for (const run of deleted) await session.forget(run);
      if (status.offered && deleted.includes(status.offered.run)) status.offered = null;
      if (deleted.length > 0) await dashboard?.choose(null);
      status.show();
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

/** Gives the ids of those that were deleted. */
async function deleteRuns({ engine, models }: Services): Promise<string[]> {
  const { t } = vscode.l10n;
  const runs = engine.runs ? await engine.text.runs({}) : [];
  const idle = runs.filter(({ state }) => state !== 'running' && state !== 'paused');
  if (idle.length === 0) {
    void vscode.window.showInformationMessage(t('There is no run to delete in this workspace.'));
    return [];
  }
  const picked = await vscode.window.showQuickPick(idle.map(runItem), { canPickMany: true, title: t('Runs to delete') });
  if (!picked || picked.length === 0) return [];
  const bytes = picked.reduce((sum, { run }) => sum + run.bytes, 0);
  const confirm = t('Delete');
  const question =
    picked.length === 1
      ? t('Delete "{0}" ({1})? Its model is lost.', picked[0]!.run.name, locale().size(bytes))
      : t('Delete {0} runs ({1})? Their models are lost.', picked.length, locale().size(bytes));
  if ((await vscode.window.showWarningMessage(question, { modal: true }, confirm)) !== confirm) return [];
  const deleted: string[] = [];
  for (const { run } of picked) {
    await engine.text.deleteRun({ run: run.id });
    await models.forget(`run:${run.id}`);
    deleted.push(run.id);
  }
  return deleted;
}

function runItem(run: RunInfo): vscode.QuickPickItem & { run: RunInfo } {
  const { size } = locale();
  return {
    run,
    label: run.name,
    description: size(run.bytes),
    detail: `${runLine(run, locale())} · ${locale().moment(run.created)}`,
  };
}
