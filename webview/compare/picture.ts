/** The rows over each other as one picture for a file, wrapped like a paragraph; and every token as a row of values. */
import type { CompareState } from '../../src/protocol/panels';
import { hex } from '../lib/bytes';
import { clip } from '../lib/canvas';
import { css, mix } from '../lib/colour';
import { num } from '../lib/format';
import type { Palette } from '../lib/palette';
import type { Pen } from '../lib/pen';
import type { Picture } from '../lib/save';
import { visible } from '../lib/tokens';
import type { Alignment, Atom } from './align';
import { figures } from './figures';

const [WIDTH, ROW, GAP, MARGIN, LABEL, TITLE] = [920, 20, 12, 16, 120, 34];

export function picture(palette: Palette, state: CompareState | null, alignment: Alignment | null, title: string): Picture | null {
  if (!state || !alignment || alignment.atoms.length === 0) return null;
  const mono = `12px ${palette.mono}`;
  const measure = document.createElement('canvas').getContext('2d')!;
  measure.font = mono;
  const lines: { readonly atom: Atom; readonly x: number; readonly width: number }[][] = [[]];
  let x = MARGIN + LABEL;
  for (const atom of alignment.atoms) {
    const text = visible(state.text.slice(atom.start, atom.end));
    const width = Math.max(6, measure.measureText(text).width + 2);
    if (x + width > WIDTH - MARGIN && lines.at(-1)!.length > 0) {
      lines.push([]);
      x = MARGIN + LABEL;
    }
    lines.at(-1)!.push({ atom, x, width });
    x += width;
    if (!state.text.slice(atom.start, atom.end).includes('\n')) continue;
    lines.push([]);
    x = MARGIN + LABEL;
  }
  const used = lines.filter((line) => line.length > 0);
  const block = state.rows.length * ROW + GAP;
  const height = 2 * MARGIN + TITLE + used.length * block;
  const draw = (pen: Pen) => {
    pen.fillStyle = css(palette.background);
    pen.fillRect(0, 0, WIDTH, height);
    pen.font = `13px ${palette.sans}`;
    pen.fillStyle = css(palette.foreground);
    pen.fillText(clip(pen, title, WIDTH - 2 * MARGIN), MARGIN, MARGIN + 12);
    for (const [l, line] of used.entries()) {
      const top = MARGIN + TITLE + l * block;
      for (const [r, row] of state.rows.entries()) {
        const y = top + r * ROW;
        const figure = figures(row, state.text);
        pen.font = `12px ${palette.sans}`;
        pen.fillStyle = css(l === 0 ? palette.foreground : palette.dim);
        const name = l === 0 && figure ? `${row.name} · ${num(figure.tokens)}` : row.name;
        pen.fillText(clip(pen, name, LABEL - 8), MARGIN, y + 14);
        for (const { atom, x: left, width } of line) {
          const cell = atom.cells[r]!;
          const token = cell.tokens[0] ?? 0;
          pen.fillStyle = css(mix(palette.background, palette.categories[r]!, token % 2 ? 0.34 : 0.16));
          pen.fillRect(left, y + 1, width, ROW - 2);
          if (cell.begins) {
            pen.fillStyle = css(cell.differs ? palette.foreground : palette.dim);
            pen.fillRect(left, y + 1, cell.differs ? 2 : 1, ROW - 2);
          }
          pen.font = mono;
          pen.fillStyle = css(palette.foreground);
          pen.fillText(visible(state.text.slice(atom.start, atom.end)), left + 2, y + 14);
        }
      }
    }
  };
  const description = state.rows.map(({ name }) => name).join(', ');
  return { width: WIDTH, height, draw, vector: { title, description, draw } };
}

/** One row a token, for programs. */
export function tokenRows(state: CompareState | null): (string | number)[][] {
  const titles = ['tokenizer', 'index', 'id', 'text', 'bytes', 'start', 'end'];
  const bytes = new TextEncoder().encode(state?.text ?? '');
  const rows = (state?.rows ?? []).flatMap(({ name, tokens }) =>
    Array.from(tokens?.ids ?? [], (id, i): (string | number)[] => {
      const own = [...bytes.subarray(tokens!.byteStart[i], tokens!.byteEnd[i])].map(hex).join(' ');
      const [start, end] = [tokens!.start[i]!, tokens!.end[i]!];
      return [name, i, id, state!.text.slice(start, end), own, start, end];
    }),
  );
  return [titles, ...rows];
}
