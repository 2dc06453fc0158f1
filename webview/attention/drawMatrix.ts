/**
 * Draws one head as a matrix with its row and column tokens. Pure drawing: a place, a sheet, a palette; the same code for the
 * screen and for files. On the screen the cells are one `ImageData`, scaled without smoothing, so that 512 x 512 takes one frame;
 * in a vector file they are squares.
 */
import { clip } from '../lib/canvas';
import { css, foregroundOn, over, withAlpha } from '../lib/colour';
import { fixed } from '../lib/format';
import type { Palette } from '../lib/palette';
import type { Pen } from '../lib/pen';
import type { SvgPen } from '../lib/svg';
import { onScale, type Sheet, strongest } from './numbers';

export interface Label {
  readonly text: string;
  readonly context: boolean;
  readonly special: boolean;
  readonly fragment: boolean;
}

/** Where the cells are, in CSS pixels, and which of them show: all, or a window when zoomed. */
export interface Geometry {
  readonly size: number;
  /** Top left corner of the cells, and the side of their square. */
  readonly x: number;
  readonly y: number;
  readonly side: number;
  /** First row and column that show, and how many: fractions when panned. */
  readonly firstCol: number;
  readonly firstRow: number;
  readonly count: number;
  readonly cell: number;
}

export const LABEL_SIZE = 11;
const LABEL_STEP = 13;
const LARGEST_CELL = 80;
const GAPS_FROM = 12;

export function labelFont(palette: Palette, bold = false): string {
  return `${bold ? 'bold ' : ''}${LABEL_SIZE}px ${palette.mono}`;
}

/** The largest square that fits, with as much room for the labels as they need; cells with gaps between them are of whole pixels. */
export function fit(size: number, width: number, height: number, labels: { row: number; col: number }): Geometry {
  const room = Math.max(40, Math.min(width - labels.row - 2, height - labels.col - 2));
  const exact = Math.min(room / size, LARGEST_CELL);
  const side = exact >= GAPS_FROM ? Math.floor(exact) * size : Math.floor(exact * size);
  return { size, x: labels.row, y: labels.col, side, firstCol: 0, firstRow: 0, count: size, cell: side / size };
}

/** Zooms to `count` visible cells (down to 4) with the top left corner as near to the asked one as the matrix allows. */
export function zoom(base: Geometry, count: number, firstRow: number, firstCol: number): Geometry {
  const shown = Math.min(base.size, Math.max(Math.min(4, base.size), count));
  const inside = (first: number) => Math.min(base.size - shown, Math.max(0, first));
  return { ...base, count: shown, cell: base.side / shown, firstRow: inside(firstRow), firstCol: inside(firstCol) };
}

export function colX(g: Geometry, col: number): number {
  return g.x + (col - g.firstCol) * g.cell;
}

export function rowY(g: Geometry, row: number): number {
  return g.y + (row - g.firstRow) * g.cell;
}

/** The sheet as a picture of T x T pixels; transparent where nothing is. */
export function paint(sheet: Sheet, palette: Palette, squareRoot: boolean): HTMLCanvasElement {
  const { size, values } = sheet;
  const { lut } = sheet.kind === 'sequential' ? palette.sequential : palette.diverging;
  const image = new ImageData(size, size);
  const colours = new Uint32Array(lut.buffer, lut.byteOffset, 256);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < values.length; i++) {
    const place = onScale(values[i]!, sheet, squareRoot);
    if (!Number.isNaN(place)) pixels[i] = colours[Math.round(place * 255)]!; // NaN: nothing is there
  }
  const canvas = document.createElement('canvas');
  canvas.width = size;
  canvas.height = size;
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return canvas;
}

export interface Drawing {
  readonly geometry: Geometry;
  readonly sheet: Sheet;
  readonly squareRoot: boolean;
  readonly labels: readonly Label[];
  /** Rows and columns before it are context. */
  readonly firstSelected: number;
  readonly palette: Palette;
  /** A fill for what is not there, in high contrast. */
  hatch(colour: string): string | CanvasPattern;
  /** Puts the cells into their square. */
  cells(): void;
}

/** The cells on a screen. */
export interface Raster {
  readonly geometry: Geometry;
  readonly picture: HTMLCanvasElement;
  /** What was there before, and how far the change is: 1 is done. */
  readonly before?: HTMLCanvasElement | undefined;
  readonly progress?: number;
  readonly ratio: number;
}

export function drawMatrix(context: Pen, drawing: Drawing): void {
  const { geometry: g, palette } = drawing;
  context.save();
  context.beginPath();
  context.rect(g.x, g.y, g.side, g.side);
  context.clip();
  if (palette.highContrast) drawNothing(context, drawing);
  drawing.cells();
  drawGaps(context, g, palette);
  if (g.cell >= 30) drawValues(context, drawing);
  if (palette.highContrast && g.cell >= 5) drawStrongest(context, drawing);
  context.restore();

  context.strokeStyle = css(palette.line);
  context.lineWidth = 1;
  context.strokeRect(g.x - 0.5, g.y - 0.5, g.side + 1, g.side + 1);
  drawContextEdge(context, drawing);
  drawLabels(context, drawing);
}

/** The cells as one picture, scaled. */
export function placePicture(context: CanvasRenderingContext2D, { geometry: g, picture, before, progress = 1, ratio }: Raster): void {
  // Below one device pixel a cell would vanish by chance: those are averaged.
  context.imageSmoothingEnabled = g.cell * ratio < 1;
  context.imageSmoothingQuality = 'high';
  const place = (image: HTMLCanvasElement) => context.drawImage(image, g.firstCol, g.firstRow, g.count, g.count, g.x, g.y, g.side, g.side);
  if (before && progress < 1) {
    context.globalAlpha = 1 - progress;
    place(before);
    context.globalAlpha = progress;
    // Shares of the two add up: a cell does not dip into the background on its way.
    context.globalCompositeOperation = 'lighter';
  }
  place(picture);
  context.globalAlpha = 1;
  context.globalCompositeOperation = 'source-over';
}

/** The cells as squares, one path a colour; neighbours of one colour in a row are one. */
export function drawSquares(pen: SvgPen, { geometry: g, sheet, palette, squareRoot }: Omit<Drawing, 'cells' | 'hatch'>): void {
  const { size, values } = sheet;
  const scale = sheet.kind === 'sequential' ? palette.sequential : palette.diverging;
  const runs = Array.from({ length: 256 }, (): [row: number, from: number, to: number][] => []);
  for (let row = 0; row < size; row++) {
    let last = -1;
    for (let col = 0; col < size; col++) {
      const place = onScale(values[row * size + col]!, sheet, squareRoot);
      const step = Number.isNaN(place) ? -1 : Math.round(place * 255);
      if (step >= 0 && step === last) runs[step]!.at(-1)![2] = col + 1;
      else if (step >= 0) runs[step]!.push([row, col, col + 1]);
      last = step;
    }
  }
  pen.crisp = true;
  runs.forEach((found, step) => {
    if (found.length === 0) return;
    pen.fillStyle = css(scale.at(step / 255));
    pen.beginPath();
    for (const [row, from, to] of found) pen.rect(colX(g, from), rowY(g, row), (to - from) * g.cell, g.cell);
    pen.fill();
  });
  pen.crisp = false;
}

/** High contrast: a hatch where nothing is, since colour alone must not say it. */
function drawNothing(context: Pen, { geometry: g, sheet, palette, hatch }: Drawing): void {
  context.fillStyle = hatch(css(withAlpha(palette.foreground, 0.3)));
  if (sheet.stage === 'masked' || sheet.stage === 'softmax') {
    for (let row = Math.floor(g.firstRow); row < Math.min(g.size, g.firstRow + g.count + 1); row++) {
      const x = colX(g, row + 1);
      if (x < g.x + g.side) context.fillRect(x, rowY(g, row), g.x + g.side - x, g.cell);
    }
  }
  if (sheet.firstHidden) context.fillRect(colX(g, 0), rowY(g, 0), g.cell, g.size * g.cell);
}

/** A pixel of background between cells that are large enough for it. */
function drawGaps(context: Pen, g: Geometry, palette: Palette): void {
  if (g.cell < GAPS_FROM) return;
  context.fillStyle = css(palette.background);
  for (let i = Math.ceil(Math.min(g.firstCol, g.firstRow)); i <= g.size; i++) {
    context.fillRect(colX(g, i) - 1, g.y, 1, g.side);
    context.fillRect(g.x, rowY(g, i) - 1, g.side, 1);
  }
}

function drawValues(context: Pen, { geometry: g, sheet, palette, squareRoot }: Drawing): void {
  const scale = sheet.kind === 'sequential' ? palette.sequential : palette.diverging;
  context.font = `${g.cell >= 40 ? 11 : 10}px ${palette.mono}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const last = Math.min(g.size - 1, Math.ceil(Math.max(g.firstRow, g.firstCol) + g.count));
  for (let row = Math.floor(g.firstRow); row <= last; row++) {
    for (let col = Math.floor(g.firstCol); col <= last; col++) {
      const value = sheet.values[row * g.size + col]!;
      const background = over(scale.at(onScale(value, sheet, squareRoot)), palette.background);
      const text = cellText(value, sheet);
      if (!text) continue;
      context.fillStyle = css(foregroundOn(background, palette.foreground, palette.background));
      context.fillText(text, colX(g, col) + g.cell / 2, rowY(g, row) + g.cell / 2);
    }
  }
}

/** What fits into a cell: a percentage without its sign, or a score with at most three digits. */
function cellText(value: number, sheet: Sheet): string {
  if (Number.isNaN(value)) return '';
  if (sheet.kind === 'sequential') return value < 0.005 ? '' : fixed(value * 100, 0);
  return fixed(value, Math.abs(value) < 10 ? 1 : 0);
}

function drawStrongest(context: Pen, { geometry: g, sheet, palette }: Drawing): void {
  if (sheet.stage !== 'softmax') return;
  context.strokeStyle = css(palette.foreground);
  context.lineWidth = 1;
  for (let row = 0; row < g.size; row++) {
    const col = strongest(sheet, row);
    if (col !== null) context.strokeRect(colX(g, col) + 0.5, rowY(g, row) + 0.5, g.cell - 2, g.cell - 2);
  }
}

/** Where the context ends and the selection begins. */
function drawContextEdge(context: Pen, { geometry: g, firstSelected, palette }: Drawing): void {
  if (firstSelected <= 1) return;
  context.save();
  context.strokeStyle = css(palette.dim);
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  context.beginPath();
  const [x, y] = [Math.round(colX(g, firstSelected)) - 0.5, Math.round(rowY(g, firstSelected)) - 0.5];
  if (y > g.y && y < g.y + g.side) {
    context.moveTo(g.x, y);
    context.lineTo(g.x + g.side, y);
  }
  if (x > g.x && x < g.x + g.side) {
    context.moveTo(x, g.y);
    context.lineTo(x, g.y + g.side);
  }
  context.stroke();
  context.restore();
}

/** Every label where there is room, otherwise every second, fourth, ... */
function labelStep(g: Geometry): number {
  let step = 1;
  while (step * g.cell < LABEL_STEP) step *= 2;
  return step;
}

function drawLabels(context: Pen, { geometry: g, labels, palette }: Drawing): void {
  const step = labelStep(g);
  const shown = (first: number) => (i: number) => i % step === 0 && i + 0.5 >= first && i + 0.5 <= first + g.count;
  const [rows, cols] = [shown(g.firstRow), shown(g.firstCol)];
  for (let i = 0; i < g.size; i++) {
    if (rows(i)) drawRowLabel(context, g, i, labels[i]!, palette);
    if (cols(i)) drawColLabel(context, g, i, labels[i]!, palette);
  }
}

/** Labels that stand out, over what was drawn: neighbours that they would touch make room. */
export function drawMarkedLabels(
  context: Pen,
  g: Geometry,
  labels: readonly Label[],
  marked: { rows: number[]; cols: number[] },
  palette: Palette,
): void {
  const step = labelStep(g);
  const inside = (first: number) => (i: number) => i + 0.5 >= first && i + 0.5 <= first + g.count;
  const [rows, cols] = [marked.rows.filter(inside(g.firstRow)), marked.cols.filter(inside(g.firstCol))];
  const covered = (i: number) =>
    [Math.floor(i / step) * step, Math.ceil(i / step) * step].filter((j) => Math.abs(j - i) * g.cell < LABEL_STEP);
  context.fillStyle = css(palette.background);
  for (const row of rows.flatMap(covered)) context.fillRect(0, rowY(g, row) + g.cell / 2 - 7, g.x - 2, 14);
  for (const col of cols.flatMap(covered)) context.fillRect(colX(g, col) + g.cell / 2 - 7, 0, 14, g.y - 2);
  for (const row of rows) drawRowLabel(context, g, row, labels[row]!, palette, true);
  for (const col of cols) drawColLabel(context, g, col, labels[col]!, palette, true);
}

function drawRowLabel(context: Pen, g: Geometry, row: number, label: Label, palette: Palette, strong = false): void {
  context.save();
  context.translate(g.x - 6, rowY(g, row) + g.cell / 2);
  drawLabel(context, label, g.x - 8, palette, strong, 'right');
  context.restore();
}

function drawColLabel(context: Pen, g: Geometry, col: number, label: Label, palette: Palette, strong = false): void {
  context.save();
  context.translate(colX(g, col) + g.cell / 2, g.y - 6);
  context.rotate(-Math.PI / 2);
  drawLabel(context, label, g.y - 8, palette, strong, 'left');
  context.restore();
}

function drawLabel(context: Pen, label: Label, room: number, palette: Palette, strong: boolean, align: 'left' | 'right'): void {
  context.font = `${label.special ? 'italic ' : ''}${labelFont(palette, strong)}`;
  context.textAlign = align;
  context.textBaseline = 'middle';
  const text = clip(context, label.text, room);
  const width = context.measureText(text).width;
  const left = align === 'right' ? -width : 0;
  if (strong) {
    context.fillStyle = css(palette.background);
    context.fillRect(left - 2, -8, width + 4, 16);
  }
  context.fillStyle = css(strong ? palette.foreground : label.context || label.special ? palette.dim : palette.foreground);
  context.fillText(text, 0, 0);
  if (label.fragment) {
    context.strokeStyle = context.fillStyle;
    context.setLineDash([2, 2]);
    context.strokeRect(left - 1.5, -6.5, width + 3, 13);
  }
}
