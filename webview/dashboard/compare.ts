/**
 * The comparison with other runs: what is laid over the charts, its legend with the values at the step that is looked at, and
 * the table of what differs. The axis stays this run's; the others stand where they had done as many steps, read as many tokens or
 * taken as long.
 */
import type { Comparison, DashboardHost, DashboardRun } from '../../src/protocol/panels';
import type { Client } from '../../src/protocol/rpc';
import { surface } from '../lib/canvas';
import { fill, h, iconButton } from '../lib/dom';
import { int } from '../lib/format';
import { t } from '../lib/l10n';
import { themePalette } from '../lib/palette';
import { dataTable } from '../lib/table';
import { drawSwatch, looks, type Overlay } from './compareDraw';
import { type Comparable, comparable, comparableWords, differences, inNats, outcomes, type Row } from './compareFacts';
import { type Align, alongside, curvesOf, lastPoint } from './compareSeries';
import { History } from './history';
import type { Unit } from './series';
import { loss, runName } from './words';

interface Other {
  readonly run: DashboardRun;
  readonly history: History;
  readonly how: Comparable;
  /** Its value in the legend. */
  readonly value: HTMLElement;
}

const SWATCH = [36, 12] as const;
/** How often a run that trains meanwhile is read again, in milliseconds: about as often as it evaluates. */
const AGAIN = 5_000;

export class ComparisonView {
  readonly element: HTMLElement;
  private readonly legend = h('ul', { class: 'stacked compared-list' });
  private readonly table = h('div');
  private readonly select: HTMLSelectElement;
  private readonly alignNote = h('p', { class: 'dim' });
  private others: readonly Other[] = [];
  private drawn: readonly (Overlay | null)[] = [];
  /** What they were made for: they are asked for at every drawing, and seldom change. */
  private drawnFor = '';
  private shownTable = '';
  private asked: string | null = null;
  private again: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly host: Pick<Client<DashboardHost>, 'comparison' | 'compare' | 'uncompare'>,
    align: Align,
    private readonly aligned: (align: Align) => void,
    private readonly changed: () => void,
    private readonly failed: (error: unknown) => void,
  ) {
    const names: Record<Align, string> = { step: t('by step'), tokens: t('by tokens read'), time: t('by time') };
    this.select = h(
      'select',
      {
        class: 'select',
        'aria-label': t('Curves laid side by side'),
        onchange: () => {
          this.aligned(this.select.value as Align);
        },
      },
      ...(['step', 'tokens', 'time'] as const).map((name) => h('option', { value: name, selected: name === align }, names[name])),
    );
    this.element = h(
      'section',
      { class: 'compared', hidden: true },
      h('div', { class: 'compared-title' }, h('h2', {}, t('Compared runs')), this.select),
      this.legend,
      this.alignNote,
      this.table,
    );
  }

  /** Asks for what was compared before. */
  async load(run: string): Promise<void> {
    this.asked = run;
    await this.take(() => this.host.comparison({ run }));
  }

  /** Its run is no longer on screen. */
  dispose(): void {
    clearTimeout(this.again);
  }

  async choose(): Promise<void> {
    try {
      await this.host.compare({});
    } catch (error) {
      this.failed(error);
    }
  }

  set(comparison: Comparison): void {
    this.others = comparison.runs.slice(0, looks.length).map(({ run, events, measured }) => ({
      run,
      history: new History(events),
      how: comparable(comparison.own, measured),
      value: h('span', { class: 'value mono' }),
    }));
    this.shownTable = '';
    this.drawnFor = '';
    this.element.hidden = this.others.length === 0;
    this.showLegend();
    this.changed();
    this.follow();
  }

  /** One of them trains while this run is looked at: its curve goes on. */
  private follow(): void {
    clearTimeout(this.again);
    const run = this.asked;
    if (run === null || !this.others.some((other) => other.run.info.state === 'running')) return;
    this.again = setTimeout(() => (document.hidden ? this.follow() : void this.load(run)), AGAIN);
  }

  /** What is laid over the chart of `own`. */
  overlays(own: History, unit: Unit, align: Align, smoothing: number): Overlay[] {
    const stamp = [unit, align, smoothing, own.start?.tokensPerStep, align === 'time' ? own.steps.step.length : 0].join();
    if (stamp === this.drawnFor) return this.drawn.filter((overlay) => overlay !== null);
    this.drawnFor = stamp;
    this.drawn = this.others.map(({ run, history, how }, i) => {
      const place = alongside(own, history, align);
      if (!place || (unit === 'nats' && !inNats(how))) return null;
      return { name: run.info.name, look: looks[i]!, ...curvesOf(history, place, unit, smoothing) };
    });
    return this.drawn.filter((overlay) => overlay !== null);
  }

  show(run: DashboardRun, history: History, unit: Unit, align: Align): void {
    if (this.others.length === 0) return;
    const note = {
      step: '',
      tokens: t('The axis counts the tokens that were read.'),
      time: t('The axis is the time of training, which depends on the computer and on what else it did.'),
    }[align];
    if (this.alignNote.textContent !== note) this.alignNote.textContent = note;
    this.alignNote.hidden = note === '' || this.drawn.every((overlay) => overlay === null);
    for (const [i, { how }] of this.others.entries()) {
      const hidden = this.drawn[i] === null;
      const words = this.legend.children[i]?.querySelector('.compared-words');
      const said =
        hidden && unit === 'nats' && !inNats(how)
          ? t('Not drawn in nats per token. {0}', comparableWords(how))
          : hidden
            ? t('Not drawn: one of the two does not say how many tokens it read, or how long it took.')
            : comparableWords(how);
      if (words && words.textContent !== said) words.textContent = said;
    }
    this.showTable(run, history);
  }

  /** The values at a place of the axis. */
  read(step: number): void {
    this.others.forEach(({ value }, i) => {
      const curves = this.drawn[i];
      const held = curves && lastPoint(curves.held, step);
      const training = curves && lastPoint(curves.training, step);
      const [at, figure] = held ?? training ?? [step, null];
      // Beside a figure of another step it says of which it is.
      value.textContent = Math.round(at) === step ? loss(figure) : t('{0} at step {1}', loss(figure), int(Math.round(at)));
      value.title = training ? t('training {0}, held-out text {1}', loss(training[1]), loss(held?.[1] ?? null)) : '';
    });
  }

  recolour(): void {
    this.showLegend();
  }

  private async take(call: () => Promise<Comparison>): Promise<void> {
    try {
      const comparison = await call();
      // A host that knows nothing of it answers nothing.
      if (comparison) this.set(comparison);
    } catch (error) {
      this.failed(error);
    }
  }

  private showLegend(): void {
    const palette = themePalette();
    fill(
      this.legend,
      ...this.others.map(({ run: { info }, how, value }, i) => {
        const canvas = h('canvas', { class: 'compared-swatch', 'aria-hidden': true });
        const { context } = surface(canvas, ...SWATCH);
        drawSwatch(context, looks[i]!, palette, [1, SWATCH[1] / 2], SWATCH[0] - 2);
        return h(
          'li',
          { class: how === 'same' ? null : 'guarded' },
          canvas,
          h('span', { class: 'compared-name' }, runName(info.name, info.state)),
          value,
          iconButton(
            'close',
            t('Compare no longer with {0}', info.name),
            () => void this.take(() => this.host.uncompare({ run: info.id })),
          ),
          h('span', { class: 'compared-words' }, comparableWords(how)),
        );
      }),
    );
  }

  /** Anew only where a figure in it changed. */
  private showTable(run: DashboardRun, history: History): void {
    const sides = [{ run, history }, ...this.others];
    const different = differences(sides);
    const rows = [...different, ...outcomes(sides, [true, ...this.others.map(({ how }) => inNats(how))])];
    const stamp = JSON.stringify([sides.map((side) => side.run.info.name), rows]);
    if (stamp === this.shownTable) return;
    this.shownTable = stamp;
    fill(
      this.table,
      dataTable({
        caption:
          different.length > 0
            ? t('Where these runs differ, and where they arrived')
            : t('Settings, corpus and model are the same; this is where the runs arrived'),
        columns: [
          { title: t('Fact'), cell: ({ name }: Row) => name },
          ...sides.map((side, i) => ({
            title: side.run.info.name,
            number: true,
            cell: ({ values }: Row) => values[i]!,
            hover: ({ values }: Row) => values[i]!,
          })),
        ],
        rows,
      }),
    );
  }
}
