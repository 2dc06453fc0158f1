/**
 * Heads as they form: a small picture of what each looks at in the run's fixed prompt, heads down, steps across, on one canvas and
 * one scale. Arrow keys move, click or Enter opens the inspector there. Frames come as they are recorded; for a run that recorded
 * none they are computed from what is kept, when asked.
 */
import type { AttentionFrame } from '../../src/protocol/engine';
import type { DashboardHost, DashboardRun } from '../../src/protocol/panels';
import type { Client } from '../../src/protocol/rpc';
import { hatch, onSize, scheduler, surface } from '../lib/canvas';
import { css, withAlpha } from '../lib/colour';
import { tokens } from '../lib/counts';
import { fill, h } from '../lib/dom';
import { full, int, num, percent } from '../lib/format';
import { t } from '../lib/l10n';
import { legend } from '../lib/legend';
import { type Palette, themePalette } from '../lib/palette';
import { progressBar } from '../lib/states';
import { dataTable } from '../lib/table';
import type { History } from './history';
import { ALL_HEADS, columnsOf, figuresOf, type Head, type HeadFigures, nearestKept, rowsOf } from './thumbnailFigures';

const LABEL = 44;
const TOP = 18;
const [LEAST, MOST] = [28, 64];

interface Place {
  readonly row: number;
  readonly column: number;
}

export class HeadFilm {
  readonly element: HTMLElement;
  private readonly canvas = h('canvas', { tabindex: 0, role: 'application', class: 'heads-canvas' });
  private readonly readout = h('p', { class: 'heads-readout dim', role: 'status' });
  private readonly legend = legend();
  private readonly frame: HTMLElement;
  private readonly select: HTMLSelectElement;
  private readonly tableFrame = h('div', { hidden: true });
  private readonly offer = h('div', { class: 'heads-offer', hidden: true });
  private frames: AttentionFrame[] = [];
  private rows: Head[] = [];
  private columns: AttentionFrame[] = [];
  private pictures = new Map<AttentionFrame, HTMLCanvasElement>();
  private palette: Palette = themePalette();
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
  private readonly redraw = scheduler(() => this.draw());

  constructor(
    private readonly host: Pick<Client<DashboardHost>, 'frames' | 'computeFrames' | 'inspectPrompt'>,
    private readonly failed: (error: unknown) => void,
  ) {
    this.select = h('select', { class: 'select', 'aria-label': t('Heads'), onchange: () => this.layOut() });
    this.frame = h('div', { class: 'heads-frame' }, this.canvas);
    this.element = h(
      'section',
      { class: 'head-film', hidden: true },
      h('div', { class: 'heads-title' }, h('h2', {}, t('What the heads look at in the prompt, step by step')), this.select),
      this.offer,
      this.frame,
      this.tableFrame,
      this.readout,
      this.legend.element,
    );
    onSize(this.frame, (width) => {
      this.width = width;
      this.layOut();
    });
    this.listen();
  }

  /** `kept`: steps whose weights can be opened. */
  show(run: DashboardRun, history: History, kept: readonly number[], table: boolean): void {
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
    this.pictures.clear();
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
    for (const each of [this.frame, this.readout, this.legend.element, this.select]) each.hidden = none;
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
    this.chosen = this.inside(this.chosen ?? { row: 0, column: this.columns.length - 1 });
    this.frame.hidden = this.table;
    this.legend.element.hidden = this.table;
    this.readout.hidden = this.table;
    this.tableFrame.hidden = !this.table;
    if (this.table) fill(this.tableFrame, this.headTable());
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
    canvas.addEventListener('pointermove', (event) => hover(this.at(event)));
    canvas.addEventListener('pointerleave', () => hover(null));
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
      if (event.ctrlKey || event.metaKey || event.altKey || !this.chosen) return;
      const { row, column } = this.chosen;
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
      } else if (event.key === 'Enter' || event.key === ' ') void this.open(this.chosen);
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
    const place = this.hovered ?? this.chosen;
    const head = place && this.rows[place.row];
    const frame = place && this.columns[place.column];
    if (!head || !frame) return;
    const words = `${headSentence(frame, head)} ${openSentence(frame.step, this.kept)}`;
    this.readout.textContent = words;
    this.canvas.setAttribute('aria-label', t('{0} Arrow keys move, Enter opens, T shows a table.', words));
  }

  private headTable(): HTMLElement {
    const steps = columnsOf(this.frames, 6);
    return dataTable({
      caption: t('Where each head puts most of its weight in the prompt, of the token itself, the previous and the first'),
      columns: [
        { title: t('Head'), cell: ({ layer, head }: Head) => `L${layer}H${head}` },
        ...steps.map((frame) => ({
          title: stepName(frame.step),
          cell: (head: Head) => habit(figuresOf(frame, head)),
          hover: (head: Head) => {
            const figures = figuresOf(frame, head);
            return t('entropy {0} nats', full(figures.entropy));
          },
        })),
      ],
      rows: this.rows,
    });
  }

  // ---- drawing

  private draw(): void {
    const { rows, columns, palette } = this;
    if (columns.length === 0 || this.table || this.width === 0) return;
    const { step } = this;
    const { context, ratio } = surface(this.canvas, LABEL + columns.length * step, TOP + rows.length * step);
    const side = step - 3;
    context.font = `10px ${palette.mono}`;
    context.textBaseline = 'middle';
    const marked = this.hovered ?? (document.activeElement === this.canvas ? this.chosen : null);
    const text = (words: string, x: number, y: number, strong: boolean) => {
      context.fillStyle = css(strong ? palette.foreground : palette.dim);
      context.fillText(words, x, y);
    };
    // Numbers of steps thin out instead of overlapping; the marked one drives its neighbours away.
    const widest = Math.max(...columns.map((frame) => context.measureText(int(frame.step)).width)) + 8;
    const every = Math.ceil(widest / step);
    context.textAlign = 'left';
    columns.forEach((frame, i) => {
      const strong = i === marked?.column;
      if (strong || (i % every === 0 && (!marked || Math.abs(i - marked.column) >= every)))
        text(int(frame.step), LABEL + i * step, 8, strong);
    });
    const empty = palette.highContrast ? hatch(context, css(withAlpha(palette.foreground, 0.3)), ratio) : null;
    rows.forEach((head, row) => {
      const y = TOP + row * step;
      text(`L${head.layer}H${head.head}`, 0, y + side / 2, row === marked?.row);
      columns.forEach((frame, column) => {
        const x = LABEL + column * step;
        if (empty) {
          context.fillStyle = empty;
          context.beginPath();
          context.moveTo(x, y);
          context.lineTo(x + side, y);
          context.lineTo(x + side, y + side);
          context.fill();
        }
        const { size } = frame;
        context.imageSmoothingEnabled = side * ratio < size;
        context.drawImage(this.picture(frame), head.head * size, head.layer * size, size, size, x, y, side, side);
        context.strokeStyle = css(palette.line);
        context.lineWidth = 1;
        context.strokeRect(x - 0.5, y - 0.5, side + 1, side + 1);
      });
    });
    if (marked) {
      context.strokeStyle = css(palette.focus);
      context.lineWidth = 2;
      context.strokeRect(LABEL + marked.column * step - 1, TOP + marked.row * step - 1, side + 2, side + 2);
    }
  }

  /** All heads of a frame side by side, painted once; the future stays transparent. */
  private picture(frame: AttentionFrame): HTMLCanvasElement {
    const known = this.pictures.get(frame);
    if (known) return known;
    const { size, nLayers, nHeads, values } = frame;
    const { lut } = this.palette.sequential;
    const image = new ImageData(nHeads * size, nLayers * size);
    for (let i = 0; i < nLayers * nHeads; i++) {
      const [left, top] = [(i % nHeads) * size, Math.floor(i / nHeads) * size];
      for (let row = 0; row < size; row++) {
        for (let column = 0; column <= row; column++) {
          const colour = values[(i * size + row) * size + column]! * 4;
          image.data.set(lut.subarray(colour, colour + 4), ((top + row) * image.width + left + column) * 4);
        }
      }
    }
    const canvas = h('canvas', { width: image.width, height: image.height });
    canvas.getContext('2d')!.putImageData(image, 0, 0);
    this.pictures.set(frame, canvas);
    return canvas;
  }
}

function stepName(step: number): string {
  return step === 0 ? t('Before training') : t('Step {0}', int(step));
}

/** Figures, and no claim: a prompt is too short for one. */
function headSentence(frame: AttentionFrame, { layer, head }: Head): string {
  const { previous, self, first, entropy } = figuresOf(frame, { layer, head });
  return t(
    'L{0}H{1}, {2}: previous token {3}, itself {4}, first token {5}, {6} nats of entropy over {7}.',
    layer,
    head,
    frame.step === 0 ? t('before training') : t('step {0}', int(frame.step)),
    percent(previous),
    percent(self),
    percent(first),
    num(entropy),
    tokens(frame.size),
  );
}

function openSentence(step: number, kept: readonly number[]): string {
  const nearest = nearestKept(kept, step);
  if (nearest === step) return t('Click to inspect it.');
  const name = nearest === 0 ? t('before training') : t('step {0}', int(nearest));
  return t('Click to inspect it with the nearest weights that are kept: {0}.', name);
}

function habit({ previous, self, first }: HeadFigures): string {
  const shares: [number, string][] = [
    [previous, t('previous {0}', percent(previous))],
    [self, t('itself {0}', percent(self))],
    [first, t('first {0}', percent(first))],
  ];
  return shares.reduce((most, each) => (each[0] > most[0] ? each : most))[1];
}
