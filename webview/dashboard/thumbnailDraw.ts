/** Draws heads over training steps: small pictures in rows and columns, all on one scale, the future left empty. */
import type { AttentionFrame } from '../../src/protocol/engine';
import { hatch } from '../lib/canvas';
import { css, withAlpha } from '../lib/colour';
import { h } from '../lib/dom';
import { int } from '../lib/format';
import type { Palette } from '../lib/palette';
import type { Head } from './thumbnailFigures';
import { headName } from './thumbnailWords';

/** Room for the names of rows, and for the steps above. */
export const LABEL = 44;
export const TOP = 18;

export interface Place {
  readonly row: number;
  readonly column: number;
}

export interface Sheet {
  readonly rows: readonly Head[];
  readonly columns: readonly AttentionFrame[];
  /** From one picture to the next. */
  readonly step: number;
  readonly marked: Place | null;
  /** The column of the step that all charts show; -1: none. */
  readonly looked: number;
}

export function sizeOf({ rows, columns, step }: Sheet): { width: number; height: number } {
  return { width: LABEL + columns.length * step, height: TOP + rows.length * step };
}

/** Paints frames once for a palette. */
export class HeadPictures {
  private readonly painted = new Map<AttentionFrame, HTMLCanvasElement>();

  constructor(private readonly palette: Palette) {}

  draw(context: CanvasRenderingContext2D, sheet: Sheet, ratio: number): void {
    const { palette } = this;
    const { rows, columns, step, marked, looked } = sheet;
    const side = step - 3;
    context.font = `10px ${palette.mono}`;
    context.textBaseline = 'middle';
    context.textAlign = 'left';
    const text = (words: string, x: number, y: number, strong: boolean) => {
      context.fillStyle = css(strong ? palette.foreground : palette.dim);
      context.fillText(words, x, y);
    };
    // Numbers of steps thin out instead of overlapping; the marked one drives its neighbours away.
    const widest = Math.max(...columns.map((frame) => context.measureText(int(frame.step)).width)) + 8;
    const every = Math.ceil(widest / step);
    columns.forEach((frame, i) => {
      const strong = i === marked?.column;
      const free = i % every === 0 && (!marked || Math.abs(i - marked.column) >= every);
      if (strong || free) text(int(frame.step), LABEL + i * step, 8, strong);
    });
    if (looked >= 0) {
      context.fillStyle = css(palette.focus);
      context.fillRect(LABEL + looked * step, TOP - 3, side, 2);
    }
    const empty = palette.highContrast ? hatch(context, css(withAlpha(palette.foreground, 0.3)), ratio) : null;
    rows.forEach((head, row) => {
      const y = TOP + row * step;
      text(headName(head), 0, y + side / 2, row === marked?.row);
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

  /** All heads of a frame side by side; the future stays transparent. */
  private picture(frame: AttentionFrame): HTMLCanvasElement {
    const known = this.painted.get(frame);
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
    this.painted.set(frame, canvas);
    return canvas;
  }
}
