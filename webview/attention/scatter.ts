/**
 * All heads as dots between two of their numbers: what they have in common, which stand apart. Hover looks, click chooses, arrow
 * keys go to the nearest head in their direction. Darker dots belong to later layers.
 */
import type { HeadMetrics } from '../../src/core/inspect/types';
import { onSize, scheduler, surface } from '../lib/canvas';
import { css, mix, withAlpha } from '../lib/colour';
import { h } from '../lib/dom';
import { headName } from '../lib/heads';
import { t } from '../lib/l10n';
import type { Palette } from '../lib/palette';
import { METRICS, type Metric, metricName, metricText } from './metrics';
import { type Choice, onHeads, same } from './pointing';

export interface ScatterContent {
  readonly metrics: readonly HeadMetrics[];
  readonly nLayers: number;
  readonly x: Metric;
  readonly y: Metric;
  readonly palette: Palette;
}

interface Dot extends Choice {
  readonly x: number;
  readonly y: number;
}

const RADIUS = 4;
/** Width of a name, and how many heads may have theirs without being pointed at. */
const NAME = 26;
const NAMED = 24;
/** Room for the ends of the axes, and the height that the picture takes. */
const [LEFT, TOP, RIGHT, BOTTOM] = [34, 8, 10, 18];
const [LEAST, MOST] = [112, 200];

export class Scatter {
  readonly element: HTMLElement;
  private readonly canvas = h('canvas', { tabindex: 0, role: 'application', class: 'scatter-canvas' });
  private readonly selects: Readonly<Record<'x' | 'y', HTMLSelectElement>>;
  private content: ScatterContent | null = null;
  private chosen: Choice = { layer: 0, head: 0 };
  private hovered: Choice | null = null;
  private width = 0;
  private readonly redraw = scheduler(() => this.draw());

  constructor(
    choose: (choice: Choice) => void,
    onHover: (choice: Choice | null) => void,
    axes: (change: { x?: Metric; y?: Metric }) => void,
  ) {
    const select = (axis: 'x' | 'y', label: string) =>
      h(
        'select',
        {
          class: 'select',
          'aria-label': label,
          onchange: (event: Event) => axes({ [axis]: (event.currentTarget as HTMLSelectElement).value as Metric }),
        },
        ...METRICS.map((metric) => h('option', { value: metric }, metricName(metric))),
      );
    this.selects = { x: select('x', t('Across')), y: select('y', t('Upwards')) };
    const axis = (arrow: string, of: HTMLElement) => h('label', {}, h('span', { class: 'dim', 'aria-hidden': true }, arrow), of);
    this.element = h(
      'div',
      { class: 'scatter' },
      h('div', { class: 'axes' }, axis('↑', this.selects.y), axis('→', this.selects.x)),
      this.canvas,
    );
    onSize(this.element, (width) => {
      this.width = width;
      this.redraw();
    });
    onHeads(
      this.canvas,
      (event) => this.at(event),
      (at) => {
        this.hovered = at;
        onHover(at);
        this.redraw();
      },
      choose,
      (right, down) => nearest(this.dots(), this.chosen, right, down),
    );
  }

  show(content: ScatterContent): void {
    this.content = content;
    this.selects.x.value = content.x;
    this.selects.y.value = content.y;
    this.describe();
    this.redraw();
  }

  choose(choice: Choice): void {
    this.chosen = choice;
    this.describe();
    this.redraw();
  }

  private describe(): void {
    const { content, chosen } = this;
    if (!content) return;
    const metrics = content.metrics.find((m) => m.layer === chosen.layer && m.head === chosen.head);
    const said = (metric: Metric) => `${metricName(metric)} ${metrics ? metricText(metric, metrics[metric]) : '–'}`;
    this.canvas.setAttribute(
      'aria-label',
      t(
        'All heads by two of their numbers; {0} is chosen: {1}, {2}. Arrow keys choose another.',
        headName(chosen.layer, chosen.head),
        said(content.x),
        said(content.y),
      ),
    );
  }

  private get height(): number {
    return Math.round(Math.min(MOST, Math.max(LEAST, this.width * 0.8)));
  }

  /** Where the heads are; those without one of the two numbers are nowhere. */
  private dots(): Dot[] {
    const { content, width, height } = this;
    if (!content) return [];
    const across = axis(content.metrics, content.x);
    const up = axis(content.metrics, content.y);
    return content.metrics.flatMap((m) => {
      const [x, y] = [across(m), up(m)];
      if (Number.isNaN(x) || Number.isNaN(y)) return [];
      return [{ layer: m.layer, head: m.head, x: LEFT + x * (width - LEFT - RIGHT), y: height - BOTTOM - y * (height - TOP - BOTTOM) }];
    });
  }

  private at(event: MouseEvent): Choice | null {
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const distance = (dot: Dot) => Math.hypot(dot.x - x, dot.y - y);
    const best = this.dots().reduce<Dot | null>((a, dot) => (a === null || distance(dot) < distance(a) ? dot : a), null);
    return best && distance(best) < 14 ? { layer: best.layer, head: best.head } : null;
  }

  private draw(): void {
    const { content, width, height } = this;
    if (!content || width < 60) return;
    const { palette, metrics, nLayers } = content;
    const { context } = surface(this.canvas, width, height);
    const [right, bottom] = [width - RIGHT, height - BOTTOM];
    context.strokeStyle = css(palette.line);
    context.beginPath();
    context.moveTo(LEFT - 0.5, TOP - 4);
    context.lineTo(LEFT - 0.5, bottom + 0.5);
    context.lineTo(right + 4, bottom + 0.5);
    context.stroke();
    context.font = `10px ${palette.mono}`;
    context.fillStyle = css(palette.dim);
    context.textBaseline = 'middle';
    const [low, high] = [ends(metrics, content.x), ends(metrics, content.y)];
    const end = (text: string, x: number, y: number, align: CanvasTextAlign) => {
      context.textAlign = align;
      context.fillText(text, x, y);
    };
    end(metricText(content.y, high[1]), LEFT - 4, TOP + 2, 'right');
    end(metricText(content.y, high[0]), LEFT - 4, bottom - 2, 'right');
    end(metricText(content.x, low[0]), LEFT, height - 6, 'left');
    end(metricText(content.x, low[1]), right, height - 6, 'right');

    const dots = this.dots();
    for (const dot of dots) {
      context.beginPath();
      context.arc(dot.x, dot.y, RADIUS, 0, 2 * Math.PI);
      context.fillStyle = css(mix(palette.background, palette.accent, 0.3 + (0.7 * dot.layer) / Math.max(1, nLayers - 1)));
      context.fill();
      context.strokeStyle = css(withAlpha(palette.foreground, palette.highContrast ? 1 : 0.5));
      context.lineWidth = 1;
      context.stroke();
    }
    const marked = dots.filter((dot) => same(dot, this.chosen) || same(dot, this.hovered));
    const others = dots.length <= NAMED ? dots.filter((dot) => !marked.includes(dot)) : [];
    const taken: Dot[] = [];
    for (const dot of [...marked, ...others]) {
      const strong = marked.includes(dot);
      // A name that would lie on another, or on a dot, is left to the hover.
      const right = dot.x + 2 * RADIUS + NAME;
      const crowded =
        taken.some((one) => Math.abs(one.y - dot.y) < 10 && Math.abs(one.x - dot.x) < NAME + 8) ||
        dots.some((one) => one !== dot && Math.abs(one.y - dot.y) < 8 && one.x > dot.x && one.x < right);
      if (crowded && !strong) continue;
      taken.push(dot);
      this.name(context, dot, strong, palette);
    }
    for (const dot of marked) {
      const chosen = same(dot, this.chosen);
      context.beginPath();
      context.arc(dot.x, dot.y, RADIUS + 2, 0, 2 * Math.PI);
      context.strokeStyle = css(chosen ? palette.focus : palette.foreground);
      context.lineWidth = chosen ? 2 : 1;
      context.stroke();
    }
  }

  /** Beside its dot, on the side where there is room. */
  private name(context: CanvasRenderingContext2D, dot: Dot, strong: boolean, palette: Palette): void {
    const text = headName(dot.layer, dot.head);
    context.font = `${strong ? 'bold ' : ''}9px ${palette.mono}`;
    context.textAlign = dot.x + 40 > this.width ? 'right' : 'left';
    const x = dot.x + (context.textAlign === 'left' ? RADIUS + 4 : -RADIUS - 4);
    if (strong) {
      context.strokeStyle = css(palette.background);
      context.lineWidth = 3;
      context.strokeText(text, x, dot.y);
    }
    context.fillStyle = css(strong ? palette.foreground : withAlpha(palette.dim, 0.8));
    context.fillText(text, x, dot.y);
  }
}

/** The nearest dot that lies rather in this direction than beside it. */
export function nearest(dots: readonly Dot[], from: Choice, right: number, down: number): Dot | null {
  const here = dots.find((dot) => same(dot, from));
  if (!here) return dots[0] ?? null;
  const found = dots
    .map((dot) => {
      const [dx, dy] = [dot.x - here.x, dot.y - here.y];
      return { dot, along: dx * right + dy * down, beside: Math.abs(dx * down + dy * right) };
    })
    .filter(
      ({ dot, along, beside }) =>
        !same(dot, here) && (along > 0 || (along === 0 && beside === 0 && later(dot, here))) && along >= beside * 0.5,
    )
    .sort((a, b) => a.along + 2 * a.beside - (b.along + 2 * b.beside));
  return found[0]?.dot ?? null;
}

/** Two heads at one place: the later one is reached from the earlier. */
function later(a: Choice, b: Choice): boolean {
  return a.layer > b.layer || (a.layer === b.layer && a.head > b.head);
}

function ends(metrics: readonly HeadMetrics[], metric: Metric): readonly [number, number] {
  const values = metrics.map((m) => m[metric]).filter((value) => !Number.isNaN(value));
  const most = Math.max(...values, 0);
  return [0, most || 1];
}

/** Place of a head on an axis, 0..1 from zero to the largest. */
function axis(metrics: readonly HeadMetrics[], metric: Metric): (m: HeadMetrics) => number {
  const [, most] = ends(metrics, metric);
  return (m) => m[metric] / most;
}
