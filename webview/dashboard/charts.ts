/**
 * The charts and what they have in common: the part of the x axis in sight, the step under the pointer, the step that is
 * locked. Click locks, Escape unlocks, arrows move, ctrl + wheel zooms, dragging pans, double click shows all.
 */

import type { Schedule } from '../../src/core/train/schedule';
import type { Copied } from '../../src/protocol/engine';
import type { DashboardRun } from '../../src/protocol/panels';
import { css } from '../lib/colour';
import { h } from '../lib/dom';
import { full, int, num, percent } from '../lib/format';
import { t } from '../lib/l10n';
import { type Palette, themePalette } from '../lib/palette';
import { onPointer } from '../lib/pointer';
import type { Picture } from '../lib/save';
import { type Band, Chart, type ChartData, type Mark, NAME_HEIGHT } from './chart';
import { type Align, axisWords } from './compareAxis';
import { type Drawn, drawSwatch, type Look, type Overlay } from './compareDraw';
import { type SmallColumn, smallColumns } from './compareSeries';
import { copiedShare, gradientNorm, heldOutLoss, learningRate, speed, trainingLoss, type Worked } from './explain';
import { type Entry, figure, type Heading, mainSize, SAMPLE, smallSize } from './figure';
import type { History } from './history';
import { ratesAhead } from './planned';
import {
  atStep,
  automaticSpan,
  columnSeries,
  lossRange,
  lossSeries,
  panned,
  range,
  type Span,
  smooth,
  trainingFactor,
  type Unit,
  wholeSpan,
  zoomed,
} from './series';
import { type Ahead, counterName, rungs } from './verdict';
import { loss, unitName } from './words';

export interface View {
  unit: Unit;
  logX: boolean;
  logY: boolean;
  /** Steps that the lines are smoothed over; 0: by the length of the run; 1: not at all. */
  smoothing: number;
  /** The part in sight; null is all. */
  span: Span | null;
  locked: number | null;
  /** How other runs are laid beside this one. */
  align: Align;
}

/** Points drawn per line: more than the pixels there are would cost time and show nothing. */
const POINTS = 800;
const UNIFORM_DASH = [2, 4];
const COUNTED_DASH = [8, 4];
const VALIDATION_DASH = [6, 3];
/** Of what is planned, in the colour of what it continues. */
const PLANNED: Look = { colour: 0, dash: [4, 3], mark: 'square' };

interface Small {
  readonly name: string;
  /** What of other runs it draws too; null where nothing is known of them. */
  readonly own: SmallColumn | null;
  readonly chart: Chart;
  readonly figure: HTMLElement;
  readonly value: HTMLElement;
  /** How its value at a step comes about. */
  readonly explain: (shown: Shown, step: number) => string | null;
  /** What it draws, from what is shown. */
  readonly column: (shown: Shown) => Column;
  /** `clipped`: with the mark of what gradients are cut to. `share`: of few values, each a dot, in percent; without room of its own where there are none. */
  readonly kind: 'plain' | 'clipped' | 'share';
}

/** Values at rising steps. */
interface Column {
  readonly step: readonly number[];
  readonly values: readonly number[];
}

/** All that the charts draw. */
export interface Shown {
  readonly history: History;
  /** Planned. */
  readonly steps: number;
  readonly run: DashboardRun;
  readonly ahead: Ahead | null;
  /** Of the learning rate; null where nothing is left of it. */
  readonly schedule: Schedule | null;
  /** Share of each sample that was copied from the training text. */
  readonly copied: { readonly step: readonly number[]; readonly share: readonly number[] };
  /** What of a sample was. */
  readonly copiedOf: (text: string) => Copied | undefined;
  /** Other runs, on this run's axis. */
  readonly others: readonly Overlay[];
}

export class Charts {
  readonly element: HTMLElement;
  private readonly loss: Chart;
  private readonly slider: HTMLElement;
  private readonly reading: Record<'step' | 'train' | 'validation' | 'ahead' | 'unit', HTMLElement>;
  private readonly smalls: readonly Small[];
  private shown: Shown | null = null;
  private whole: Span = { min: 1, max: 50 };
  private hovered: number | null = null;
  private smoothedLoss: number[] = [];
  private smoothing = 1;
  private worked: readonly Worked[] = [];

  constructor(
    private readonly view: View,
    /** The view was changed here: draw everything again, and remember it. */
    private readonly changed: () => void,
    /** The step that is looked at. */
    private readonly looked: (step: number) => void = () => undefined,
  ) {
    const area = (element: HTMLElement, stepAt: (clientX: number) => number) => this.listen(element, stepAt);
    this.loss = new Chart(
      [
        { colour: 0, width: 1.75 },
        { colour: 1, width: 1.5, dash: VALIDATION_DASH, dots: true },
      ],
      area,
      'loss-chart',
    );
    this.reading = {
      step: h('span', { class: 'reading-step' }),
      train: value(),
      validation: value(),
      ahead: h('span', { class: 'key', hidden: true }, swatch('ahead'), t('expected')),
      unit: h('span', { class: 'dim' }),
    };
    this.slider = h(
      'div',
      { class: 'slider', role: 'slider', tabindex: 0, 'aria-label': t('Training step'), 'aria-valuemin': 1 },
      this.loss.element,
    );
    this.slider.addEventListener('keydown', (event) => this.key(event));
    const small = (
      name: string,
      own: SmallColumn | null,
      column: Small['column'],
      explain: Small['explain'],
      colour: number,
      kind: Small['kind'],
    ): Small => {
      const chart = new Chart([{ colour, width: 1.25, dots: kind === 'share' }], area, 'small-chart', NAME_HEIGHT);
      const reading = value();
      const figure = h('figure', {}, h('figcaption', {}, h('span', {}, name), ' ', reading), chart.element);
      return { name, own, chart, figure, value: reading, column, explain, kind };
    };
    const of = (
      name: string,
      own: SmallColumn,
      explain: (history: History, run: DashboardRun, step: number) => string | null,
      kind: Small['kind'] = 'plain',
    ) =>
      // This run has the first colours on every chart: compared runs have the others.
      small(
        name,
        own,
        ({ history: { steps } }) => ({ step: steps.step, values: steps[own] }),
        ({ history, run }, step) => explain(history, run, step),
        0,
        kind,
      );
    this.smalls = [
      of(t('Learning rate'), 'learningRate', learningRate),
      of(t('Gradient norm'), 'gradNorm', gradientNorm, 'clipped'),
      of(t('Tokens per second'), 'tokensPerSecond', speed),
      small(
        t('Copied'),
        null,
        ({ copied }) => ({ step: copied.step, values: copied.share }),
        ({ history, copiedOf }, step) => copiedShare(history, copiedOf, step),
        1,
        'share',
      ),
    ];
    this.element = h(
      'div',
      { class: 'charts' },
      h(
        'div',
        { class: 'reading' },
        this.reading.step,
        h('span', { class: 'key' }, swatch('train'), t('training'), this.reading.train),
        h('span', { class: 'key' }, swatch('validation'), t('held-out text'), this.reading.validation),
        this.reading.ahead,
        this.reading.unit,
      ),
      this.slider,
      h('div', { class: 'smalls' }, ...this.smalls.map(({ figure }) => figure)),
    );
    this.colour();
  }

  /** Draws what there is; cheap enough for ten times a second. */
  show(shown: Shown): void {
    this.shown = shown;
    const { history, steps, ahead, others } = shown;
    const { unit, logX, logY, locked } = this.view;
    const own = wholeSpan(history, steps);
    const farthest = others.flatMap(({ held, training }) => [held.at(-1)?.[0] ?? 0, training.at(-1)?.[0] ?? 0]);
    this.whole = { ...own, max: Math.max(own.max, ...farthest.map(Math.ceil)) };
    const span = this.view.span ?? this.whole;
    const smoothing = this.view.smoothing || automaticSpan(history.steps.step.length);
    this.smoothing = smoothing;
    this.smoothedLoss = smooth(history.steps.loss, smoothing);
    const series = lossSeries(history, unit, smoothing, POINTS, span, logX);
    const marks = baselineMarks(history, unit);
    const band = bandOf(ahead, unit === 'nats' ? (history.evals.valLoss.at(-1) ?? 1) / (history.evals.bitsPerByte.at(-1) ?? 1) : 1);
    this.reading.ahead.hidden = band === null;
    const inSight = band ? [...band.low, ...band.high].filter((_, i) => band.x[i % band.x.length]! <= span.max) : [];
    // Their first evaluations are left out as this run's envelope is: what matters is where they come near each other.
    const theirs = others
      .flatMap(({ held, training }) => (held.length > 1 ? [...held, ...training.slice(training.length >> 1)] : training))
      .filter(([x]) => x >= span.min && x <= span.max);
    const found = lossRange(
      series,
      marks.map(({ value: at }) => at),
      [...inSight, ...theirs.map(([, y]) => y)],
    );
    const common = { span, locked, logX, axis: others.length > 0 ? axisWords(history, this.view.align) : null };
    this.loss.show({
      ...common,
      x: series.x,
      lines: [series.line, series.validation],
      low: series.low,
      high: series.high,
      range: found && logY ? { ...found, min: Math.max(found.min, lowest(series) * 0.95) } : found,
      logY,
      marks: marksNear(marks, found),
      band,
      overlays: others.map(({ look, training, held }) => ({ look, line: training, held })),
    });
    for (const small of this.smalls) {
      const column = small.column(shown);
      // What is not known takes no room.
      small.figure.hidden = column.step.length === 0 && small.kind === 'share';
      small.chart.show({ ...common, ...this.small(small, column, smoothing, span) });
    }
    this.read();
  }

  recolour(): void {
    this.colour();
    for (const chart of [this.loss, ...this.smalls.map((one) => one.chart)]) chart.recolour();
  }

  /** The palette's colours for the style sheet: the theme's own variables may be translucent or missing. */
  private colour(): void {
    themePalette().categories.forEach((colour, i) => {
      this.element.style.setProperty(`--category-${i}`, css(colour));
    });
  }

  /** The step that everything shows: under the pointer, else locked, else the last. */
  get step(): number {
    return this.hovered ?? this.view.locked ?? this.shown?.history.step ?? 0;
  }

  /** How the figures at that step come about. */
  get explained(): readonly Worked[] {
    return this.worked;
  }

  /** All charts as one figure. */
  picture(palette: Palette, heading: Heading): Picture | null {
    const { shown, view } = this;
    const x = { step: t('Training step'), tokens: t('Tokens read'), time: t('Time of training') }[
      shown?.others.length ? view.align : 'step'
    ];
    const main = this.loss.picture(palette, mainSize, { x, y: t('Loss, {0}', unitName(view.unit)) });
    if (!shown || !main) return null;
    const drawn = this.smalls.filter(({ figure: of }) => !of.hidden);
    const smalls = drawn.flatMap(({ chart, name, kind }) => {
      const plot = chart.picture(palette, smallSize(drawn.length), { x });
      return plot ? [{ name: kind === 'share' ? t('Copied share of each sample') : name, plot }] : [];
    });
    const line = (name: string, colour: number, dash: readonly number[], width: number): Entry => ({
      name,
      sample: (context, left, middle) => {
        context.strokeStyle = css(palette.categories[colour]!);
        context.lineWidth = width;
        context.setLineDash([...dash]);
        context.beginPath();
        context.moveTo(left, middle);
        context.lineTo(left + SAMPLE, middle);
        context.stroke();
        context.setLineDash([]);
      },
    });
    const legend: Entry[] = [
      line(t('training'), 0, [], 1.75),
      line(t('held-out text'), 1, VALIDATION_DASH, 1.5),
      ...(shown.ahead ? [line(t('expected'), 1, [2, 3], 1)] : []),
      ...(shown.schedule ? [line(t('planned learning rate'), PLANNED.colour, PLANNED.dash, 1)] : []),
      ...shown.others.map(
        ({ name, look }): Entry => ({
          name,
          sample: (context, left, middle) => drawSwatch(context, look, palette, [left, middle], SAMPLE),
        }),
      ),
    ];
    return figure(palette, heading, legend, main, smalls);
  }

  private small(
    { kind, own }: Small,
    { step, values }: Column,
    smoothing: number,
    span: Span,
  ): Omit<ChartData, 'span' | 'locked' | 'logX'> {
    const smoothed = own !== null && smallColumns[own];
    // Samples are few: none is merged with its neighbours, whatever the axis.
    const series = columnSeries(step, values, smoothed ? smoothing : 1, POINTS / 2, span, this.view.logX && kind !== 'share');
    const others = own === null ? [] : (this.shown?.others ?? []).map(({ look, columns }) => ({ look, line: columns[own] }));
    const planned = own === 'learningRate' ? this.planned(span) : [];
    const overlays = [...planned, ...others];
    const beside = overlays.flatMap(({ line }) => line.filter(([x]) => x >= span.min && x <= span.max).map(([, y]) => y));
    const found = range([...series.line, ...series.low, ...series.high, ...beside]);
    const gradClip = this.shown?.run.settings?.gradClip ?? 0;
    const clip = kind === 'clipped' && gradClip > 0 && found ? gradClip : null;
    // A share is judged against all there could be, or a tenth of it.
    const least = kind === 'share' ? 0.1 : 0;
    const top = found && Math.max(found.max, least, clip !== null && clip < found.max * 2 ? clip : 0) * 1.08;
    const marks: Mark[] =
      clip === null ? [] : [{ value: clip, label: t('clipped at {0}', full(clip)), dash: UNIFORM_DASH, inside: clip < found!.max * 2 }];
    return {
      x: series.x,
      lines: [series.line],
      low: series.low,
      high: series.high,
      range: top === null ? null : { min: 0, max: top || 1 },
      marks,
      band: null,
      overlays,
      percent: kind === 'share',
    };
  }

  /** How the learning rate is to go on. */
  private planned(span: Span): Drawn[] {
    const { shown } = this;
    if (!shown?.schedule) return [];
    return [{ look: PLANNED, line: ratesAhead(shown.schedule, shown.history.step, span, this.view.logX), faint: true }];
  }

  /** Figures and crosshairs at the step that is looked at. */
  private read(): void {
    const { shown, view } = this;
    if (!shown) return;
    const { history, run } = shown;
    const { step } = this;
    const at = atStep(history.steps.step, step);
    const evalAt = atStep(history.evals.step, step);
    const factor = view.unit === 'nats' ? 1 : (trainingFactor(history) ?? 1);
    const train = at < 0 ? null : this.smoothedLoss[at]! * factor;
    const held = evalAt < 0 ? null : (view.unit === 'nats' ? history.evals.valLoss : history.evals.bitsPerByte)[evalAt]!;
    this.reading.step.textContent = t('Step {0}', int(step));
    this.reading.train.textContent = loss(train);
    this.reading.validation.textContent = loss(held);
    this.reading.unit.textContent = unitName(view.unit);
    const words = t('Step {0}: training {1}, held-out text {2} {3}', int(step), loss(train), loss(held), unitName(view.unit));
    this.slider.setAttribute('aria-valuenow', String(step));
    this.slider.setAttribute('aria-valuemax', String(Math.max(1, history.step)));
    this.slider.setAttribute('aria-valuetext', words);
    const smoothed = { value: this.smoothedLoss[at] ?? Number.NaN, span: this.smoothing };
    const worked = [
      hover(this.reading.train, t('training'), trainingLoss(history, view.unit, step, smoothed)),
      hover(this.reading.validation, t('held-out text'), heldOutLoss(history, run, step)),
    ];
    const pointed = this.hovered ?? view.locked;
    const shownHeld = evalAt >= 0 && history.evals.step[evalAt] === step ? held : null;
    this.loss.point(pointed, pointed === null ? [] : [train, shownHeld]);
    for (const { name, chart, value: reading, column, explain, kind } of this.smalls) {
      const { step: steps, values } = column(shown);
      const figure = values[atStep(steps, step)] ?? null;
      reading.textContent = kind === 'share' && figure !== null ? percent(figure) : loss(figure);
      chart.point(pointed);
      worked.push(hover(reading, name, explain(shown, step)));
    }
    this.worked = worked.filter((each) => each !== null);
    this.looked(step);
  }

  private hover(step: number | null): void {
    if (step === this.hovered) return;
    this.hovered = step === null ? null : Math.min(step, this.shown?.history.step ?? step);
    this.read();
  }

  lock(step: number | null): void {
    this.view.locked = step;
    this.changed();
  }

  private zoom(centre: number, factor: number): void {
    this.view.span = zoomed(this.view.span ?? this.whole, this.whole, centre, factor);
    this.changed();
  }

  private pan(steps: number): void {
    if (!this.view.span) return;
    this.view.span = panned(this.view.span, this.whole, steps);
    this.changed();
  }

  private listen(area: HTMLElement, stepAt: (clientX: number) => number): void {
    let down: { x: number; moved: boolean } | null = null;
    const look = ({ clientX }: PointerEvent) => {
      if (down && Math.abs(clientX - down.x) > 3 && this.view.span) {
        this.pan(stepAt(down.x) - stepAt(clientX));
        down = { x: clientX, moved: true };
      }
      this.hover(stepAt(clientX));
    };
    onPointer(area, look, () => this.hover(null));
    area.addEventListener('pointerdown', (event) => {
      down = { x: event.clientX, moved: false };
      if (this.view.span) area.setPointerCapture(event.pointerId);
    });
    area.addEventListener('pointerup', (event) => {
      const moved = down?.moved;
      down = null;
      const step = Math.min(stepAt(event.clientX), this.shown?.history.step ?? 0);
      if (!moved && event.button === 0 && step > 0) this.lock(this.view.locked === step ? null : step);
    });
    area.addEventListener('pointercancel', () => {
      down = null;
    });
    area.addEventListener('dblclick', () => {
      this.view.span = null;
      this.lock(null);
    });
    area.addEventListener(
      'wheel',
      (event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        this.zoom(stepAt(event.clientX), Math.exp(event.deltaY / 300));
      },
      { passive: false },
    );
  }

  private key(event: KeyboardEvent): void {
    const { view } = this;
    const history = this.shown?.history;
    if (!history || event.ctrlKey || event.metaKey || event.altKey) return;
    const span = view.span ?? this.whole;
    const stride = Math.max(1, Math.round((span.max - span.min) / 200));
    const { step } = this;
    const evals = history.evals.step;
    const targets: Record<string, () => number | null | undefined> = {
      ArrowLeft: () => step - stride,
      ArrowRight: () => step + stride,
      ArrowDown: () => step - stride,
      ArrowUp: () => step + stride,
      PageUp: () => evals[atStep(evals, step - 1)],
      PageDown: () => evals[atStep(evals, step) + 1],
      Home: () => history.steps.step[0],
      End: () => history.step,
    };
    const target = targets[event.key];
    if (target) {
      const next = target();
      this.hovered = null;
      if (next !== undefined && next !== null && history.step > 0) this.lock(Math.min(history.step, Math.max(1, next)));
    } else if (event.key === '+' || event.key === '=') this.zoom(step, 0.7);
    else if (event.key === '-') this.zoom(step, 1 / 0.7);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/**
 * The counters of bytes, and where a model begins that knows nothing. In nats per token they are what a token's bytes cost.
 */
function baselineMarks(history: History, unit: Unit): Omit<Mark, 'inside'>[] {
  const { baselines } = history;
  if (!baselines) return [];
  const [uniform, unigram] = unit === 'nats' ? [baselines.uniformNats, baselines.unigramNats] : [baselines.uniform, baselines.unigram];
  const scale = unit === 'nats' ? uniform / baselines.uniform : 1;
  const counted = rungs(history).map(({ bytes, value: bits }) => ({
    value: bits * scale,
    label: `${counterName(bytes)} ${num(bits * scale)}`,
    dash: COUNTED_DASH,
  }));
  const tokens = { value: unigram, label: t('only counting tokens {0}', num(unigram)), dash: COUNTED_DASH };
  return [
    { value: uniform, label: t('every token alike {0}', num(uniform)), dash: UNIFORM_DASH },
    ...(counted.length > 0 ? counted : [tokens]),
  ];
}

/** Where a logarithmic axis may begin: it has no zero. */
function lowest(series: { readonly [name in 'line' | 'low' | 'validation']: readonly (number | null)[] }): number {
  return range([...series.line, ...series.low, ...series.validation])?.min ?? 1;
}

/** Those in the picture, and the nearest one beyond each edge: more names at an edge would say little. */
function marksNear(marks: readonly Omit<Mark, 'inside'>[], found: ReturnType<typeof lossRange>): Mark[] {
  if (!found) return [];
  const all = marks.map((mark, i): Mark => ({ ...mark, inside: found.places[i]!.inside }));
  const outside = all.filter((mark) => !mark.inside).sort((a, b) => a.value - b.value);
  const nearest = [outside.findLast((mark) => mark.value < found.min), outside.find((mark) => mark.value > found.max)];
  return all.filter((mark) => mark.inside || nearest.includes(mark));
}

/** In the unit of the chart. */
function bandOf(ahead: Ahead | null, scale: number): Band | null {
  if (!ahead) return null;
  const scaled = (values: readonly number[]) => values.map((each) => each * scale);
  return { x: ahead.x, middle: scaled(ahead.expected), low: scaled(ahead.low), high: scaled(ahead.high) };
}

/** Sets how a figure comes about on it and on its name, whose parent it shares. */
function hover(element: HTMLElement, name: string, words: string | null): Worked | null {
  const around = element.parentElement!;
  if (around.title !== (words ?? '')) around.title = words ?? '';
  return words === null ? null : { name: `${name} ${element.textContent}`, words };
}

function value(): HTMLElement {
  return h('span', { class: 'value mono' });
}

/** The line of the chart in small, so that the key can be read without colour. */
function swatch(name: string): HTMLElement {
  return h('span', { class: `swatch ${name}`, 'aria-hidden': true });
}
