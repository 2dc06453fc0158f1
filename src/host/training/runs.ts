/** What people do with runs that are kept: give them a name and a note, delete them. Deleted runs go into the trash, where there is one. */
import * as vscode from 'vscode';
import { LoupeError } from '../../core/errors';
import type { RunInfo } from '../../protocol/engine';
import { locale } from '../services/locale';
import { runLine } from '../services/runText';
import type { Services } from '../services/services';
import type { TrainingSession } from './session';

/** Another name, a note; whoever shows the name shows the new one. */
export async function describeRun(
  { engine, models }: Services,
  session: TrainingSession,
  run: string,
  about: { name?: string; note?: string },
): Promise<void> {
  await engine.text.describeRun({ run, ...about });
  if (about.name === undefined) return;
  const { name } = await runNamed(engine, run);
  await session.rename(run, name);
  const ref = `run:${run}`;
  if (models.ref === ref) await models.choose({ ref, name });
}

/** Throws `training.noRun`. */
export async function runNamed(engine: Services['engine'], run: string): Promise<RunInfo> {
  const info = (await engine.text.runs({})).find((each) => each.id === run);
  if (!info) throw new LoupeError('training.noRun', { run });
  return info;
}

/** The runs of this workspace that nobody trains, for the user to tick; undefined where the user leaves. */
export async function chooseRuns({ engine }: Services): Promise<RunInfo[] | undefined> {
  const { t } = vscode.l10n;
  const runs = engine.runs ? await engine.text.runs({}) : [];
  const idle = runs.filter((run) => !trains(run));
  if (idle.length === 0) {
    void vscode.window.showInformationMessage(t('There is no run to delete in this workspace.'));
    return undefined;
  }
  const picked = await vscode.window.showQuickPick(idle.map(runItem), { canPickMany: true, title: t('Runs to delete') });
  return picked?.map(({ run }) => run);
}

/** Asks once, then moves the runs into the trash. Gives the ids of those that are gone. Throws `training.busy` for one that is being trained. */
export async function deleteRuns({ engine, models }: Services, runs: readonly RunInfo[]): Promise<string[]> {
  const busy = runs.find(trains);
  if (busy) throw new LoupeError('training.busy', { pid: busy.pid ?? process.pid });
  const trash = hasTrash();
  if (runs.length === 0 || !(await confirmed(runs, trash))) return [];
  const deleted: string[] = [];
  for (const run of runs) {
    if (!(trash && (await trashed(run))) && !(await deletedForGood(engine, run, trash))) continue;
    await models.forget(`run:${run.id}`);
    deleted.push(run.id);
  }
  return deleted;
}

export function runItem(run: RunInfo): vscode.QuickPickItem & { run: RunInfo } {
  const { size } = locale();
  return {
    run,
    label: run.name,
    description: size(run.bytes),
    detail: `${runLine(run, locale())} · ${locale().moment(run.created)}`,
  };
}

function trains({ state }: RunInfo): boolean {
  return state === 'running' || state === 'paused';
}

/** As for any file: VS Code has no trash on another machine than the user's. */
function hasTrash(): boolean {
  return vscode.env.remoteName === undefined && vscode.env.uiKind === vscode.UIKind.Desktop;
}

async function confirmed(runs: readonly RunInfo[], trash: boolean): Promise<boolean> {
  const { t } = vscode.l10n;
  const [{ name } = { name: '' }] = runs;
  const size = locale().size(runs.reduce((sum, { bytes }) => sum + bytes, 0));
  if (!trash) {
    const question =
      runs.length === 1
        ? t('Delete "{0}" ({1})? Its model is lost.', name, size)
        : t('Delete {0} runs ({1})? Their models are lost.', runs.length, size);
    return (await vscode.window.showWarningMessage(question, { modal: true }, t('Delete'))) !== undefined;
  }
  const question = runs.length === 1 ? t('Delete "{0}" ({1})?', name, size) : t('Delete {0} runs ({1})?', runs.length, size);
  const detail = t('You can restore what you delete from the trash.');
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, t('Move to Trash'))) !== undefined;
}

/** False where the trash cannot take it. */
async function trashed({ path }: RunInfo): Promise<boolean> {
  try {
    await vscode.workspace.fs.delete(vscode.Uri.file(path), { recursive: true, useTrash: true });
    return true;
  } catch {
    return false;
  }
}

/** What was to go into the trash is asked for once more, as VS Code does: this cannot be undone. */
async function deletedForGood(engine: Services['engine'], run: RunInfo, ask: boolean): Promise<boolean> {
  const { t } = vscode.l10n;
  if (ask) {
    const question = t('The trash cannot take "{0}". Delete it for good?', run.name);
    if ((await vscode.window.showWarningMessage(question, { modal: true }, t('Delete'))) === undefined) return false;
  }
  await engine.text.deleteRun({ run: run.id });
  return true;
}
