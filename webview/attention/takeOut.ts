/** What the inspector exports: the picture with its title and legend, the cells as rows, the matrices as JSON. */
import { css } from '../lib/colour';
import type { Palette } from '../lib/palette';
import type { Exportable } from '../lib/save';
import { drawMatrix, fit, type Label, paint } from './drawMatrix';
import { drawLines, linesHeight } from './lines';
import type { HeadData, Sheet } from './numbers';

export interface Shown {
  readonly layer: number;
  readonly head: number;
  readonly model: string;
  readonly document: string;
  readonly title: string;
  readonly reading: string;
  /** The legend in words and its ends. */
  readonly legend: { readonly name: string; readonly low: string; readonly high: string; readonly note: string };
  readonly sheet: Sheet;
  readonly data: HeadData;
  readonly headDim: number;
  readonly labels: readonly Label[];
  readonly tokens: readonly { readonly id: number; readonly text: string }[];
  readonly firstSelected: number;
  readonly squareRoot: boolean;
  readonly lines: boolean;
}

const MARGIN = 16;

export function exportable(now: () => Shown | null): Exportable {
  return {
    name: () => {
      const shown = now();
      return shown ? `attention-L${shown.layer}H${shown.head}-${shown.lines ? 'lines' : shown.sheet.stage}` : 'attention';
    },
    picture: (palette) => {
      const shown = now();
      return shown && picture(shown, palette);
    },
    csv: () => {
      const shown = now();
      return shown ? rows(shown) : [];
    },
    json: () => {
      const shown = now();
      return shown && json(shown);
    },
  };
}

function picture(shown: Shown, palette: Palette): ReturnType<Exportable['picture']> {
  const { sheet, labels, lines } = shown;
  const top = MARGIN + 48;
  const content = { sheet, labels, palette, squareRoot: shown.squareRoot, firstSelected: shown.firstSelected };
  const side = Math.min(900, Math.max(360, sheet.size * 20));
  const geometry = fit(sheet.size, side + 96, side + 96, { row: 96, col: 80 });
  const width = Math.max(560, lines ? 0 : geometry.x + geometry.side) + 2 * MARGIN;
  const height = lines ? linesHeight(sheet.size) : geometry.y + geometry.side;
  return {
    width,
    height: top + height + 40 + MARGIN,
    draw(context) {
      context.fillStyle = css(palette.background);
      context.fillRect(0, 0, width, top + height + 40 + MARGIN);
      text(context, shown.title, MARGIN, MARGIN + 8, `16px ${palette.sans}`, css(palette.foreground));
      text(context, shown.reading, MARGIN, MARGIN + 30, `10px ${palette.sans}`, css(palette.dim), width - 2 * MARGIN);
      context.save();
      context.translate(MARGIN, top);
      if (lines) drawLines(context, content, { width: width - 2 * MARGIN, height, top: 0 });
      else drawMatrix(context, { ...content, geometry, picture: paint(sheet, palette, shown.squareRoot), ratio: 2 });
      context.translate(0, height + 24);
      drawLegend(context, shown, palette);
      context.restore();
    },
  };
}

function drawLegend(context: CanvasRenderingContext2D, { legend, sheet }: Shown, palette: Palette): void {
  const font = `11px ${palette.sans}`;
  const scale = sheet.kind === 'sequential' ? palette.sequential : palette.diverging;
  let x = text(context, `${legend.name}  ${legend.low}`, 0, 4, font, css(palette.dim)) + 8;
  for (let i = 0; i < 120; i++) {
    context.fillStyle = css(scale.at(i / 119));
    context.fillRect(x + i, 0, 1, 8);
  }
  context.strokeStyle = css(palette.line);
  context.strokeRect(x - 0.5, -0.5, 121, 9);
  x += 128;
  text(context, `${legend.high}  ${legend.note}`, x, 4, font, css(palette.dim));
}

function text(context: CanvasRenderingContext2D, words: string, x: number, y: number, font: string, colour: string, most?: number): number {
  context.font = font;
  context.fillStyle = colour;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.fillText(words, x, y, most);
  return x + context.measureText(words).width;
}

/** A row for each cell that is not masked, at full precision. */
function rows({ sheet: { size }, data, headDim, tokens }: Shown): (string | number)[][] {
  const out: (string | number)[][] = [['row', 'column', 'row_token', 'column_token', 'score', 'scaled', 'weight']];
  for (let row = 0; row < size; row++)
    for (let col = 0; col <= row; col++) {
      const score = data.scores[row * size + col]!;
      out.push([row, col, tokens[row]!.text, tokens[col]!.text, score, score / Math.sqrt(headDim), data.pattern[row * size + col]!]);
    }
  return out;
}

/** As `llm-loupe attend --json` gives it: masked cells are null in `scores` and `scaled`, 0 in `pattern`. */
function json({ layer, head, model, document, sheet: { size }, data, headDim, tokens }: Shown): unknown {
  const matrix = (cell: (i: number, masked: boolean) => number | null) =>
    Array.from({ length: size }, (_, row) => Array.from({ length: size }, (_, col) => cell(row * size + col, col > row)));
  return {
    model,
    document,
    layer,
    head,
    tokens: tokens.map(({ id, text: words }) => ({ id, text: words })),
    scores: matrix((i, masked) => (masked ? null : data.scores[i]!)),
    scaled: matrix((i, masked) => (masked ? null : data.scores[i]! / Math.sqrt(headDim))),
    pattern: matrix((i) => data.pattern[i]!),
  };
}
