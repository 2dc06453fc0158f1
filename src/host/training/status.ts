/** Training in the status bar: how far it is, what it became, and the offer to go on with one that was interrupted. */
import { readdir } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { RunInfo } from '../../protocol/engine';
import { errorText } from '../services/errors';
import { locale } from '../services/locale';
import { isOn, tooltipWith } from '../services/offSwitch';
import type { Services } from '../services/services';
import type { RunName, TrainingSession } from './session';
import { statusText } from './statusText';

/** Nothing starts with the window: the look for an interrupted run waits until it has settled. */
const settleMs = 3_000;
/** The run that the user did not want to be offered. */
const declinedKey = 'llmLoupe.training.declined';

export class TrainingStatus implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('llmLoupe.training', vscode.StatusBarAlignment.Left, -1);
  private readonly timer: NodeJS.Timeout | undefined;
  /** An interrupted run that can go on. */
  offered: RunName | null = null;
  /** The run whose end the user has hidden. */
  private hidden: string | null = null;

  constructor(
    private readonly services: Services,
    private readonly session: TrainingSession,
    private readonly memory: vscode.Memento,
  ) {
    this.item.name = vscode.l10n.t('Training');
    this.timer = setTimeout(() => void this.offer().catch((error) => services.log.warn(String(error))), settleMs);
  }

  show(): void {
    const { t } = vscode.l10n;
    const { standing } = this.session;
    const ended = this.session.ended?.run === this.hidden ? null : this.session.ended;
    const hide = { label: t('Hide'), command: 'llmLoupe.hideTraining' };
    this.item.command = 'llmLoupe.showTraining';
    this.item.backgroundColor = undefined;
    if (standing) {
      this.offered = null;
      this.hidden = null;
      // Cut off once more, it is offered once more.
      if (this.memory.get(declinedKey) === standing.run) void this.memory.update(declinedKey, undefined);
      this.item.text = statusText(standing, locale());
      this.item.tooltip = t('Loupe trains "{0}". Click to see it learn.', standing.name);
    } else if (ended?.outcome === 'failed' && !ended.early) {
      this.item.text = `$(error) ${t('Training stopped')}`;
      this.item.tooltip = tooltipWith(errorText(ended.error), hide);
      this.item.backgroundColor = new vscode.ThemeColor('statusBarItem.errorBackground');
    } else if (ended?.outcome === 'finished') {
      this.item.text = `$(check) ${t('Trained')}`;
      this.item.tooltip = tooltipWith(t('"{0}" is trained. Click to look at it and to use it.', ended.name), hide);
    } else if (this.offered && isOn('training.offerToResume')) {
      this.item.text = `$(debug-continue) ${t('Resume training')}`;
      const said = t('The training of "{0}" was interrupted. Click to go on from its last checkpoint.', this.offered.name);
      this.item.tooltip = tooltipWith(said, hide, { label: t('Never offer it'), command: 'llmLoupe.neverOfferToResume' });
      this.item.command = 'llmLoupe.resumeTraining';
    } else {
      this.item.hide();
      return;
    }
    this.item.show();
  }

  /** Until another training; what can be resumed is not offered again, and stays in the list of runs. */
  async hide(): Promise<void> {
    const { offered } = this;
    this.hidden = this.session.ended?.run ?? null;
    this.offered = null;
    this.show();
    if (offered) await this.memory.update(declinedKey, offered.run);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.item.dispose();
  }

  /** The run that this window's workspace was training, or the newest if it was cut off. */
  private async offer(): Promise<void> {
    if (!isOn('training.offerToResume')) return;
    const { engine } = this.services;
    const { unfinished } = this.session;
    if (!vscode.workspace.isTrusted || !engine.runs || (!unfinished && (await readdir(engine.runs).catch(() => [])).length === 0)) return;
    const runs = await engine.text.runs({});
    if (this.session.standing) return;
    const known = runs.find((run) => run.id === unfinished?.run);
    if (unfinished && (!known || known.state === 'finished')) await this.session.forgetUnfinished();
    // One that another window trains is not interrupted.
    const resumable = (run: RunInfo | undefined, ...states: RunInfo['state'][]) =>
      run && run.checkpoints.length > 0 && states.includes(run.state);
    const found = resumable(known, 'interrupted', 'stopped') ? known : resumable(runs[0], 'interrupted') ? runs[0] : undefined;
    if (found && found.id !== this.memory.get(declinedKey)) this.offered = { run: found.id, name: found.name };
    this.show();
  }
}
