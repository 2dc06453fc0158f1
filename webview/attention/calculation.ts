/**
 * The calculation of one weight, step by step, with its real numbers: q, k, their products, the sum, the division by the root
 * of d, the softmax over the row, the weighted sum of v. Formula, numbers and picture are at the same spot.
 */
import type { AttentionToken } from '../../src/protocol/engine';
import { onSize, surface } from '../lib/canvas';
import { css } from '../lib/colour';
import { positions } from '../lib/counts';
import { append, type Child, fill, h } from '../lib/dom';
import { fixed, full, int, num, percent } from '../lib/format';
import { t, tn } from '../lib/l10n';
import type { Palette } from '../lib/palette';
import { tokenChip } from '../lib/tokens';
import { type Cell, largest, type WeightSteps, weightSteps } from './numbers';

export interface RowData {
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly output: Float32Array;
}

export interface CalculationContent {
  readonly cell: Cell;
  readonly tokens: readonly AttentionToken[];
  readonly data: RowData;
  /** Weights of the row as the engine gives them, [T]. */
  readonly pattern: Float32Array;
  readonly hideFirst: boolean;
  readonly palette: Palette;
}

/** Components that are in sight before "all of them" is asked for. */
const FEW = 4;
/** Positions of the row that are listed. */
const TOP = 5;

export class Calculation {
  readonly element = h('aside', { class: 'calculation', tabindex: -1, 'aria-label': t('Calculation of the weight') });
  private readonly painters: ((palette: Palette) => void)[] = [];
  private all = false;
  private content: CalculationContent | null = null;

  constructor(private readonly events: { reveal(token: number): void; choose(cell: Cell): void; hover(token: number | null): void }) {
    onSize(this.element, () => this.paint());
  }

  /** Keeps the last one while the next is fetched: nothing jumps. */
  show(content: CalculationContent): void {
    this.content = content;
    this.painters.length = 0;
    const { cell, tokens, data, pattern, hideFirst } = content;
    const d = data.q.length;
    const steps = weightSteps(data.q, data.k, cell.row, cell.col);
    const key = data.k.subarray(cell.col * d, (cell.col + 1) * d);
    const value = data.v.subarray(cell.col * d, (cell.col + 1) * d);
    const later = cell.col > cell.row;
    // What the picture shows: with the first column hidden, the share of what is left.
    const left = hideFirst && cell.col > 0 ? 1 - pattern[0]! : 1;
    const weight = left > 1e-6 ? steps.weight / left : steps.weight;
    const list = h('ol', { class: 'steps' });
    append(list, [
      step(
        t('Multiply query and key, component by component'),
        this.caption(t('q: what position {0} asks for. k: what position {1} offers. Both after RoPE.', int(cell.row), int(cell.col)), d),
        this.vectors(
          [
            ['q', data.q],
            ['k', key],
            ['q × k', steps.products],
          ],
          2,
        ),
      ),
      shortStep(t('Add up: the score'), this.sum(steps)),
      shortStep(
        t('Divide by √d'),
        line(number(steps.score), ' ÷ √', int(d), ' = ', number(steps.score), ' ÷ ', number(steps.root), ' = ', strong(steps.scaled)),
      ),
    ]);
    if (later) append(list, [step(t('Mask'), h('p', {}, t('This token comes later in the text: it is masked, its weight is 0.')))]);
    else {
      append(list, [
        step(
          t('Softmax over the row'),
          ...softmaxLines(steps, cell.row),
          hideFirst ? withoutFirst(steps, pattern, cell) : null,
          this.row(content),
        ),
        step(
          t('Add up the values by their weights'),
          this.caption(t('v: what position {0} hands on. The sum over the row is what the head gives.', int(cell.col)), d),
          this.vectors(
            [
              ['v', value],
              [t('weight × v'), Float64Array.from(value, (x) => x * steps.weight)],
              [t('sum'), data.output],
            ],
            0,
          ),
        ),
      ]);
    }
    const from = this.chip(tokens[cell.row]!, cell.row);
    const to = this.chip(tokens[cell.col]!, cell.col);
    fill(
      this.element,
      h(
        'header',
        {},
        h(
          'h2',
          {},
          from,
          h('span', { class: 'dim' }, t('looks at')),
          to,
          later ? null : h('span', { class: 'weight mono', title: full(weight) }, percent(weight, 3)),
        ),
      ),
      list,
    );
    this.paint();
  }

  private paint(): void {
    if (this.content) for (const paint of this.painters) paint(this.content.palette);
  }

  private chip(token: AttentionToken, index: number): HTMLElement {
    const chip = tokenChip({ ...token, special: token.start < 0 }, 'button');
    chip.title = `${chip.title}\n${t('Position {0}. Click to go to it in the editor.', int(index))}`;
    chip.addEventListener('click', () => this.events.reveal(index));
    return this.lit(chip, index);
  }

  /** Hovering it lights the token in the editor. */
  private lit(chip: HTMLElement, index: number): HTMLElement {
    chip.addEventListener('pointerenter', () => this.events.hover(index));
    chip.addEventListener('pointerleave', () => this.events.hover(null));
    return chip;
  }

  private sum({ products, score }: WeightSteps): HTMLElement {
    const terms = largest(products, FEW).flatMap((c, i): Child[] => {
      const x = products[c]!;
      return i === 0 ? [component(x)] : [x < 0 ? ' − ' : ' + ', component(Math.abs(x))];
    });
    return line('q · k = ', ...terms, products.length > FEW ? ' + … = ' : ' = ', strong(score));
  }

  /** What the vectors below it are, and the way to all their components. */
  private caption(words: string, components: number): HTMLElement {
    const buttons = () => [...this.element.querySelectorAll<HTMLElement>('.all-components')];
    const toggle = () => {
      const at = buttons().indexOf(button);
      this.all = !this.all;
      if (this.content) this.show(this.content);
      buttons()[at]?.focus();
    };
    const button: HTMLElement = h(
      'button',
      { type: 'button', class: 'link-button all-components', 'aria-expanded': this.all, onclick: toggle },
      this.all ? t('Only the largest components') : t('All {0} components', int(components)),
    );
    return h('p', { class: 'dim small' }, words, ' ', components > FEW && button);
  }

  /** Rows of vectors of one length: all components as colours; as numbers all, or those that are largest in the row `by`. */
  private vectors(rows: [string, ArrayLike<number>][], by: number): HTMLElement {
    const d = rows[0]![1].length;
    const table = h('table', { class: 'vectors' });
    const heading = (words: string | number) => h('th', { scope: 'col' }, words);
    if (this.all) {
      const head = h('tr', {}, heading('#'), ...rows.map(([name]) => heading(name)));
      const body = Array.from({ length: d }, (_, c) =>
        h('tr', {}, h('th', { scope: 'row', class: 'dim' }, c), ...rows.map(([, x]) => h('td', {}, component(x[c]!)))),
      );
      append(table, [h('thead', {}, head), h('tbody', {}, ...body)]);
    } else {
      const shown = largest(rows[by]![1], FEW);
      const more = () => (shown.length < d ? h('td', { class: 'dim' }, '…') : '');
      table.append(h('thead', {}, h('tr', {}, heading('#'), ...shown.map(heading), more())));
      for (const [name, x] of rows) {
        table.append(h('tr', {}, h('th', { scope: 'row' }, name), ...shown.map((c) => h('td', {}, component(x[c]!))), more()));
      }
    }
    const canvas = h('canvas', { class: 'vector-strip', role: 'img', 'aria-label': t('All {0} components as colours', int(d)) });
    this.painters.push((palette) =>
      paintVectors(
        canvas,
        rows.map(([, x]) => x),
        palette,
      ),
    );
    return h('div', { class: 'vector-block' }, canvas, table);
  }

  /** The strongest positions of the row, with bars. */
  private row({ cell, tokens, pattern }: CalculationContent): HTMLElement {
    const order = Array.from({ length: cell.row + 1 }, (_, i) => i).sort((a, b) => pattern[b]! - pattern[a]! || a - b);
    const listed = order.slice(0, TOP);
    if (!listed.includes(cell.col)) listed[listed.length - 1] = cell.col;
    const rest = 1 - listed.reduce((sum, i) => sum + pattern[i]!, 0);
    const bar = (share: number) => {
      const element = h('span', { class: 'bar' }, h('span'));
      (element.firstElementChild as HTMLElement).style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
      return element;
    };
    const rows = listed.map((i) => {
      const chip = tokenChip({ ...tokens[i]!, special: tokens[i]!.start < 0 }, 'button');
      if (i === cell.col) chip.classList.add('chosen');
      chip.addEventListener('click', () => this.events.choose({ row: cell.row, col: i }));
      return h('li', {}, this.lit(chip, i), bar(pattern[i]!), h('span', { class: 'mono', title: full(pattern[i]!) }, percent(pattern[i]!)));
    });
    const others = order.length - listed.length;
    if (others > 0)
      rows.push(
        h(
          'li',
          { class: 'dim' },
          h('span', {}, tn(others, '{0} other', '{0} others', int(others))),
          bar(rest),
          h('span', { class: 'mono' }, percent(Math.max(0, rest))),
        ),
      );
    return h('ul', { class: 'row-weights' }, ...rows);
  }
}

function softmaxLines({ scaled, shift, exp, sum, weight }: WeightSteps, row: number): Child[] {
  const exponent = shift === 0 ? [number(scaled)] : [number(scaled), shift < 0 ? ' + ' : ' − ', number(Math.abs(shift))];
  return [
    shift === 0
      ? null
      : h(
          'p',
          { class: 'dim small' },
          t('The largest score of the row is subtracted first: the result is the same, and nothing overflows.'),
        ),
    h(
      'div',
      { class: 'formulas' },
      line('exp(', ...exponent, ') = ', number(exp)),
      line(t('sum over {0}', positions(row + 1)), ' = ', number(sum)),
      line(number(exp), ' ÷ ', number(sum), ' = ', h('strong', { title: full(weight) }, percent(weight, 3))),
    ),
  ];
}

function withoutFirst({ weight }: WeightSteps, pattern: Float32Array, { col }: Cell): HTMLElement | null {
  const left = 1 - pattern[0]!;
  if (col === 0 || left <= 1e-6) return null;
  return line(
    t('without the first column:'),
    ' ',
    number(weight),
    ' ÷ ',
    number(left),
    ' = ',
    h('strong', { title: full(weight / left) }, percent(weight / left, 3)),
  );
}

function step(title: string, ...children: Child[]): HTMLElement {
  return h('li', {}, h('h3', {}, title), ...children);
}
/** Name and formula on one line where they fit. */
function shortStep(title: string, ...children: Child[]): HTMLElement {
  return h('li', { class: 'short' }, h('h3', {}, title), ...children);
}
function line(...children: Child[]): HTMLElement {
  return h('p', { class: 'mono formula' }, ...children);
}
function number(x: number): HTMLElement {
  return h('span', { title: full(x) }, num(x));
}
/** A component among others: decimals that align, so that a column reads as one; all digits on hover. */
function component(x: number): HTMLElement {
  const size = Math.abs(x);
  return h('span', { title: full(x) }, size < 100 ? fixed(x, size < 10 ? 3 : 2) : num(x));
}
function strong(x: number): HTMLElement {
  return h('strong', { title: full(x) }, num(x));
}

/** One line of colours a vector, each on its own symmetric limits: the signs and the shape are what matters here. */
function paintVectors(canvas: HTMLCanvasElement, rows: ArrayLike<number>[], palette: Palette): void {
  const width = Math.max(60, canvas.parentElement?.clientWidth ?? 0);
  const [line, gap] = [8, 2];
  const { context } = surface(canvas, width, rows.length * (line + gap) - gap);
  rows.forEach((x, row) => {
    const limit = Array.from(x).reduce((a, b) => Math.max(a, Math.abs(b)), 1e-12);
    for (let c = 0; c < x.length; c++) {
      const [left, right] = [Math.round((c / x.length) * width), Math.round(((c + 1) / x.length) * width)];
      context.fillStyle = css(palette.diverging.at(0.5 + x[c]! / limit / 2));
      context.fillRect(left, row * (line + gap), Math.max(1, right - left - (width / x.length > 4 ? 1 : 0)), line);
    }
  });
}
