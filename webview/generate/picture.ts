/** The distribution of one token as a picture for a file: tokens, bars of the model and of the draw, the pin. */
import type { GenerateStep, SampleSettings } from '../../src/core/sample/types';
import { clip } from '../lib/canvas';
import { css, withAlpha } from '../lib/colour';
import { percent } from '../lib/format';
import { t } from '../lib/l10n';
import type { Palette } from '../lib/palette';
import type { Pen } from '../lib/pen';
import type { Picture } from '../lib/save';
import { visible } from '../lib/tokens';
import { stages } from './stages';
import { drawnTitle, drawWords, isPiece, PIECE, share } from './words';

const [ROW, MARGIN, HEADER, TOKEN, BAR, FLOW, COLUMN] = [20, 16, 84, 140, 180, 90, 20];

export function picture(palette: Palette, step: GenerateStep | null, settings: SampleSettings): Picture | null {
  if (!step) return null;
  const made = stages(step, settings);
  const { rows } = made;
  const others = made.otherHeated >= 5e-5 || made.otherKept > 0;
  const count = rows.length + (others ? 1 : 0);
  const width = 2 * MARGIN + TOKEN + 2 * BAR + FLOW + COLUMN + 60;
  const height = HEADER + count * ROW + MARGIN;
  const draw = (context: Pen) => {
    const text = (words: string, x: number, y: number, colour = palette.foreground, font = `12px ${palette.sans}`) => {
      context.font = font;
      context.fillStyle = css(colour);
      context.fillText(words, x, y);
    };
    const mono = `12px ${palette.mono}`;
    context.fillStyle = css(palette.background);
    context.fillRect(0, 0, width, height);
    context.font = `13px ${palette.sans}`;
    text(clip(context, drawnTitle(step, made), width - 2 * MARGIN), MARGIN, MARGIN + 12, palette.foreground, `13px ${palette.sans}`);
    context.font = `12px ${palette.sans}`;
    text(clip(context, drawWords(step, made), width - 2 * MARGIN), MARGIN, MARGIN + 32, palette.dim);
    const [heatX, shareX] = [MARGIN + TOKEN, MARGIN + TOKEN + BAR];
    const flowX = shareX + BAR;
    text(t('Token'), MARGIN, HEADER - 10, palette.dim);
    text(made.greedy ? 'softmax' : t('after the temperature'), heatX, HEADER - 10, palette.dim);
    text(made.greedy ? t('greedy') : t('renormalised'), shareX, HEADER - 10, palette.dim);
    const longest = (values: number[]) => Math.max(...values, 1e-12);
    const scales = [longest(rows.map((row) => row.heated)), longest(rows.map((row) => row.candidate.drawn))] as const;
    const bar = (x: number, y: number, value: number, scale: number, chosen: boolean) => {
      context.fillStyle = css(withAlpha(chosen ? palette.categories[1]! : palette.accent, 0.45));
      context.fillRect(x, y + 3, (value / scale) * (BAR - 70), ROW - 6);
      text(percent(value), x + BAR - 62, y + 14, palette.foreground, mono);
    };
    const full = count * ROW;
    const part = (i: number, from: number, to: number, colour: string) => {
      const [top, bottom, a, b] = [HEADER + i * ROW + 4, HEADER + (i + 1) * ROW - 4, HEADER + from * full, HEADER + to * full];
      const middle = flowX + FLOW / 2;
      context.fillStyle = colour;
      context.beginPath();
      context.moveTo(flowX, top);
      context.bezierCurveTo(middle, top, middle, a, flowX + FLOW, a);
      context.lineTo(flowX + FLOW + COLUMN, a);
      context.lineTo(flowX + FLOW + COLUMN, b);
      context.lineTo(flowX + FLOW, b);
      context.bezierCurveTo(middle, b, middle, bottom, flowX, bottom);
      context.fill();
    };
    rows.forEach((row, i) => {
      const y = HEADER + i * ROW;
      const name = isPiece(row.candidate.text) ? PIECE : visible(row.candidate.text) || `<${row.candidate.id}>`;
      context.font = mono;
      const shown = clip(context, name, TOKEN - 12);
      text(shown, MARGIN, y + 14, row.cutBy ? palette.dim : palette.foreground, mono);
      if (row.cutBy) context.fillRect(MARGIN, y + 10, context.measureText(shown).width, 1);
      bar(heatX, y, row.heated, scales[0], row.chosen);
      if (row.candidate.drawn > 0) bar(shareX, y, row.candidate.drawn, scales[1], row.chosen);
      if (row.to > row.from && !made.greedy)
        part(
          i,
          row.from,
          row.to,
          css(withAlpha(row.chosen ? palette.categories[1]! : palette.accent, row.chosen ? 0.8 : i % 2 ? 0.2 : 0.32)),
        );
    });
    if (others) text(t('other tokens'), MARGIN, HEADER + rows.length * ROW + 14, palette.dim);
    if (others && made.otherHeated > 0)
      text(percent(made.otherHeated), heatX + BAR - 62, HEADER + rows.length * ROW + 14, palette.dim, mono);
    if (made.greedy) return;
    const at = HEADER + made.draw * full;
    const x = flowX + FLOW + COLUMN;
    context.strokeStyle = css(palette.foreground);
    context.strokeRect(flowX + FLOW, HEADER, COLUMN, full);
    context.beginPath();
    context.moveTo(flowX + FLOW - 4, at);
    context.lineTo(x + 8, at);
    context.stroke();
    text(share(made.draw), x + 12, at + 4, palette.foreground, mono);
  };
  return { width, height, draw, vector: { title: drawnTitle(step, made), description: drawWords(step, made), draw } };
}
