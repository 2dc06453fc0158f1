/** Runs beside the one on screen: which were chosen, what they said, and how far their figures compare. */
import * as vscode from 'vscode';
import type { MeasuredOn, RunInfo } from '../../protocol/engine';
import type { Comparison, DashboardRun } from '../../protocol/panels';
import { locale } from '../services/locale';
import { runLine } from '../services/runText';
import type { Services } from '../services/services';

const key = 'llmLoupe.compared';
/** More curves could not be told apart. */
const most = 4;

export class Comparisons {
  constructor(
    private readonly services: Services,
    private readonly memory: vscode.Memento,
    private readonly describe: (info: RunInfo) => Promise<DashboardRun>,
  ) {}

  /** Those that were chosen and are still there, with their histories. */
  async of(run: string): Promise<Comparison> {
    const { text } = this.services.engine;
    const ids = this.ids.filter((id) => id !== run);
    if (ids.length === 0) return { own: null, runs: [] };
    const infos = await text.runs({});
    const chosen = ids.flatMap((id) => infos.find((info) => info.id === id) ?? []);
    const runs = chosen.map(async (info) => {
      const [described, { events }, measured] = await Promise.all([
        this.describe(info),
        text.runEvents({ run: info.id, from: 0 }),
        this.measured(info.id),
      ]);
      return { run: described, events, measured };
    });
    return { own: await this.measured(run), runs: await Promise.all(runs) };
  }

  /** Asks which; false where nothing was changed. */
  async choose(run: string | null): Promise<boolean> {
    const { t } = vscode.l10n;
    const runs = this.services.engine.runs ? await this.services.engine.text.runs({}) : [];
    const shown = run ?? runs[0]?.id;
    const others = runs.filter(({ id, step }) => id !== shown && step > 0);
    if (others.length === 0) {
      void vscode.window.showInformationMessage(t('There is no other run in this workspace to compare with: train a second time.'));
      return false;
    }
    const before = this.ids;
    const items = others.map((info) => ({
      id: info.id,
      label: info.name,
      description: locale().moment(info.created),
      detail: runLine(info, locale()),
      picked: before.includes(info.id),
    }));
    const title = t('Compare {0} with', runs.find(({ id }) => id === shown)?.name ?? '');
    const picked = await vscode.window.showQuickPick(items, {
      canPickMany: true,
      title,
      placeHolder: t('Up to {0} runs; none takes the comparison away', most),
      matchOnDetail: true,
    });
    if (!picked) return false;
    if (picked.length > most) void vscode.window.showInformationMessage(t('The first {0} of these runs are compared.', most));
    await this.memory.update(
      key,
      picked.slice(0, most).map(({ id }) => id),
    );
    return true;
  }

  async remove(run: string): Promise<void> {
    await this.memory.update(
      key,
      this.ids.filter((id) => id !== run),
    );
  }

  private get ids(): readonly string[] {
    return this.memory.get<string[]>(key) ?? [];
  }

  /** Null where its files are no longer there: then nothing is known. */
  private async measured(run: string): Promise<MeasuredOn | null> {
    try {
      return await this.services.engine.text.measuredOn({ run });
    } catch (error) {
      this.services.log.warn(`what ${run} was measured on: ${error instanceof Error ? error.message : error}`);
      return null;
    }
  }
}
