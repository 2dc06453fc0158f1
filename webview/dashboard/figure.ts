/**
 * The charts as one figure for a report: the run's name, what it was, the legend, the charts with the names of their axes. Of one
 * size whatever the panel's; says nothing that has to be looked up elsewhere.
 */
import { css } from '../lib/colour';
import type { Palette } from '../lib/palette';
import { wrapped } from '../lib/pen';
import type { Picture } from '../lib/save';

export interface Heading {
  readonly title: string;
  /** What the run was, and what makes it that run: each on a line of its own. */
  readonly facts: readonly string[];
  readonly sentence: string;
}

/** An entry of the legend: a sample of a line, drawn around `middle`, and what it is. */
export interface Entry {
  readonly name: string;
  readonly sample: (context: CanvasRenderingContext2D, left: number, middle: number) => void;
}

export interface Plot {
  readonly canvas: HTMLCanvasElement;
  readonly width: number;
  readonly height: number;
}

const [WIDTH, MARGIN, GAP, LINE] = [960, 24, 16, 17];
/** Of the sample of a line in the legend. */
export const SAMPLE = 28;

export const mainSize = { width: WIDTH - 2 * MARGIN, height: 380 } as const;

export function smallSize(count: number): { width: number; height: number } {
  return { width: (WIDTH - 2 * MARGIN - (count - 1) * GAP) / count, height: 150 };
}

export function figure(
  palette: Palette,
  { title, facts, sentence }: Heading,
  legend: readonly Entry[],
  main: Plot,
  smalls: readonly { readonly name: string; readonly plot: Plot }[],
): Picture {
  const measure = document.createElement('canvas').getContext('2d')!;
  const lines = (text: string, font: string) => {
    measure.font = font;
    return wrapped(measure, text, WIDTH - 2 * MARGIN);
  };
  const [bold, plain, small] = [`600 18px ${palette.sans}`, `13px ${palette.sans}`, `12px ${palette.sans}`];
  const texts: { readonly words: string; readonly font: string; readonly dim: boolean; readonly y: number }[] = [];
  let y = MARGIN;
  const put = (text: string, font: string, height: number, dim: boolean) => {
    for (const words of lines(text, font)) {
      y += height;
      texts.push({ words, font, dim, y: y - 5 });
    }
  };
  put(title, bold, 24, false);
  for (const fact of facts) put(fact, small, LINE, true);
  y += 6;
  if (sentence) put(sentence, plain, 19, false);
  y += 10;
  const entries = legendRows(legend, measure, small);
  const legendTop = y;
  const mainTop = legendTop + (entries.at(-1)?.row ?? 0) * LINE + LINE + 4;
  const smallTop = mainTop + main.height + GAP;
  const height = smallTop + (smalls.length > 0 ? LINE + Math.max(...smalls.map(({ plot }) => plot.height)) : 0) + MARGIN - 8;
  return {
    width: WIDTH,
    height,
    draw(context) {
      context.fillStyle = css(palette.background);
      context.fillRect(0, 0, WIDTH, height);
      const write = (words: string, x: number, at: number, font: string, dim: boolean) => {
        context.font = font;
        context.fillStyle = css(dim ? palette.dim : palette.foreground);
        context.fillText(words, x, at);
      };
      for (const { words, font, dim, y: at } of texts) write(words, MARGIN, at, font, dim);
      for (const { name, sample, x, row } of entries) {
        const middle = legendTop + row * LINE + LINE / 2;
        sample(context, x, middle);
        write(name, x + SAMPLE + 6, middle + 4, small, true);
      }
      context.drawImage(main.canvas, MARGIN, mainTop, main.width, main.height);
      smalls.forEach(({ name, plot }, i) => {
        const left = MARGIN + i * (plot.width + GAP);
        write(name, left, smallTop + 12, small, false);
        context.drawImage(plot.canvas, left, smallTop + LINE, plot.width, plot.height);
      });
    },
  };
}

/** One after another, on as many rows as they take. */
function legendRows(legend: readonly Entry[], measure: CanvasRenderingContext2D, font: string): (Entry & { x: number; row: number })[] {
  measure.font = font;
  let [x, row] = [MARGIN, 0];
  return legend.map((entry) => {
    const width = SAMPLE + 6 + measure.measureText(entry.name).width;
    if (x > MARGIN && x + width > WIDTH - MARGIN) [x, row] = [MARGIN, row + 1];
    const placed = { ...entry, x, row };
    x += width + 20;
    return placed;
  });
}
