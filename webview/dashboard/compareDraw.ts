/** How compared runs look on a chart: a colour, a dash and a mark each, so that none is told by its colour alone. */
import { css, withAlpha } from '../lib/colour';
import type { Palette } from '../lib/palette';
import type { Curves, Place } from './compareSeries';

export interface Look {
  /** Index into the palette's categories; the run on screen has the first two. */
  readonly colour: number;
  readonly dash: readonly number[];
  readonly mark: 'square' | 'triangle' | 'diamond' | 'cross';
}

export const looks: readonly Look[] = [
  { colour: 2, dash: [10, 3], mark: 'square' },
  { colour: 4, dash: [3, 3], mark: 'triangle' },
  { colour: 5, dash: [10, 3, 2, 3], mark: 'diamond' },
  { colour: 3, dash: [1, 3], mark: 'cross' },
];

export interface Overlay extends Curves {
  readonly name: string;
  readonly look: Look;
}

/** What is drawn over the lines of a chart: a line of another run, or a plan, and values that are marked. */
export interface Drawn {
  readonly look: Look;
  /** It is not measured. */
  readonly faint?: boolean;
  readonly line: readonly Place[];
  readonly held?: readonly Place[];
}

/** More marks than this are a thick line. */
const MARKED = 60;

/** `at`: a place of the data on the canvas; `ratio`: pixels of the canvas to one of the page. */
export function drawOverlay(
  context: CanvasRenderingContext2D,
  { look, line, held = [], faint = false }: Drawn,
  at: (place: Place) => Place,
  palette: Palette,
  ratio: number,
): void {
  const colour = palette.categories[look.colour]!;
  const dash = look.dash.map((length) => length * ratio);
  // Faint where the held-out text says it better, as the run on screen has it.
  const below = held.length > 1;
  const alpha = below ? (palette.highContrast ? 0.7 : 0.5) : faint ? 0.75 : 1;
  stroke(context, line.map(at), css(withAlpha(colour, alpha)), ratio, below ? [] : dash);
  const places = held.map(at);
  stroke(context, places, css(colour), 1.5 * ratio, dash);
  const every = Math.ceil(places.length / MARKED);
  context.fillStyle = css(colour);
  context.strokeStyle = css(colour);
  places.forEach((place, i) => {
    if (i % every === 0) mark(context, look.mark, place, 3.5 * ratio);
  });
}

/** The line and the mark in small, for a legend. */
export function drawSwatch(context: CanvasRenderingContext2D, look: Look, palette: Palette, from: Place, width: number, ratio = 1): void {
  const [x, y] = from;
  const colour = css(palette.categories[look.colour]!);
  stroke(
    context,
    [
      [x, y],
      [x + width, y],
    ],
    colour,
    1.5 * ratio,
    look.dash.map((length) => length * ratio),
  );
  context.fillStyle = colour;
  context.strokeStyle = colour;
  mark(context, look.mark, [x + width / 2, y], 3.5 * ratio);
}

function stroke(context: CanvasRenderingContext2D, places: readonly Place[], colour: string, width: number, dash: readonly number[]): void {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.setLineDash([...dash]);
  context.beginPath();
  for (const [x, y] of places) context.lineTo(x, y);
  context.stroke();
  context.setLineDash([]);
}

function mark(context: CanvasRenderingContext2D, kind: Look['mark'], [x, y]: Place, r: number): void {
  context.beginPath();
  if (kind === 'square') context.rect(x - r * 0.8, y - r * 0.8, 1.6 * r, 1.6 * r);
  else if (kind === 'cross') {
    context.lineWidth = r * 0.5;
    context.moveTo(x - r, y - r);
    context.lineTo(x + r, y + r);
    context.moveTo(x - r, y + r);
    context.lineTo(x + r, y - r);
    context.stroke();
    return;
  } else {
    const corners: Place[] =
      kind === 'triangle'
        ? [
            [0, -1],
            [1, 0.8],
            [-1, 0.8],
          ]
        : [
            [0, -1.2],
            [1.2, 0],
            [0, 1.2],
            [-1.2, 0],
          ];
    for (const [dx, dy] of corners) context.lineTo(x + dx * r, y + dy * r);
    context.closePath();
  }
  context.fill();
}
