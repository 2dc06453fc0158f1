/** All steps as one picture for a file, each a row of tokens over the same bytes: from bytes at the top to tokens at the bottom. */
import { bytesName } from '../lib/bytes';
import { css, mix } from '../lib/colour';
import { int } from '../lib/format';
import { t } from '../lib/l10n';
import type { Palette } from '../lib/palette';
import type { Pen } from '../lib/pen';
import type { Picture } from '../lib/save';
import type { Film } from './film';
import { madeSentence } from './words';

const [ROW, MARGIN, CHIP, TITLE] = [24, 16, 18, 40];
/** More rows would be a picture that nobody prints. */
const mostRows = 60;

export function picture(palette: Palette, film: Film | null, title: string): Picture | null {
  if (!film || film.sequence(0).tokens.length === 0) return null;
  const steps = Math.min(film.steps.length, mostRows);
  const mono = `12px ${palette.mono}`;
  const measure = document.createElement('canvas').getContext('2d')!;
  measure.font = mono;
  const byte = Math.max(...film.sequence(0).tokens.map((id) => measure.measureText(bytesName(film.bytes(id))).width)) + 8;
  const label = measure.measureText(int(Math.max(0, ...film.steps.map(({ value }) => value)))).width + 28;
  const bytes = film.sequence(0).tokens.length;
  const width = Math.max(420, 2 * MARGIN + label + bytes * byte);
  const height = TITLE + 2 * MARGIN + (steps + 1) * ROW;
  const blue = mix(palette.background, palette.accent, 0.3);
  const orange = mix(palette.background, palette.categories[1]!, 0.4);
  const draw = (pen: Pen) => {
    const text = (words: string, x: number, y: number, colour = palette.foreground, font = `12px ${palette.sans}`) => {
      pen.font = font;
      pen.fillStyle = css(colour);
      pen.fillText(words, x, y);
    };
    pen.fillStyle = css(palette.background);
    pen.fillRect(0, 0, width, height);
    text(title, MARGIN, MARGIN + 12, palette.foreground, `13px ${palette.sans}`);
    text(film.mode === 'encoding' ? t('Rank') : t('Count'), MARGIN, TITLE + MARGIN - 2, palette.dim);
    for (let step = 0; step <= steps; step++) {
      const y = TITLE + MARGIN + step * ROW + 4;
      const value = film.steps[step - 1]?.value;
      if (value !== undefined) text(int(value), MARGIN, y + 13, palette.dim, mono);
      const made = new Set(film.made(step));
      let x = MARGIN + label;
      for (const [i, id] of film.sequence(step).tokens.entries()) {
        const wide = film.bytes(id).length * byte;
        const name = bytesName(film.bytes(id));
        if (made.has(i)) {
          pen.fillStyle = css(orange);
          pen.fillRect(x + 1, y, wide - 2, CHIP);
        } else if (film.bytes(id).length > 1) {
          pen.fillStyle = css(blue);
          pen.fillRect(x + 1, y, wide - 2, CHIP);
        }
        pen.strokeStyle = css(palette.line);
        pen.lineWidth = 1;
        pen.strokeRect(x + 1.5, y + 0.5, wide - 3, CHIP - 1);
        pen.font = mono;
        text(name, x + (wide - pen.measureText(name).width) / 2, y + 13, palette.foreground, mono);
        x += wide;
      }
    }
  };
  return { width, height, draw, vector: { title, description: madeSentence(film, film.steps.length), draw } };
}

/** One row a step, for programs. */
export function stepRows(film: Film | null): (string | number)[][] {
  const titles = [
    'step',
    film?.mode === 'training' ? 'count' : 'rank',
    'left',
    'right',
    'merged',
    'left_text',
    'right_text',
    'merged_text',
    'places',
    'tokens',
  ];
  const name = (id: number) => bytesName(film!.bytes(id));
  const rows = film?.steps.map(({ pair: [left, right], merged, value, at }, i) => {
    const texts = [name(left), name(right), name(merged)];
    return [i + 1, value, left, right, merged, ...texts, at.length, film.sequence(i + 1).tokens.length];
  });
  return [titles, ...(rows ?? [])];
}
