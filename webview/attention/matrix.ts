/** The chosen head as a matrix on the page: a canvas for the cells, one above it for what is pointed at, and the pointer. */
import { hatch, onSize, scheduler, surface } from '../lib/canvas';
import { css, withAlpha } from '../lib/colour';
import { h } from '../lib/dom';
import type { Palette } from '../lib/palette';
import { onPointer } from '../lib/pointer';
import { reducedMotion } from '../lib/theme';
import {
  colX,
  drawMarkedLabels,
  drawMatrix,
  fit,
  type Geometry,
  type Label,
  labelFont,
  paint,
  placePicture,
  rowY,
  zoom,
} from './drawMatrix';
import type { Cell, Sheet } from './numbers';

const MORPH_MS = 150;

export interface MatrixContent {
  readonly sheet: Sheet;
  readonly squareRoot: boolean;
  readonly labels: readonly Label[];
  readonly firstSelected: number;
  readonly palette: Palette;
  /** Cells that mean the same as before, seen at another stage, change their colour where they are. */
  readonly morph: boolean;
}

export interface Marks {
  readonly hover: Partial<Cell> | null;
  readonly cell: Cell | null;
  /** Row of the token that the editor's cursor stands on. */
  readonly row: number | null;
}

export interface MatrixEvents {
  /** A cell, or only a row or a column where its label is pointed at; null: nothing. */
  hover(at: Partial<Cell> | null): void;
  click(at: Partial<Cell>): void;
}

export class MatrixView {
  readonly element: HTMLElement;
  readonly canvas = h('canvas', { class: 'matrix-cells', tabindex: 0, role: 'application' });
  private readonly marksCanvas = h('canvas', { class: 'matrix-marks', 'aria-hidden': true });
  private content: MatrixContent | null = null;
  private picture: HTMLCanvasElement | null = null;
  private before: HTMLCanvasElement | undefined;
  private morphStart = 0;
  private geometry: Geometry | null = null;
  private window: { count: number; firstRow: number; firstCol: number } | null = null;
  private room = { width: 0, height: 0 };
  private marks: Marks = { hover: null, cell: null, row: null };
  private readonly redraw = scheduler(() => this.draw());
  private readonly redrawMarks = scheduler(() => this.drawMarks());

  constructor(private readonly events: MatrixEvents) {
    this.element = h('div', { class: 'matrix' }, this.canvas, this.marksCanvas);
    onSize(this.element, (width, height) => {
      this.room = { width, height };
      this.layout();
    });
    this.listen();
  }

  show(content: MatrixContent): void {
    const sameSize = this.content?.sheet.size === content.sheet.size;
    this.before = content.morph && sameSize && !reducedMotion() && this.picture ? this.picture : undefined;
    this.morphStart = performance.now();
    this.content = content;
    this.picture = paint(content.sheet, content.palette, content.squareRoot);
    if (!sameSize) this.window = null;
    this.layout();
  }

  mark(marks: Marks): void {
    this.marks = marks;
    this.redrawMarks();
  }

  /** Brings a cell into sight when the matrix is zoomed. */
  reveal({ row, col }: Cell): void {
    if (!this.window) return;
    const { count } = this.window;
    const near = (first: number, at: number) => Math.min(Math.max(first, at - count + 1.5), at - 0.5);
    this.window = { count, firstRow: near(this.window.firstRow, row), firstCol: near(this.window.firstCol, col) };
    this.layout();
  }

  private layout(): void {
    const { content, room } = this;
    if (!content || room.width < 60) return;
    const widest = this.widestLabel(content);
    const labels = { row: Math.min(widest, room.width * 0.28), col: Math.min(widest, room.height * 0.24, 96) };
    const base = fit(content.sheet.size, room.width, room.height, labels);
    const w = this.window;
    this.geometry = w ? zoom(base, w.count, w.firstRow, w.firstCol) : base;
    this.redraw();
    this.redrawMarks();
  }

  private widestLabel({ labels, palette }: MatrixContent): number {
    const context = this.canvas.getContext('2d')!;
    context.save();
    context.font = labelFont(palette, true);
    const widest = labels.reduce((width, { text }) => Math.max(width, context.measureText(text).width), 0);
    context.restore();
    return Math.min(120, Math.ceil(widest) + 12);
  }

  private draw(): void {
    const { content, geometry, picture } = this;
    if (!content || !geometry || !picture) return;
    const { context, ratio } = surface(this.canvas, this.room.width, this.room.height);
    // Where the cells are, for tests and for tools that drive the page.
    this.canvas.dataset.geometry = JSON.stringify({ x: geometry.x, y: geometry.y, cell: geometry.cell });
    const linear = Math.min(1, (performance.now() - this.morphStart) / MORPH_MS);
    const progress = 1 - (1 - linear) ** 2;
    drawMatrix(context, {
      ...content,
      geometry,
      hatch: (colour) => hatch(context, colour, ratio),
      cells: () => placePicture(context, { geometry, picture, before: this.before, progress, ratio }),
    });
    if (this.before && linear < 1) this.redraw();
    else this.before = undefined;
  }

  private drawMarks(): void {
    const { content, geometry: g, marks } = this;
    if (!content || !g) return;
    const { context } = surface(this.marksCanvas, this.room.width, this.room.height);
    const { palette, labels } = content;
    const band = (cell: Partial<Cell>, colour: string, width: number) => {
      context.strokeStyle = colour;
      context.lineWidth = width;
      const thick = Math.max(2, Math.round(g.cell));
      if (cell.row !== undefined) context.strokeRect(g.x - 0.5, Math.round(rowY(g, cell.row)) - 0.5, g.side + 1, thick);
      if (cell.col !== undefined) context.strokeRect(Math.round(colX(g, cell.col)) - 0.5, g.y - 0.5, thick, g.side + 1);
    };
    context.save();
    context.beginPath();
    context.rect(g.x - 2, g.y - 2, g.side + 4, g.side + 4);
    context.clip();
    if (marks.row !== null) {
      context.fillStyle = css(withAlpha(palette.focus, 0.18));
      context.fillRect(g.x, rowY(g, marks.row), g.side, Math.max(2, g.cell));
      band({ row: marks.row }, css(withAlpha(palette.focus, 0.7)), 1);
    }
    if (marks.cell) band(marks.cell, css(withAlpha(palette.focus, 0.9)), 1);
    if (marks.hover) band(marks.hover, css(withAlpha(palette.foreground, 0.6)), 1);
    if (marks.cell) {
      const [x, y] = [Math.round(colX(g, marks.cell.col)), Math.round(rowY(g, marks.cell.row))];
      const side = Math.max(4, Math.round(g.cell));
      context.strokeStyle = css(palette.background);
      context.lineWidth = 4;
      context.strokeRect(x - 0.5, y - 0.5, side, side);
      context.strokeStyle = css(palette.focus);
      context.lineWidth = 2;
      context.strokeRect(x - 0.5, y - 0.5, side, side);
    }
    context.restore();

    const all = [marks.row === null ? null : { row: marks.row }, marks.cell, marks.hover] as (Partial<Cell> | null)[];
    const indices = (key: keyof Cell) => [...new Set(all.flatMap((cell) => cell?.[key] ?? []))];
    drawMarkedLabels(context, g, labels, { rows: indices('row'), cols: indices('col') }, palette);
  }

  /** The cell under a pointer; only a row or a column where a label is; null elsewhere. */
  private at(event: PointerEvent | MouseEvent): Partial<Cell> | null {
    const g = this.geometry;
    if (!g) return null;
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const index = (offset: number, first: number) => {
      const i = Math.floor(offset / g.cell + first);
      return offset >= 0 && offset < g.side && i >= 0 && i < g.size ? i : undefined;
    };
    const row = index(y - g.y, g.firstRow);
    const col = index(x - g.x, g.firstCol);
    if (row !== undefined && col !== undefined) return { row, col };
    if (row !== undefined && x < g.x) return { row };
    if (col !== undefined && y < g.y) return { col };
    return null;
  }

  private listen(): void {
    let drag: { x: number; y: number; firstRow: number; firstCol: number; moved: boolean } | null = null;
    const { canvas } = this;
    canvas.addEventListener('pointerdown', (event) => {
      const g = this.geometry;
      if (g && event.button === 0) drag = { x: event.clientX, y: event.clientY, firstRow: g.firstRow, firstCol: g.firstCol, moved: false };
    });
    const look = (event: PointerEvent) => {
      const g = this.geometry;
      if (event.buttons === 0) drag = null;
      if (drag && g && this.window) {
        const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
        if (drag.moved || Math.hypot(dx, dy) > 4) {
          if (!drag.moved) canvas.setPointerCapture(event.pointerId);
          drag.moved = true;
          this.window = { count: g.count, firstRow: drag.firstRow - dy / g.cell, firstCol: drag.firstCol - dx / g.cell };
          this.layout();
          return;
        }
      }
      this.events.hover(this.at(event));
    };
    onPointer(canvas, look, () => this.events.hover(null));
    canvas.addEventListener('click', (event) => {
      const moved = drag?.moved;
      drag = null;
      const at = moved ? null : this.at(event);
      if (at) this.events.click(at);
    });
    canvas.addEventListener('dblclick', () => {
      this.window = null;
      this.layout();
    });
    canvas.addEventListener(
      'wheel',
      (event) => {
        const g = this.geometry;
        if (!g || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        const box = canvas.getBoundingClientRect();
        const across = Math.min(1, Math.max(0, (event.clientX - box.left - g.x) / g.side));
        const down = Math.min(1, Math.max(0, (event.clientY - box.top - g.y) / g.side));
        const count = Math.min(g.size, Math.max(4, g.count * Math.exp(event.deltaY * 0.005)));
        // What is under the pointer stays there.
        const keep = (first: number, share: number) => first + share * (g.count - count);
        this.window = count >= g.size ? null : { count, firstRow: keep(g.firstRow, down), firstCol: keep(g.firstCol, across) };
        this.layout();
      },
      { passive: false },
    );
  }
}
