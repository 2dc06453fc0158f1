/**
 * The chosen head as lines between two columns of tokens: left looks, right is looked at, a line is as strong as its weight.
 * Only what is in sight is drawn, so that 512 tokens cost no more than 40.
 */
import { clip, onSize, scheduler, surface } from '../lib/canvas';
import { css, withAlpha } from '../lib/colour';
import { h } from '../lib/dom';
import { percent } from '../lib/format';
import type { Palette } from '../lib/palette';
import type { Pen } from '../lib/pen';
import { onPointer } from '../lib/pointer';
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
    onPointer(
      this.canvas,
      (event) => events.hover(this.at(event)),
      () => events.hover(null),
    );
    this.canvas.addEventListener('click', (event) => {
      const at = this.at(event);
      if (at) events.click(at);
    });
  }

  show(content: LinesContent): void {
    this.content = content;
    this.spacer.style.height = `${linesHeight(content.sheet.size)}px`;
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
    const { context } = surface(this.canvas, width, height);
    const row = this.hovered ? this.hovered.row : (this.chosenRow ?? undefined);
    drawLines(context, content, { width, height, top: scroller.scrollTop, row, col: this.hovered?.col });
  }
}

/** Height of all tokens. */
export function linesHeight(size: number): number {
  return size * ROW + 8;
}

/** Draws the part from `top` on; the lines of one row or column stand out where one is given. */
export function drawLines(
  context: Pen,
  content: LinesContent,
  {
    width,
    height,
    top,
    row: focusRow,
    col: focusCol,
  }: { width: number; height: number; top: number; row?: number | undefined; col?: number | undefined },
): void {
  const { sheet, palette, labels, squareRoot } = content;
  const { size, values } = sheet;
  const y = (i: number) => i * ROW + ROW / 2 + 4 - top;
  const column = Math.min(150, Math.max(60, width * 0.3));
  const [left, right] = [column, width - column];
  const focused = focusRow !== undefined || focusCol !== undefined;
  const line = (row: number, col: number, strong: boolean) => {
    const weight = values[row * size + col]!;
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
  const stands = (row: number, col: number) => row === focusRow || col === focusCol;
  for (let row = 0; row < size; row++)
    for (let col = 0; col <= row; col++) if ((visible(row) || visible(col)) && !stands(row, col)) line(row, col, false);
  for (let row = 0; row < size; row++) for (let col = 0; col <= row; col++) if (stands(row, col)) line(row, col, true);

  for (let i = 0; i < size; i++) {
    if (!visible(i)) continue;
    const rowWeight = focusRow === undefined ? Number.NaN : values[focusRow * size + i]!;
    const colWeight = focusCol === undefined ? Number.NaN : values[i * size + focusCol]!;
    const token = { label: labels[i]!, y: y(i), room: column - 56 };
    drawToken(context, palette, { ...token, x: left - 6, align: 'right', strong: i === focusRow, weight: colWeight });
    drawToken(context, palette, { ...token, x: right + 6, align: 'left', strong: i === focusCol, weight: rowWeight });
  }
}

interface Token {
  readonly label: Label;
  readonly x: number;
  readonly y: number;
  readonly room: number;
  readonly align: 'left' | 'right';
  readonly strong: boolean;
  /** Of its line, where one token is looked at; else NaN. */
  readonly weight: number;
}

function drawToken(context: Pen, palette: Palette, { label, x, y, room, align, strong, weight }: Token): void {
  context.textAlign = align;
  context.textBaseline = 'middle';
  context.font = `${label.special ? 'italic ' : ''}${labelFont(palette, strong)}`;
  const text = clip(context, label.text, room);
  const width = context.measureText(text).width;
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
  context.fillText(percent(weight), x + (align === 'left' ? 1 : -1) * (width + 8), y);
}
