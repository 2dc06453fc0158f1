/** All heads at a glance: one thumbnail a head, layers down, heads across, on one canvas. Arrow keys and clicks choose. */
import { hatch, onSize, scheduler, surface } from '../lib/canvas';
import { css, withAlpha } from '../lib/colour';
import { h } from '../lib/dom';
import { drawBorder, drawGround, drawHead, headName, paintHeads } from '../lib/heads';
import { t } from '../lib/l10n';
import type { Palette } from '../lib/palette';
import { type Choice, onHeads } from './pointing';

export interface Thumbnails {
  /** Side of one picture, in values. */
  readonly size: number;
  /** [L, H, size, size] */
  readonly values: Float32Array;
}

export interface AtlasContent {
  readonly nLayers: number;
  readonly nHeads: number;
  readonly thumbnails: Thumbnails | null;
  readonly palette: Palette;
}

const LABEL = 24;
const TOP = 16;

export class Atlas {
  readonly element: HTMLElement;
  readonly canvas = h('canvas', { tabindex: 0, role: 'application', class: 'atlas-canvas' });
  private content: AtlasContent | null = null;
  private pictures: HTMLCanvasElement | null = null;
  private chosen: Choice = { layer: 0, head: 0 };
  private hovered: Choice | null = null;
  private width = 0;
  private readonly redraw = scheduler(() => this.draw());

  constructor(choose: (choice: Choice) => void, onHover: (choice: Choice | null) => void) {
    this.element = h('div', { class: 'atlas' }, this.canvas);
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
      (right, down) => this.beside(right, down),
    );
  }

  show(content: AtlasContent): void {
    this.content = content;
    this.pictures = content.thumbnails ? paintHeads({ ...content, ...levelsOf(content, content.thumbnails) }, content.palette) : null;
    this.redraw();
  }

  choose(choice: Choice): void {
    this.chosen = choice;
    this.canvas.setAttribute('aria-label', t('All heads; {0} is chosen. Arrow keys choose another.', headName(choice.layer, choice.head)));
    this.redraw();
  }

  private get step(): number {
    const { nHeads, nLayers } = this.content!;
    const across = (this.width - LABEL) / nHeads;
    return Math.max(10, Math.floor(Math.min(across, 480 / nLayers, 64)));
  }

  private beside(right: number, down: number): Choice | null {
    if (!this.content) return null;
    const inside = (value: number, count: number) => Math.min(count - 1, Math.max(0, value));
    return {
      layer: inside(this.chosen.layer + down, this.content.nLayers),
      head: inside(this.chosen.head + right, this.content.nHeads),
    };
  }

  private at(event: MouseEvent): Choice | null {
    if (!this.content) return null;
    const box = this.canvas.getBoundingClientRect();
    const layer = Math.floor((event.clientY - box.top - TOP) / this.step);
    const head = Math.floor((event.clientX - box.left - LABEL) / this.step);
    const inside = layer >= 0 && head >= 0 && layer < this.content.nLayers && head < this.content.nHeads;
    return inside ? { layer, head } : null;
  }

  private draw(): void {
    const { content, pictures } = this;
    if (!content || this.width < 40) return;
    const { step } = this;
    const { nLayers, nHeads, palette } = content;
    const { context, ratio } = surface(this.canvas, this.width, TOP + nLayers * step);
    const side = step - (step < 28 ? 2 : 4);
    context.font = `10px ${palette.mono}`;
    context.textBaseline = 'middle';
    const label = (text: string, x: number, y: number, strong: boolean) => {
      context.fillStyle = css(strong ? palette.foreground : palette.dim);
      context.fillText(text, x, y);
    };
    const marked = this.hovered ?? this.chosen;
    // Labels thin out instead of overlapping; the marked one drives its neighbours away.
    const shows = (i: number, strong: number, every: number) => i === strong || (i % every === 0 && Math.abs(i - strong) >= every);
    const [everyHead, everyLayer] = [Math.ceil((nHeads > 10 ? 24 : 18) / step), Math.ceil(12 / step)];
    for (let head = 0; head < nHeads; head++) {
      context.textAlign = 'center';
      if (shows(head, marked.head, everyHead)) label(`H${head}`, LABEL + head * step + side / 2, 7, head === marked.head);
    }
    context.imageSmoothingQuality = 'high';
    const empty = palette.highContrast ? hatch(context, css(withAlpha(palette.foreground, 0.3)), ratio) : null;
    for (let layer = 0; layer < nLayers; layer++) {
      const y = TOP + layer * step;
      context.textAlign = 'left';
      if (shows(layer, marked.layer, everyLayer)) label(`L${layer}`, 0, y + side / 2, layer === marked.layer);
      for (let head = 0; head < nHeads; head++) {
        const place = { x: LABEL + head * step, y, side };
        drawGround(context, empty, place);
        if (pictures) drawHead(context, pictures, content.thumbnails!.size, { layer, head }, place, ratio);
        drawBorder(context, palette, place);
      }
    }
    const frame = ({ layer, head }: Choice, colour: string, width: number) => {
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.strokeRect(LABEL + head * step - 1, TOP + layer * step - 1, side + 2, side + 2);
    };
    if (this.hovered) frame(this.hovered, css(palette.foreground), 1);
    frame(this.chosen, css(palette.focus), 2);
  }
}

/**
 * Each thumbnail on its own scale, on square roots: it shows where a head looks, its weights are for the matrix.
 */
function levelsOf({ nLayers, nHeads }: AtlasContent, { size, values }: Thumbnails): { size: number; values: Uint8Array } {
  const cells = size * size;
  const levels = new Uint8Array(nLayers * nHeads * cells);
  for (let from = 0; from < levels.length; from += cells) {
    const own = values.subarray(from, from + cells);
    const highest = own.reduce((a, b) => Math.max(a, b), 1e-9);
    own.forEach((value, i) => {
      levels[from + i] = Math.round(Math.sqrt(value / highest) * 255);
    });
  }
  return { size, values: levels };
}
