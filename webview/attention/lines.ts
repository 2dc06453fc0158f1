/**
 * The chosen head as lines between two columns of tokens: left looks, right is looked at, a line is as strong as its weight.
 * Only what is in sight is drawn, so that 512 tokens cost no more than 40.
 */
import { clip, onSize, scheduler, surface } from '../lib/canvas';
import { css, withAlpha } from '../lib/colour';
import { h } from '../lib/dom';
import { percent } from '../lib/format';
import type { Palette } from '../lib/palette';
import { type Label, labelFont } from './drawMatrix';
import type { Cell, Sheet } from './numbers';

const ROW = 20;
/** Weaker lines are not drawn while all tokens show. */
const FAINT = 0.02;

export interface LinesContent {
  readonly sheet: Sheet;
  readonly squareRoot: boolean;
  readonly labels: readonly Label[];
  readonly firstSelected: number;
  readonly palette: Palette;
}

export class LinesView {
  readonly element: HTMLElement;
  readonly canvas = h('canvas', { class: 'lines-canvas' });
  private readonly scroller: HTMLElement;
  private readonly spacer = h('div', { class: 'lines-spacer' });
  private content: LinesContent | null = null;
  private hovered: Partial<Cell> | null = null;
  private chosenRow: number | null = null;
  private readonly redraw = scheduler(() => this.draw());

  constructor(events: { hover(at: Partial<Cell> | null): void; click(at: Partial<Cell>): void }) {
    this.spacer.append(this.canvas);
    this.scroller = h('div', { class: 'lines', tabindex: 0, role: 'application' }, this.spacer);
    this.element = this.scroller;
    onSize(this.scroller, () => this.redraw());
    this.scroller.addEventListener('scroll', () => this.redraw());
    this.canvas.addEventListener('pointermove', (event) => events.hover(this.at(event)));
    this.canvas.addEventListener('pointerleave', () => events.hover(null));
    this.canvas.addEventListener('click', (event) => {
      const at = this.at(event);
      if (at) events.click(at);
    });
  }

  show(content: LinesContent): void {
    this.content = content;
    this.spacer.style.height = `${content.sheet.size * ROW + 8}px`;
    this.redraw();
  }

  mark(hovered: Partial<Cell> | null, chosenRow: number | null): void {
    this.hovered = hovered;
    this.chosenRow = chosenRow;
    this.redraw();
  }

  /** Brings a row into sight. */
  reveal(row: number): void {
    const [top, height] = [row * ROW, this.scroller.clientHeight];
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    else if (top + ROW > this.scroller.scrollTop + height) this.scroller.scrollTop = top + ROW - height;
  }

  private at(event: MouseEvent): Partial<Cell> | null {
    if (!this.content) return null;
    const box = this.canvas.getBoundingClientRect();
    const i = Math.floor((event.clientY - box.top + this.scroller.scrollTop - 4) / ROW);
    if (i < 0 || i >= this.content.sheet.size) return null;
    return event.clientX - box.left < box.width / 2 ? { row: i } : { col: i };
  }

  private draw(): void {
    const { content, scroller } = this;
    const [width, height] = [scroller.clientWidth, scroller.clientHeight];
    if (!content || width < 60) return;
    const { sheet, palette, labels, squareRoot } = content;
    const { context } = surface(this.canvas, width, height);
    const top = scroller.scrollTop;
    const y = (i: number) => i * ROW + ROW / 2 + 4 - top;
    const column = Math.min(150, Math.max(60, width * 0.3));
    const [left, right] = [column, width - column];

    const focusRow = this.hovered?.row ?? (this.hovered ? undefined : (this.chosenRow ?? undefined));
    const focusCol = this.hovered?.col;
    const focused = focusRow !== undefined || focusCol !== undefined;
    const line = (row: number, col: number, strong: boolean) => {
      const weight = sheet.values[row * sheet.size + col]!;
      if (!(weight > (strong ? 0.001 : FAINT))) return;
      const shown = squareRoot ? Math.sqrt(weight) : weight;
      context.strokeStyle = css(withAlpha(palette.accent, strong ? 0.15 + 0.85 * shown : shown * (focused ? 0.15 : 0.9)));
      context.lineWidth = strong ? 1 + 2 * shown : 1 + shown;
      context.beginPath();
      context.moveTo(left + 4, y(row));
      context.bezierCurveTo(left + (right - left) / 3, y(row), right - (right - left) / 3, y(col), right - 4, y(col));
      context.stroke();
    };
    const visible = (i: number) => y(i) > -ROW && y(i) < height + ROW;
    for (let row = 0; row < sheet.size; row++)
      for (let col = 0; col <= row; col++)
        if ((visible(row) || visible(col)) && row !== focusRow && col !== focusCol) line(row, col, false);
    for (let row = 0; row < sheet.size; row++)
      for (let col = 0; col <= row; col++) if (row === focusRow || col === focusCol) line(row, col, true);

    for (let i = 0; i < sheet.size; i++) {
      if (!visible(i)) continue;
      const rowWeight = focusRow === undefined ? Number.NaN : sheet.values[focusRow * sheet.size + i]!;
      const colWeight = focusCol === undefined ? Number.NaN : sheet.values[i * sheet.size + focusCol]!;
      this.token(context, labels[i]!, left - 6, y(i), column - 52, 'right', i === focusRow, colWeight);
      this.token(context, labels[i]!, right + 6, y(i), column - 52, 'left', i === focusCol, rowWeight);
    }
  }

  /** One token of a column, with the weight of its line where one token is looked at. */
  private token(
    context: CanvasRenderingContext2D,
    label: Label,
    x: number,
    y: number,
    room: number,
    align: 'left' | 'right',
    strong: boolean,
    weight: number,
  ): void {
    const { palette } = this.content!;
    context.textAlign = align;
    context.textBaseline = 'middle';
    context.font = `${label.special ? 'italic ' : ''}${labelFont(palette, strong)}`;
    const text = clip(context, label.text, room);
    const width = context.measureText(text).width;
    const side = align === 'left' ? 1 : -1;
    context.fillStyle = css(label.context || label.special ? palette.dim : palette.foreground);
    context.fillText(text, x, y);
    if (strong) {
      context.strokeStyle = css(palette.focus);
      context.lineWidth = 1;
      context.strokeRect(align === 'left' ? x - 3.5 : x - width - 3.5, y - 8.5, width + 7, 17);
    }
    if (!(weight >= 0.0005)) return;
    context.font = `10px ${palette.mono}`;
    context.fillStyle = css(palette.dim);
    context.fillText(percent(weight), x + side * (width + 8), y);
  }
}
