/**
 * One chart over training steps: lines, an envelope, dashed marks with names, a crosshair. uPlot draws; this file holds the
 * house's look, follows the theme, and can draw the same picture again for a file. What is drawn is decided by its owner.
 */
import '../lib/safeLanguage';
import uPlot from 'uplot';
import { onSize } from '../lib/canvas';
import { css, type Rgb, withAlpha } from '../lib/colour';
import { h } from '../lib/dom';
import { fixed, int, num, percent } from '../lib/format';
import { type Palette, themePalette } from '../lib/palette';
import type { AxisWords } from './compareAxis';
import { type Drawn, drawOverlay } from './compareDraw';
import type { Plot } from './figure';
import { type Name, placeNames, type Stroke } from './labels';
import type { Span } from './series';

export interface LineStyle {
  /** Index into the palette's categories. */
  readonly colour: number;
  readonly width: number;
  readonly dash?: readonly number[];
  /** Each value as a dot too: few and worth it. */
  readonly dots?: boolean;
}

/** A horizontal dashed line with its name; `inside` false: only named, at the edge it lies beyond. */
export interface Mark {
  readonly value: number;
  readonly label: string;
  readonly dash: readonly number[];
  readonly inside: boolean;
}

/** One value of each per x. */
export interface Band {
  readonly x: readonly number[];
  readonly middle: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

export interface ChartData {
  readonly x: readonly number[];
  /** One per line, same length as x; null is no value. */
  readonly lines: readonly (readonly (number | null)[])[];
  /** Smallest and largest values that the first line smooths. */
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  readonly span: Span;
  readonly range: { readonly min: number; readonly max: number } | null;
  readonly marks: readonly Mark[];
  /** What is expected, as a band around a dashed line; null where nothing is. */
  readonly band: Band | null;
  /** Other runs, and what is planned, over these lines. */
  readonly overlays?: readonly Drawn[];
  /** What a place of the x axis is called, where not by its step. */
  readonly axis?: AxisWords | null;
  /** A step marked from top to bottom, or null. */
  readonly locked: number | null;
  readonly logX: boolean;
  readonly logY?: boolean;
  /** Values are shares, written in percent. */
  readonly percent?: boolean;
}

const BAND_COLOUR = 1;
/** In CSS pixels. */
export const NAME_HEIGHT = 14;

/** Pixels from one name to the next where the axis counts tokens or time: they are longer than steps. */
const COUNTED_SPACE = 96;

/** More dots than this are a thick line. */
const DOTTED = 60;

/** Sizes in CSS pixels, times `zoom` (files are drawn larger than the screen). */
interface Style {
  readonly palette: Palette;
  readonly zoom: number;
  /** On the screen the words around the chart say them. */
  readonly names?: AxisNames;
}

/** With units. */
export interface AxisNames {
  readonly x: string;
  readonly y?: string;
}

export class Chart {
  readonly element: HTMLElement;
  private readonly crosshair = h('div', { class: 'crosshair', hidden: true });
  private readonly dots: HTMLElement[];
  private data: ChartData | null = null;
  private plot: uPlot | null = null;
  private logX = false;
  private logY = false;
  private width = 0;
  private height = 0;
  private pointed: number | null = null;
  private pointedValues: readonly (number | null)[] = [];

  constructor(
    private readonly lines: readonly LineStyle[],
    /** The plotting area, in which the pointer moves, each time it is made anew. */
    private readonly onArea: (area: HTMLElement, stepAt: (clientX: number) => number) => void,
    className = '',
    /** Of the strip over the lines in which a name may stand that finds no place among them, in CSS pixels. */
    private readonly headroom = 8,
  ) {
    this.element = h('div', { class: `chart ${className}`.trim(), 'aria-hidden': true });
    this.dots = lines.map(({ colour }) => h('div', { class: `chart-dot category-${colour}`, hidden: true }));
    onSize(this.element, (width, height) => {
      this.width = width;
      this.height = height;
      if (this.plot && width > 0) this.plot.setSize({ width, height });
      else this.draw();
    });
  }

  show(data: ChartData): void {
    const logY = data.logY ?? false;
    // The names on an axis are made again only with its scale, and with the chart.
    const remake = data.logX !== this.logX || logY !== this.logY || data.axis?.align !== this.data?.axis?.align;
    this.data = data;
    this.logX = data.logX;
    this.logY = logY;
    if (remake) this.recolour();
    else this.draw();
  }

  /** Made again with the colours of the theme. */
  recolour(): void {
    this.plot?.destroy();
    this.plot = null;
    this.draw();
  }

  /** Puts the crosshair at a step, dots at the lines' values there. */
  point(step: number | null, values: readonly (number | null)[] = []): void {
    this.pointed = step;
    this.pointedValues = values;
    this.place();
  }

  /** Where they stand, as the axes are: also after each drawing, for those may change with it. */
  private place(): void {
    const { plot, data, pointed: step, pointedValues: values } = this;
    const inside = plot && data && step !== null && step >= data.span.min && step <= data.span.max;
    this.crosshair.hidden = !inside;
    const left = inside ? plot.valToPos(step, 'x') : 0;
    this.crosshair.style.transform = `translateX(${Math.round(left)}px)`;
    this.dots.forEach((dot, i) => {
      const value = values[i];
      const shown = inside && data.range && value !== null && value !== undefined && value >= data.range.min && value <= data.range.max;
      dot.hidden = !shown;
      if (shown) dot.style.transform = `translate(${left}px, ${plot.valToPos(value, 'y')}px)`;
    });
  }

  /** The picture alone, of a size of its own, at twice the sharpness of the page, with the names of its axes. Null while nothing was drawn. */
  picture(palette: Palette, size: { readonly width: number; readonly height: number }, names: AxisNames): Plot | null {
    const { data } = this;
    if (!data) return null;
    const { width, height } = size;
    const zoom = Math.max(1, 2 / (window.devicePixelRatio || 1));
    const plot = new uPlot(
      this.options({ palette, zoom, names }, data.logX, width * zoom, height * zoom),
      toUplot(data),
      // Attaching it is left out: it is drawn, copied and forgotten.
      (self, init) => {
        init();
        self.batch(() => {});
      },
    );
    const canvas = plot.ctx.canvas;
    plot.destroy();
    return { canvas, width, height };
  }

  private draw(): void {
    const { data, width, height } = this;
    if (!data || width === 0 || height === 0) return;
    if (this.plot) this.plot.setData(toUplot(data));
    else {
      this.plot = new uPlot(this.options({ palette: themePalette(), zoom: 1 }, data.logX, width, height), toUplot(data), this.element);
      const { over } = this.plot;
      over.append(this.crosshair, ...this.dots);
      this.onArea(over, (clientX) => {
        const { min, max } = this.data!.span;
        return Math.round(Math.min(max, Math.max(min, this.plot!.posToVal(clientX - over.getBoundingClientRect().left, 'x'))));
      });
    }
  }

  private options({ palette, zoom, names }: Style, logX: boolean, width: number, height: number): uPlot.Options {
    const font = `${11 * zoom}px ${palette.sans}`;
    const axis: uPlot.Axis = {
      font,
      stroke: css(palette.dim),
      gap: 6 * zoom,
      grid: { stroke: css(withAlpha(palette.line, palette.highContrast ? 0.25 : 0.6)), width: zoom },
      ticks: { show: false },
      labelFont: font,
      labelSize: 18 * zoom,
    };
    const category = (i: number) => palette.categories[i]!;
    // The raw values: a faint line where every step has its point, the rim of the envelope where it has not.
    const faint = css(withAlpha(category(this.lines[0]!.colour), palette.highContrast ? 0.6 : 0.4));
    const edge: uPlot.Series = { stroke: faint, width: zoom, points: { show: false }, spanGaps: true };
    return {
      width,
      height,
      pxAlign: 0,
      legend: { show: false },
      cursor: { show: false },
      padding: [this.headroom * zoom, 28 * zoom, 0, 0],
      scales: {
        x: { time: false, distr: logX ? 3 : 1, range: () => [this.data!.span.min, this.data!.span.max] },
        y: {
          distr: this.logY ? 3 : 1,
          range: (_, min, max) => (this.data!.range ? [this.data!.range.min, this.data!.range.max] : [min ?? 0, max ?? 1]),
        },
      },
      axes: [
        {
          ...axis,
          ...(names ? { label: names.x } : {}),
          size: 24 * zoom,
          space: (this.data?.axis ? COUNTED_SPACE : 56) * zoom,
          ...(this.data?.axis
            ? this.countedAxis(zoom)
            : { values: (_, splits) => splits.map((v) => (v === null || v % 1 ? null : int(v))) }),
        },
        {
          ...axis,
          ...(names?.y ? { label: names.y } : {}),
          size: 52 * zoom,
          space: 28 * zoom,
          // A logarithmic axis would name powers of ten alone, and a loss seldom passes one.
          ...(this.logY ? { splits: (_, __, min, max) => evenSplits(min, max), filter: (_, splits) => splits } : {}),
          values: (_, splits, __, ___, step) => {
            const distance = this.logY ? (splits[1] ?? 1) - (splits[0] ?? 0) : step;
            return splits.map((v) => (v === null ? null : this.data?.percent ? percent(v) : tick(v, distance)));
          },
        },
      ],
      series: [
        {},
        edge,
        edge,
        ...this.lines.map(
          ({ colour, width: line, dash, dots }): uPlot.Series => ({
            stroke: css(category(colour)),
            width: line * zoom,
            spanGaps: true,
            ...(dash ? { dash: dash.map((length) => length * zoom) } : {}),
            points: dots
              ? {
                  show: (plot, i) => countValues(plot.data[i]!) <= DOTTED,
                  size: 5 * zoom,
                  fill: css(category(colour)),
                  stroke: css(category(colour)),
                }
              : { show: false },
          }),
        ),
      ],
      bands: [{ series: [2, 1], fill: css(withAlpha(category(this.lines[0]!.colour), palette.highContrast ? 0.4 : 0.25)) }],
      hooks: {
        draw: [
          (plot) => {
            this.drawMarks(plot, { palette, zoom }, font);
            if (plot === this.plot) this.place();
          },
        ],
      },
    };
  }

  /** Round values of what is counted: those of its steps would be odd. */
  private countedAxis(zoom: number): Pick<uPlot.Axis, 'splits' | 'filter' | 'values'> {
    return {
      splits: ({ width }, _, min, max) => {
        const most = Math.floor((width - 80 * zoom) / (COUNTED_SPACE * zoom));
        return this.data?.axis?.splits({ min, max }, most, this.logX) ?? [];
      },
      filter: (_, splits) => splits,
      values: (_, splits) => splits.map((step) => this.data?.axis?.words(step) ?? null),
    };
  }

  /** What is drawn, as places on the canvas. */
  private strokes(plot: uPlot, { x, lines, low, high, band, overlays = [] }: ChartData): Stroke[] {
    const across = (step: number) => plot.valToPos(step, 'x', true);
    const down = (value: number) => plot.valToPos(value, 'y', true);
    const stroke = (tops: readonly (number | null)[], bottoms: readonly (number | null)[]): Stroke =>
      x.flatMap((step, i) => {
        const [top, bottom] = [tops[i], bottoms[i]];
        return typeof top === 'number' && typeof bottom === 'number' ? [[across(step), down(top), down(bottom)] as const] : [];
      });
    const ahead: Stroke = band ? band.x.map((step, i) => [across(step), down(band.high[i]!), down(band.low[i]!)] as const) : [];
    const others = overlays.map(({ line, held = [] }) =>
      (held.length > 1 ? held : line).map(([step, value]) => [across(step), down(value), down(value)] as const),
    );
    return [stroke(high, low), ahead, ...others, ...lines.map((values) => stroke(values, values))];
  }

  private drawOverlays(plot: uPlot, { overlays = [] }: ChartData, palette: Palette, ratio: number): void {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (const overlay of overlays) {
      drawOverlay(ctx, overlay, ([x, y]) => [plot.valToPos(x, 'x', true), plot.valToPos(y, 'y', true)], palette, ratio);
    }
    ctx.restore();
  }

  private drawMarks(plot: uPlot, { palette, zoom }: Style, font: string): void {
    const { data } = this;
    if (!data) return;
    const ratio = (window.devicePixelRatio || 1) * zoom;
    const { ctx, bbox } = plot;
    const right = bbox.left + bbox.width;
    ctx.save();
    ctx.font = font.replace(/^[\d.]+/, (size) => String(Number(size) * (window.devicePixelRatio || 1)));
    ctx.textAlign = 'left';
    ctx.lineWidth = ratio;
    const area = { left: bbox.left, top: bbox.top, right, bottom: bbox.top + bbox.height };
    if (data.band) drawBand(plot, data.band, palette, ratio);
    this.drawOverlays(plot, data, palette, ratio);
    const inside = data.marks.filter((mark) => mark.inside);
    const yOf = (mark: Mark) => Math.round(plot.valToPos(mark.value, 'y', true)) + 0.5;
    for (const mark of inside) {
      const dash = mark.dash.map((length) => length * ratio);
      line(ctx, palette.dim, dash, [bbox.left, yOf(mark)], [right, yOf(mark)]);
    }
    const isAbove = (mark: Mark) => data.range !== null && mark.value > data.range.max;
    const named = data.marks.map((mark) => (mark.inside ? mark.label : `${mark.label} ${isAbove(mark) ? '↑' : '↓'}`));
    const names = data.marks.map((mark, i): Name => {
      const at = mark.inside ? yOf(mark) : isAbove(mark) ? 'above' : 'below';
      return { width: ctx.measureText(named[i]!).width, at };
    });
    const room = { area, height: NAME_HEIGHT * ratio, headroom: this.headroom * ratio, ratio };
    placeNames(names, room, this.strokes(plot, data)).forEach(({ left, bottom }, i) => {
      label(ctx, palette, named[i]!, left, bottom - 3 * ratio, ratio);
    });
    if (data.locked !== null && data.locked >= data.span.min && data.locked <= data.span.max) {
      const x = Math.round(plot.valToPos(data.locked, 'x', true)) + 0.5;
      line(ctx, palette.focus, [], [x, bbox.top], [x, bbox.top + bbox.height]);
    }
    ctx.restore();
  }
}

/** Round values at equal distances, about seven. */
function evenSplits(min: number, max: number): number[] {
  const rough = (max - min) / 7;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (rough / power > 5 ? 10 : rough / power > 2 ? 5 : rough / power > 1 ? 2 : 1);
  const count = Math.floor(max / step + 1e-9) - Math.ceil(min / step - 1e-9) + 1;
  // Divided, not added up: 0.3 stays 0.3.
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  return Array.from({ length: count }, (_, i) => Number(((Math.ceil(min / step - 1e-9) + i) * step).toFixed(digits)));
}

/** As many decimals as the distance between two ticks needs. */
function tick(value: number, step: number): string {
  const decimals = /\.(\d+)$/.exec(String(step))?.[1]?.length ?? 0;
  return step < 1e-6 ? num(value) : fixed(value, decimals);
}

function countValues(values: uPlot.AlignedData[number]): number {
  let count = 0;
  for (const value of values) if (value !== null && value !== undefined) count++;
  return count;
}

type Point = readonly [x: number, y: number];

/** In the colour of the held-out text, whose future it is. */
function drawBand(plot: uPlot, { x, middle, low, high }: Band, palette: Palette, ratio: number): void {
  const { ctx, bbox } = plot;
  const at = (values: readonly number[]) =>
    x.map((step, i): Point => [plot.valToPos(step, 'x', true), plot.valToPos(values[i]!, 'y', true)]);
  const path = (points: readonly Point[]) => {
    ctx.beginPath();
    for (const point of points) ctx.lineTo(...point);
  };
  const colour = palette.categories[BAND_COLOUR]!;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  path([...at(high), ...at(low).reverse()]);
  ctx.fillStyle = css(withAlpha(colour, palette.highContrast ? 0.3 : 0.15));
  ctx.fill();
  path(at(middle));
  ctx.strokeStyle = css(colour);
  ctx.lineWidth = ratio;
  ctx.setLineDash([2 * ratio, 3 * ratio]);
  ctx.stroke();
  ctx.restore();
}

function line(ctx: CanvasRenderingContext2D, colour: Rgb, dash: readonly number[], from: Point, to: Point): void {
  ctx.strokeStyle = css(colour);
  ctx.setLineDash([...dash]);
  ctx.beginPath();
  ctx.moveTo(...from);
  ctx.lineTo(...to);
  ctx.stroke();
  ctx.setLineDash([]);
}

/** Text with a rim of the background, readable over a curve. */
function label(ctx: CanvasRenderingContext2D, palette: Palette, text: string, x: number, y: number, ratio: number): void {
  ctx.lineJoin = 'round';
  ctx.strokeStyle = css(palette.background);
  ctx.lineWidth = 3 * ratio;
  ctx.strokeText(text, x, y);
  ctx.lineWidth = ratio;
  ctx.fillStyle = css(palette.dim);
  ctx.fillText(text, x, y);
}

function toUplot(data: ChartData): uPlot.AlignedData {
  return [data.x, data.low, data.high, ...data.lines] as unknown as uPlot.AlignedData;
}
