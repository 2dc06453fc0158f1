/** What the inspector exports: the picture with its title and legend, the cells as rows, the matrices as JSON. */
import type { AttentionView } from '../../src/protocol/engine';
import { escaped, madeWith, ownText } from '../../src/protocol/exported';
import { hatch } from '../lib/canvas';
import { css } from '../lib/colour';
import { t } from '../lib/l10n';
import type { Palette } from '../lib/palette';
import { type Pen, wrapped } from '../lib/pen';
import type { Exportable, Picture } from '../lib/save';
import type { SvgPen } from '../lib/svg';
import { type Drawing, drawMatrix, drawSquares, fit, type Label, paint, placePicture } from './drawMatrix';
import { drawLines, linesHeight } from './lines';
import type { Look } from './look';
import { METRICS } from './metrics';
import { type HeadData, type Sheet, sheet as sheetOf } from './numbers';
import { metricsOf } from './sentences';

export interface Shown {
  readonly layer: number;
  readonly head: number;
  readonly view: AttentionView;
  readonly document: string;
  readonly title: string;
  readonly reading: string;
  /** The legend in words and its ends. */
  readonly legend: { readonly name: string; readonly low: string; readonly high: string; readonly note: string };
  readonly sheet: Sheet;
  readonly data: HeadData;
  readonly labels: readonly Label[];
  readonly squareRoot: boolean;
  readonly mode: Look['mode'];
}

const MARGIN = 16;
const LINE = 15;
const TITLE_LINE = 20;

export function exportable(now: () => Shown | null): Exportable {
  return {
    name: () => {
      const shown = now();
      if (!shown) return 'attention';
      const model = shown.view.model.replace(/[^\p{L}\p{N}._-]+/gu, '-');
      return `attention-${model}-L${shown.layer}H${shown.head}-${shown.mode === 'lines' ? 'lines' : shown.sheet.stage}`;
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

function picture(shown: Shown, palette: Palette): Picture {
  const { sheet, labels, squareRoot, view } = shown;
  const lines = shown.mode === 'lines';
  const content = { sheet, labels, palette, squareRoot, firstSelected: view.firstSelected };
  const side = Math.min(900, Math.max(360, sheet.size * 20));
  const geometry = fit(sheet.size, side + 96, side + 96, { row: 96, col: 80 });
  const width = Math.max(560, lines ? 0 : geometry.x + geometry.side) + 2 * MARGIN;
  const measure = document.createElement('canvas').getContext('2d')!;
  const fitted = (words: string, font: string) => {
    measure.font = font;
    return wrapped(measure, words, width - 2 * MARGIN);
  };
  const [large, small] = [`16px ${palette.sans}`, `11px ${palette.sans}`];
  const [title, reading] = [fitted(shown.title, large), fitted(shown.reading, small)];
  const axes = lines ? t('From each token to those it looks at') : t('Rows look, columns are looked at');
  const notes = fitted([axes, shown.legend.note].filter(Boolean).join(' · '), small);
  const readingTop = MARGIN + 8 + title.length * TITLE_LINE;
  const top = readingTop + reading.length * LINE + 4;
  const tall = lines ? linesHeight(sheet.size) : geometry.y + geometry.side;
  const height = top + tall + 36 + notes.length * LINE + MARGIN;
  /** All but the cells, which a screen and a vector file draw each in its own way. */
  const draw = (pen: Pen, onto: Pick<Drawing, 'cells' | 'hatch'>) => {
    pen.fillStyle = css(palette.background);
    pen.fillRect(0, 0, width, height);
    title.forEach((line, i) => {
      text(pen, line, MARGIN, MARGIN + 8 + i * TITLE_LINE, large, css(palette.foreground));
    });
    reading.forEach((line, i) => {
      text(pen, line, MARGIN, readingTop + i * LINE, small, css(palette.dim));
    });
    pen.save();
    pen.translate(MARGIN, top);
    if (lines) drawLines(pen, content, { width: width - 2 * MARGIN, height: tall, top: 0 });
    else drawMatrix(pen, { ...content, geometry, ...onto });
    pen.translate(0, tall + 24);
    drawLegend(pen, shown, palette);
    notes.forEach((line, i) => {
      text(pen, line, 0, 22 + i * LINE, small, css(palette.dim));
    });
    pen.restore();
  };
  return {
    width,
    height,
    draw: (context) =>
      draw(context, {
        hatch: (colour) => hatch(context, colour, 2),
        cells: () => placePicture(context, { geometry, picture: paint(sheet, palette, squareRoot), ratio: 2 }),
      }),
    vector: {
      title: shown.title,
      description: `${shown.reading} · ${caption(shown)}`,
      draw: (pen: SvgPen) => draw(pen, { hatch: (colour) => pen.hatch(colour), cells: () => drawSquares(pen, { ...content, geometry }) }),
    },
  };
}

/** The scale in words. */
function caption({ legend }: Shown): string {
  return [`${legend.name}, ${legend.low} – ${legend.high}`, legend.note].filter(Boolean).join(' · ');
}

function drawLegend(pen: Pen, { legend, sheet }: Shown, palette: Palette): void {
  const font = `11px ${palette.sans}`;
  const scale = sheet.kind === 'sequential' ? palette.sequential : palette.diverging;
  const word = (words: string, x: number) => (words === '' ? x : text(pen, words, x, 4, font, css(palette.dim)) + 8);
  const x = word(legend.low, word(legend.name, 0));
  for (let i = 0; i < 120; i++) {
    pen.fillStyle = css(scale.at(i / 119));
    pen.fillRect(x + i, 0, i < 119 ? 1.5 : 1, 8);
  }
  pen.strokeStyle = css(palette.line);
  pen.lineWidth = 1;
  pen.strokeRect(x - 0.5, -0.5, 121, 9);
  word(legend.high, x + 128);
}

/** Gives where it ends. */
function text(pen: Pen, words: string, x: number, y: number, font: string, colour: string): number {
  pen.font = font;
  pen.fillStyle = colour;
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  pen.fillText(words, x, y);
  return x + pen.measureText(words).width;
}

/**
 * A row for each cell that is not masked, at full precision. Model, layer and head stand in each, so that files of several heads
 * can be laid together; where the first column is hidden, its rows are there, and what the others were raised to besides.
 */
export function rows({ layer, head, view, sheet: { size, firstHidden }, data }: Shown): (string | number)[][] {
  const raised = firstHidden ? sheetOf(data, size, view.headDim, 'softmax', true).values : null;
  const titles = ['model', 'layer', 'head', 'row', 'column', 'row_token', 'column_token', 'score', 'scaled', 'weight'];
  const out: (string | number)[][] = [raised ? [...titles, 'weight_without_first'] : titles];
  const { model, tokens, headDim } = view;
  const names = tokens.map((token) => escaped(ownText(token)));
  for (let row = 0; row < size; row++)
    for (let col = 0; col <= row; col++) {
      const at = row * size + col;
      const score = data.scores[at]!;
      const cells = [
        model,
        layer,
        head,
        row,
        col,
        names[row]!,
        names[col]!,
        score,
        Math.fround(score / Math.sqrt(headDim)),
        data.pattern[at]!,
      ];
      out.push(raised ? [...cells, Number.isNaN(raised[at]) ? '' : raised[at]!] : cells);
    }
  return out;
}

/**
 * The matrices as `llm-loupe attend --json` gives them (masked cells are null in `scores` and `scaled`, 0 in `pattern`), with what
 * they are of and what the picture showed. `pattern` is always the model's own; where the first column is hidden, `withoutFirst`
 * holds what is shown instead.
 */
export function json({ layer, head, view, document, sheet: { size, stage, firstHidden }, data, squareRoot, mode }: Shown): unknown {
  const { tokens, firstSelected, headDim } = view;
  const matrix = (cell: (i: number, masked: boolean) => number | null) =>
    Array.from({ length: size }, (_, row) => Array.from({ length: size }, (_, col) => cell(row * size + col, col > row)));
  const special = tokens.filter(({ start }) => start < 0);
  const root = Math.sqrt(headDim);
  const raised = firstHidden ? sheetOf(data, size, headDim, 'softmax', true).values : null;
  return {
    ...madeWith(view),
    document,
    positions: size,
    context: { special: special.map(({ text: words }) => words), tokens: firstSelected - special.length, dropped: view.droppedContext },
    selection: { first: firstSelected, tokens: size - firstSelected, dropped: view.droppedText },
    layer,
    head,
    headDim,
    metrics: Object.fromEntries(METRICS.map((metric) => [metric, metricsOf(view, layer, head)?.[metric] ?? null])),
    shown: {
      picture: mode,
      stage,
      scale: squareRoot ? 'square root' : 'linear',
      firstColumn: firstHidden ? 'hidden' : 'shown',
      renormalised: firstHidden && stage === 'softmax',
    },
    tokens: tokens.map((token) => ({ id: token.id, ...ownText(token), start: token.start, end: token.end })),
    scores: matrix((i, masked) => (masked ? null : data.scores[i]!)),
    scaled: matrix((i, masked) => (masked ? null : Math.fround(data.scores[i]! / root))),
    pattern: matrix((i) => data.pattern[i]!),
    ...(raised ? { withoutFirst: matrix((i) => (Number.isNaN(raised[i]) ? null : raised[i]!)) } : {}),
  };
}
