/**
 * The slider of kept weights: the step it stands on is what every open view is computed from. Asked anew whenever the run has
 * kept more, and whenever another model was chosen somewhere else; what the reader is moving stays under the hand.
 */
import type { DashboardHost, DashboardRun, KeptWeights } from '../../src/protocol/panels';
import type { Client } from '../../src/protocol/rpc';
import { fill, h } from '../lib/dom';
import { int } from '../lib/format';
import { t } from '../lib/l10n';
import { labelled, type Stop, stopsOf } from './checkpointStops';

/** A hand that moves on asks for nothing. */
const REST_MS = 150;

export class CheckpointSlider {
  readonly element: HTMLElement;
  private readonly input = h('input', {
    type: 'range',
    class: 'range checkpoint-range',
    min: 0,
    step: 1,
    'aria-label': t('Weights to look at'),
  });
  private readonly ticks = h('div', { class: 'checkpoint-ticks', 'aria-hidden': true });
  private readonly words = h('span', { class: 'checkpoint-words', role: 'status' });
  private readonly back = h('button', { type: 'button', class: 'link-button', hidden: true }, t('Back to the last'));
  private stops: readonly Stop[] = [];
  private kept: KeptWeights | null = null;
  private run: DashboardRun | null = null;
  private asked = '';
  /** Where the hand is, until the host has answered. */
  private wanted: number | null = null;
  private timer = 0;

  constructor(
    private readonly host: Pick<Client<DashboardHost>, 'kept' | 'look'>,
    private readonly failed: (error: unknown) => void,
  ) {
    this.input.addEventListener('input', () => this.move(this.input.valueAsNumber, REST_MS));
    this.input.addEventListener('change', () => this.move(this.input.valueAsNumber, 0));
    this.back.addEventListener('click', () => {
      this.input.focus();
      this.move(this.stops.length - 1, 0);
    });
    this.element = h(
      'section',
      { class: 'checkpoints', hidden: true },
      h('h2', {}, t('Look back')),
      h('div', { class: 'checkpoint-slider' }, this.input, this.ticks),
      h('p', { class: 'checkpoint-line' }, this.words, ' ', this.back),
    );
  }

  /** Steps that are kept, besides what it began with; none while that is not known. */
  get steps(): readonly number[] {
    return this.kept?.steps ?? [];
  }

  show(run: DashboardRun): void {
    this.run = run;
    const { info, active } = run;
    const stamp = `${info.id} ${info.state} ${info.checkpoints.join()} ${active}`;
    if (stamp !== this.asked) {
      this.asked = stamp;
      void this.ask();
    }
    this.draw();
  }

  /** Another model may be in use. */
  refresh(): void {
    this.asked = '';
  }

  private async ask(): Promise<void> {
    try {
      const kept = await this.host.kept({ run: this.run!.info.id }, { latest: 'kept' });
      // A host that knows nothing of it answers nothing.
      if (kept) this.take(kept);
    } catch (error) {
      if ((error as { code?: string }).code !== 'cancelled') this.failed(error);
    }
  }

  private take(kept: KeptWeights): void {
    this.kept = kept;
    this.wanted = null;
    this.draw();
  }

  private move(index: number, rest: number): void {
    clearTimeout(this.timer);
    this.wanted = index;
    this.draw();
    this.timer = window.setTimeout(async () => {
      const stop = this.stops[index];
      if (!stop || !this.run) return;
      try {
        this.take(await this.host.look({ run: this.run.info.id, step: stop.step }, { latest: 'look' }));
      } catch (error) {
        if ((error as { code?: string }).code === 'cancelled') return;
        this.wanted = null;
        this.failed(error);
        this.draw();
      }
    }, rest);
  }

  private draw(): void {
    const { run, kept } = this;
    if (!run || !kept) return;
    const stops = stopsOf(run, kept.steps);
    this.element.hidden = stops.length < 2;
    if (JSON.stringify(stops) !== JSON.stringify(this.stops)) this.layOut(stops);
    const last = stops.length - 1;
    const shown = stops.findIndex(({ step }) => step === kept.shown);
    const at = Math.min(last, this.wanted ?? (shown < 0 ? last : shown));
    const stop = stops[at];
    if (!stop) return;
    if (this.input.valueAsNumber !== at) this.input.value = String(at);
    const other = !run.active && this.wanted === null;
    this.element.classList.toggle('other-model', other);
    this.input.setAttribute('aria-valuetext', nameOf(stop));
    const words = other ? t('Another model is in use. Move here to look at this run.') : sentenceOf(stop, run);
    if (this.words.textContent !== words) this.words.textContent = words;
    this.back.hidden = other || stop.step === null;
  }

  private layOut(stops: readonly Stop[]): void {
    this.stops = stops;
    const last = Math.max(1, stops.length - 1);
    this.input.max = String(last);
    const names = labelled(stops.length);
    fill(
      this.ticks,
      ...stops.map(({ at }, i) => {
        const tick = h('span', { class: 'checkpoint-tick' }, h('span', {}, names.has(i) ? int(at) : ''));
        tick.style.setProperty('--at', String(i / last));
        return tick;
      }),
    );
  }
}

function nameOf({ step, at }: Stop): string {
  if (step === 0) return t('Before training');
  return step === null ? t('The last weights, step {0}', int(at)) : t('Step {0}', int(at));
}

function sentenceOf({ step, at }: Stop, { info }: DashboardRun): string {
  if (step === 0) return t('Every open view is computed from what this run began with.');
  if (step !== null) return t('Every open view is computed from the weights of step {0}.', int(at));
  return info.state === 'running' || info.state === 'paused'
    ? t('Every open view is computed from the last weights, and follows the training.')
    : t('Every open view is computed from the last weights, step {0}.', int(at));
}
