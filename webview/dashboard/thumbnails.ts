/**
 * Heads as they form: a small picture of what each looks at in the run's fixed prompt, heads down, steps across, on one canvas and
 * one scale. Arrow keys move, click or Enter opens the inspector there. Frames come as they are recorded; for a run that recorded
 * none they are computed from what is kept, when asked.
 */
import type { AttentionFrame } from '../../src/protocol/engine';
import type { DashboardHost, DashboardRun } from '../../src/protocol/panels';
import type { Client } from '../../src/protocol/rpc';
import { onSize, scheduler, surface } from '../lib/canvas';
import { css } from '../lib/colour';
import { fill, h } from '../lib/dom';
import { int, percent } from '../lib/format';
import { t } from '../lib/l10n';
import { legend } from '../lib/legend';
import { type Palette, themePalette } from '../lib/palette';
import { wrapped } from '../lib/pen';
import { onPointer } from '../lib/pointer';
import { exportButton, type Picture } from '../lib/save';
import { progressBar } from '../lib/states';
import type { History } from './history';
import { HeadPictures, LABEL, type Place, type Sheet, sizeOf, TOP } from './thumbnailDraw';
import { ALL_HEADS, columnsOf, type Head, rowsOf } from './thumbnailFigures';
import { headRows, headSentence, headTable, openSentence } from './thumbnailWords';

/** From one picture to the next: what can still be read, and what is enough. */
const [LEAST, MOST] = [28, 64];
/** Of the words over a picture for a file: its width at least, and the height of a line. */
const [LEAST_PICTURE, LINE] = [360, 18];

export class HeadFilm {
  readonly element: HTMLElement;
  private readonly canvas = h('canvas', { tabindex: 0, role: 'application', class: 'heads-canvas' });
  private readonly readout = h('p', { class: 'heads-readout dim', role: 'status' });
  private readonly legend = legend();
  private readonly frame: HTMLElement;
  private readonly select: HTMLSelectElement;
  private readonly taken: HTMLElement;
  private readonly tableFrame = h('div', { hidden: true });
  private readonly offer = h('div', { class: 'heads-offer', hidden: true });
  private frames: AttentionFrame[] = [];
  private rows: Head[] = [];
  private columns: AttentionFrame[] = [];
  private palette: Palette = themePalette();
  private pictures = new HeadPictures(this.palette);
  /** By the reader; before that, the newest of the first head. */
  private chosen: Place | null = null;
  private hovered: Place | null = null;
  private width = 0;
  private asked = '';
  private rewinds = 0;
  private run: DashboardRun | null = null;
  private history: History | null = null;
  private kept: readonly number[] = [];
  private computing: AbortController | null = null;
  private table = false;
  private locked: number | null = null;
  private readonly redraw = scheduler(() => this.draw());

  constructor(
    private readonly host: Pick<Client<DashboardHost>, 'frames' | 'computeFrames' | 'inspectPrompt' | 'save'>,
    private readonly failed: (error: unknown) => void,
  ) {
    this.select = h('select', { class: 'select', 'aria-label': t('Heads'), onchange: () => this.layOut() });
    this.taken = exportButton(this.host, {
      name: () => `${this.run?.info.name ?? ''}-heads`,
      picture: (palette) => this.picture(palette),
      csv: () => headRows(this.frames),
      json: () => ({ run: this.run?.info.id, frames: this.frames }),
    });
    this.frame = h('div', { class: 'heads-frame' }, this.canvas);
    this.element = h(
      'section',
      { class: 'head-film', hidden: true },
      h(
        'div',
        { class: 'heads-title' },
        h('h2', {}, t('What the heads look at in the prompt, step by step')),
        h('span', { class: 'heads-controls' }, this.select, this.taken),
      ),
      this.offer,
      this.frame,
      this.tableFrame,
      this.readout,
      this.legend.element,
    );
    onSize(this.element, (width) => {
      this.width = width;
      this.layOut();
    });
    this.listen();
  }

  /** `kept`: steps whose weights can be opened. `locked`: the step that all charts show, where one was chosen. */
  show(run: DashboardRun, history: History, kept: readonly number[], table: boolean, locked: number | null): void {
    if (locked !== this.locked) {
      this.locked = locked;
      this.redraw();
    }
    this.run = run;
    this.history = history;
    this.kept = kept;
    if (table !== this.table) {
      this.table = table;
      this.layOut();
    }
    if (history.rewinds !== this.rewinds) {
      this.rewinds = history.rewinds;
      this.frames = [];
      this.asked = '';
    }
    const stamp = `${history.evals.step.length} ${run.info.state}`;
    if (stamp !== this.asked) {
      this.asked = stamp;
      void this.ask(run.info.id);
    }
  }

  recolour(): void {
    this.palette = themePalette();
    this.pictures = new HeadPictures(this.palette);
    this.layOut();
  }

  /** No run is computed for who looks elsewhere. */
  stop(): void {
    this.computing?.abort();
  }

  private async ask(run: string): Promise<void> {
    try {
      const more = await this.host.frames({ run, after: this.frames.at(-1)?.step ?? -1 }, { latest: 'frames' });
      // A host that knows nothing of it answers nothing.
      if (!more) return;
      this.frames.push(...more);
      this.offerOrShow();
    } catch (error) {
      if ((error as { code?: string }).code !== 'cancelled') this.failed(error);
    }
  }

  private offerOrShow(): void {
    const idle = this.run?.info.state !== 'running' && this.run?.info.state !== 'paused';
    const none = this.frames.length === 0;
    const possible = none && idle && (this.history?.samples.length ?? 0) > 0;
    this.element.hidden = none && !possible;
    this.offer.hidden = !possible;
    for (const each of [this.frame, this.readout, this.legend.element, this.select, this.taken]) each.hidden = none;
    if (possible && !this.computing) {
      fill(
        this.offer,
        h('p', {}, t('This run did not record what its heads look at. It can be computed from the weights that are kept.')),
        h('button', { type: 'button', class: 'button secondary compact', onclick: () => void this.compute() }, t('Compute Them')),
      );
    }
    if (!none) this.layOut();
  }

  private async compute(): Promise<void> {
    const computing = new AbortController();
    this.computing = computing;
    const bar = progressBar(t('Computing what the heads look at'));
    const words = h('span', { class: 'dim' });
    const cancel = h('button', { type: 'button', class: 'button secondary compact', onclick: () => computing.abort() }, t('Cancel'));
    fill(this.offer, bar.element, h('p', {}, words, ' ', cancel));
    cancel.focus();
    try {
      const frames = await this.host.computeFrames(
        { run: this.run!.info.id },
        {
          signal: computing.signal,
          onProgress({ done, total }) {
            bar.set(total > 0 ? done / total : null);
            words.textContent = t('{0} of {1}', int(done), int(total));
          },
        },
      );
      this.frames = frames;
    } catch (error) {
      if ((error as { code?: string }).code !== 'cancelled') this.failed(error);
    } finally {
      this.computing = null;
      this.offerOrShow();
    }
  }

  // ---- what is looked at

  private get step(): number {
    const across = (this.width - LABEL) / Math.max(1, this.columns.length);
    return Math.max(LEAST, Math.min(MOST, Math.floor(across)));
  }

  private layOut(): void {
    const last = this.frames.at(-1);
    if (!last || this.width < LABEL + LEAST) return;
    this.offerRows(last);
    const { value } = this.select;
    this.rows = rowsOf(this.frames, value === 'all' || value === 'striking' ? value : Number(value));
    this.columns = columnsOf(this.frames, Math.floor((this.width - LABEL) / LEAST));
    if (this.chosen) this.chosen = this.inside(this.chosen);
    this.frame.hidden = this.table;
    this.legend.element.hidden = this.table;
    this.readout.hidden = this.table;
    this.tableFrame.hidden = !this.table;
    if (this.table) fill(this.tableFrame, headTable(this.frames, this.rows));
    this.legend.show({
      name: t('weight'),
      low: '0',
      high: percent(1),
      scale: this.palette.sequential,
      note: t('square root scale, the same for all'),
    });
    this.say();
    this.redraw();
  }

  private offerRows({ nLayers, nHeads }: AttentionFrame): void {
    const all = nLayers * nHeads <= ALL_HEADS;
    const names: [string, string][] = [
      ...(all ? ([['all', t('All heads')]] as [string, string][]) : []),
      ['striking', t('Of each layer, the head that changed most')],
      ...Array.from({ length: nLayers }, (_, layer): [string, string] => [String(layer), t('Layer {0}', layer)]),
    ];
    if (this.select.options.length === names.length) return;
    fill(this.select, ...names.map(([value, name]) => h('option', { value }, name)));
  }

  private get place(): Place {
    return this.chosen ?? { row: 0, column: this.columns.length - 1 };
  }

  private inside({ row, column }: Place): Place {
    const within = (value: number, count: number) => Math.max(0, Math.min(count - 1, value));
    return { row: within(row, this.rows.length), column: within(column, this.columns.length) };
  }

  private at(event: MouseEvent): Place | null {
    const box = this.canvas.getBoundingClientRect();
    const row = Math.floor((event.clientY - box.top - TOP) / this.step);
    const column = Math.floor((event.clientX - box.left - LABEL) / this.step);
    return row >= 0 && column >= 0 && row < this.rows.length && column < this.columns.length ? { row, column } : null;
  }

  private listen(): void {
    const { canvas } = this;
    const hover = (place: Place | null) => {
      if (place?.row === this.hovered?.row && place?.column === this.hovered?.column) return;
      this.hovered = place;
      this.say();
      this.redraw();
    };
    onPointer(
      canvas,
      (event) => hover(this.at(event)),
      () => hover(null),
    );
    canvas.addEventListener('focus', () => this.redraw());
    canvas.addEventListener('blur', () => this.redraw());
    canvas.addEventListener('click', (event) => {
      const place = this.at(event);
      if (!place) return;
      this.chosen = place;
      this.redraw();
      void this.open(place);
    });
    canvas.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || this.columns.length === 0) return;
      const { row, column } = this.place;
      const to: Record<string, Place> = {
        ArrowLeft: { row, column: column - 1 },
        ArrowRight: { row, column: column + 1 },
        ArrowUp: { row: row - 1, column },
        ArrowDown: { row: row + 1, column },
        Home: { row, column: 0 },
        End: { row, column: this.columns.length - 1 },
      };
      const place = to[event.key];
      if (place) {
        this.hovered = null;
        this.chosen = this.inside(place);
        this.say();
        this.redraw();
      } else if (event.key === 'Enter' || event.key === ' ') void this.open(this.place);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  private async open({ row, column }: Place): Promise<void> {
    const [head, frame] = [this.rows[row], this.columns[column]];
    if (!head || !frame || !this.run) return;
    try {
      await this.host.inspectPrompt({ run: this.run.info.id, step: frame.step, ...head });
    } catch (error) {
      this.failed(error);
    }
  }

  private say(): void {
    const place = this.hovered ?? this.place;
    const head = this.rows[place.row];
    const frame = this.columns[place.column];
    if (!head || !frame) return;
    const words = `${headSentence(frame, head)} ${openSentence(frame.step, this.kept)}`;
    this.readout.textContent = words;
    this.canvas.setAttribute('aria-label', t('{0} Arrow keys move, Enter opens, T shows a table.', words));
  }

  // ---- drawing

  private draw(): void {
    if (this.columns.length === 0 || this.table || this.width === 0) return;
    const marked = this.hovered ?? (document.activeElement === this.canvas ? this.place : null);
    const { locked } = this;
    const looked = locked === null ? -1 : this.columns.findLastIndex(({ step }) => step <= locked);
    const sheet: Sheet = { rows: this.rows, columns: this.columns, step: this.step, marked, looked };
    const { width, height } = sizeOf(sheet);
    const { context, ratio } = surface(this.canvas, width, height);
    this.pictures.draw(context, sheet, ratio);
  }

  private picture(palette: Palette): Picture | null {
    if (this.columns.length === 0) return null;
    const sheet: Sheet = { rows: this.rows, columns: this.columns, step: MOST, marked: null, looked: -1 };
    const margin = 12;
    const { width, height } = sizeOf(sheet);
    const measure = document.createElement('canvas').getContext('2d')!;
    const fitted = (words: string, font: string, dim: boolean) => {
      measure.font = font;
      return wrapped(measure, words, Math.max(width, LEAST_PICTURE)).map((line) => ({ line, font, dim }));
    };
    const { name = '', preset = '' } = this.run?.info ?? {};
    const lines = [
      ...fitted(name, `600 16px ${palette.sans}`, false),
      ...fitted(
        [preset, t('What the heads look at in the prompt, step by step')].filter(Boolean).join(' · '),
        `12px ${palette.sans}`,
        false,
      ),
      ...fitted(`${t('weight')} 0 – ${percent(1)}, ${t('square root scale, the same for all')}`, `11px ${palette.sans}`, true),
    ];
    const header = margin + lines.length * LINE + 8;
    const whole = { width: Math.max(width, LEAST_PICTURE) + 2 * margin, height: height + header + margin };
    return {
      ...whole,
      draw(context) {
        context.fillStyle = css(palette.background);
        context.fillRect(0, 0, whole.width, whole.height);
        lines.forEach(({ line, font, dim }, i) => {
          context.font = font;
          context.fillStyle = css(dim ? palette.dim : palette.foreground);
          context.fillText(line, margin, margin + (i + 1) * LINE - 4);
        });
        context.translate(margin, header);
        new HeadPictures(palette).draw(context, sheet, 2);
      },
    };
  }
}
