/** Draws heads over training steps: small pictures in rows and columns, all on one scale, the future left empty. */
import type { AttentionFrame } from '../../src/protocol/engine';
import { hatch } from '../lib/canvas';
import { css, withAlpha } from '../lib/colour';
import { int } from '../lib/format';
import { drawBorder, drawGround, drawHead, headName, paintHeads } from '../lib/heads';
import type { Palette } from '../lib/palette';
import type { Head } from './thumbnailFigures';

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
      text(headName(head.layer, head.head), 0, y + side / 2, row === marked?.row);
      columns.forEach((frame, column) => {
        const place = { x: LABEL + column * step, y, side };
        drawGround(context, empty, place);
        drawHead(context, this.picture(frame), frame.size, head, place, ratio);
        drawBorder(context, palette, place);
      });
    });
    if (marked) {
      context.strokeStyle = css(palette.focus);
      context.lineWidth = 2;
      context.strokeRect(LABEL + marked.column * step - 1, TOP + marked.row * step - 1, side + 2, side + 2);
    }
  }

  private picture(frame: AttentionFrame): HTMLCanvasElement {
    const known = this.painted.get(frame) ?? paintHeads(frame, this.palette);
    this.painted.set(frame, known);
    return known;
  }
}
