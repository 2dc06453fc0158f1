/**
 * How one token was drawn, one column a stage. A table, so that it can be read and heard: rows are tokens, crossed-out rows
 * stay visible, what is not listed shares the last row. The last column is a picture: each row flows into its part of the
 * bar from 0 to 1, and the random number is a pin on it.
 */
import type { GenerateStep, SampleSettings } from '../../src/core/sample/types';
import { type Child, fill, h } from '../lib/dom';
import { fixed, full, int, num, percent } from '../lib/format';
import { t, tn } from '../lib/l10n';
import { tokenChip } from '../lib/tokens';
import { type Cut, type StageRow, type Stages, stages } from './stages';
import { cutWords, drawnTitle, drawWords, isPiece, PIECE, share, tokenName } from './words';

export type StageName = 'logit' | 'heat' | Cut | 'share' | 'draw';

const ROW = 22;
const FLOW = 60;
const BAR = 16;
const PIN = 54;

export class Pipeline {
  readonly element: HTMLElement;
  private readonly title = h('h2', { class: 'headline' });
  private readonly words = h('p', { class: 'dim' });
  private readonly switcher = h('div', { class: 'segments stage-switch', role: 'radiogroup', 'aria-label': t('Stage') });
  private readonly table = h('table', { class: 'stages' });
  private readonly frame: HTMLElement;
  private stage: StageName = 'share';

  constructor() {
    this.frame = h('div', { class: 'stages-frame', tabindex: 0, role: 'region', 'aria-label': t('Stages') }, this.table);
    this.element = h('section', { class: 'pipeline', hidden: true }, this.title, this.words, this.switcher, this.frame);
  }

  show(step: GenerateStep | null, settings: SampleSettings): void {
    this.element.hidden = step === null;
    if (!step) return;
    const made = stages(step, settings);
    this.title.textContent = drawnTitle(step, made);
    this.words.textContent = drawWords(step, made);
    const columns = columnsOf(settings, made);
    if (!columns.some(({ name }) => name === this.stage)) this.stage = 'share';
    this.showSwitch(columns);
    this.showTable(made, columns, settings);
  }

  /** Where there is room for one stage only, this says which. */
  private showSwitch(columns: readonly Column[]): void {
    const key = columns.map(({ name, title }) => `${name}${title}${name === this.stage}`).join();
    if (this.switcher.dataset.key === key) return;
    const focused = this.switcher.contains(document.activeElement);
    this.switcher.dataset.key = key;
    const pick = (name: StageName) => () => {
      this.stage = name;
      this.table.dataset.stage = name;
      this.showSwitch(columns);
    };
    fill(
      this.switcher,
      ...columns.map(({ name, title }) =>
        h(
          'button',
          {
            type: 'button',
            role: 'radio',
            'aria-checked': name === this.stage,
            tabindex: name === this.stage ? 0 : -1,
            onclick: pick(name),
          },
          title,
        ),
      ),
    );
    this.switcher.onkeydown = (event) => {
      const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!move) return;
      event.preventDefault();
      event.stopPropagation();
      const at = columns.findIndex(({ name }) => name === this.stage);
      pick(columns[(at + move + columns.length) % columns.length]!.name)();
    };
    if (focused) this.switcher.querySelector<HTMLElement>('[aria-checked="true"]')?.focus();
  }

  private showTable(made: Stages, columns: readonly Column[], settings: SampleSettings): void {
    const others = otherRow(made, columns);
    const count = made.rows.length + (others ? 1 : 0);
    const head = h(
      'tr',
      {},
      h('th', { scope: 'col' }, t('Token')),
      ...columns.map(({ name, title, note }) =>
        h(
          'th',
          { scope: 'col', 'data-stage': name, class: note === null ? 'off' : null },
          h('span', {}, title),
          h('span', { class: 'note' }, note ?? t('off')),
        ),
      ),
    );
    const body = made.rows.map((row, i) =>
      h(
        'tr',
        {
          class: [row.chosen && 'drawn', row.cutBy && 'cut'].filter(Boolean).join(' ') || null,
          'aria-current': row.chosen ? 'true' : null,
        },
        h('th', { scope: 'row' }, chip(row, settings)),
        ...columns.map((column): HTMLElement | null => {
          if (column.name === 'draw') return i === 0 ? drawCell(made, count, others !== null) : null;
          return h('td', { 'data-stage': column.name, class: cellClass(row, column.name) }, column.cell(row));
        }),
      ),
    );
    this.table.dataset.stage = this.stage;
    fill(
      this.table,
      h('caption', { class: 'visually-hidden' }, t('How the token was drawn, stage by stage')),
      h('thead', {}, head),
      h('tbody', {}, ...body, others),
    );
  }
}

interface Column {
  readonly name: StageName;
  readonly title: string;
  /** The setting; null when the stage is off. */
  readonly note: string | null;
  cell(row: StageRow): Child;
  /** What the row of all other tokens says. */
  readonly other: Child;
}

function columnsOf(settings: SampleSettings, made: Stages): Column[] {
  const biggest = (read: (row: StageRow) => number) => Math.max(...made.rows.map(read), 1e-12);
  const [heat, most] = [biggest((row) => row.heated), biggest((row) => row.candidate.drawn)];
  const { temperature, topK, topP, minP } = settings;
  const off = (row: StageRow) => h('span', { class: 'dim' }, row.cutBy ? '' : '·');
  const columns: Column[] = [
    {
      name: 'logit',
      title: t('logits'),
      note: t('raw'),
      cell: ({ candidate }) => figure(fixed(candidate.logit, 2), full(candidate.logit)),
      other: '',
    },
    {
      name: 'heat',
      title: made.greedy ? 'softmax' : t('÷ {0}, softmax', num2(temperature)),
      note: made.exact ? t('all tokens') : t('these tokens'),
      cell: (row) =>
        bar(
          row.heated,
          heat,
          `${fixed(row.candidate.logit, 3)} ÷ ${num2(made.greedy ? 1 : temperature)} = ${fixed(row.scaled, 3)} → ${percent(row.heated, 3)}`,
        ),
      other: made.otherHeated > 0 ? percent(made.otherHeated) : '',
    },
  ];
  if (!made.greedy) {
    columns.push(
      {
        name: 'topK',
        title: 'top-k',
        note: topK > 0 ? int(topK) : null,
        cell: (row) => (topK > 0 ? figure(int(row.rank + 1), t('number {0} by logit', int(row.rank + 1))) : off(row)),
        other: '',
      },
      {
        name: 'topP',
        title: 'top-p',
        note: topP < 1 ? percent(topP) : null,
        cell: (row) => {
          if (topP >= 1) return off(row);
          return row.cumulative === null || row.cutBy === 'topK'
            ? ''
            : figure(percent(row.cumulative), t('up to here: {0}', percent(row.cumulative, 3)));
        },
        other: '',
      },
    );
    if (minP > 0)
      columns.push({
        name: 'minP',
        title: 'min-p',
        note: percent(minP),
        cell: (row) =>
          row.cutBy === 'topK' || row.cutBy === 'topP'
            ? ''
            : figure(percent(row.relative), t('{0} of the most probable', percent(row.relative, 3))),
        other: '',
      });
  }
  columns.push({
    name: 'share',
    title: made.greedy ? t('greedy') : t('renormalised'),
    note: made.greedy ? t('the largest') : t('to 100 %'),
    cell: (row) => (row.candidate.drawn > 0 ? bar(row.candidate.drawn, most, percent(row.candidate.drawn, 3)) : ''),
    other: made.otherDrawn > 0 ? percent(made.otherDrawn) : '',
  });
  if (!made.greedy) columns.push({ name: 'draw', title: t('draw'), note: share(made.draw), cell: () => '', other: '' });
  return columns;
}

/** Temperatures as they were typed. */
function num2(value: number): string {
  return num(value, 2)
    .replace(/([.,]\d*?)0+$/, '$1')
    .replace(/[.,]$/, '');
}

function cellClass(row: StageRow, name: StageName): string | null {
  return row.cutBy === name ? 'crossed' : null;
}

function chip(row: StageRow, settings: SampleSettings): HTMLElement {
  const { id, text } = row.candidate;
  const piece = isPiece(text);
  const element = tokenChip({ id, text: piece ? PIECE : text === '' ? `<${id}>` : text, special: text === '' });
  if (piece) element.classList.add('fragment');
  const name = tokenName(text, id);
  element.title = row.cutBy ? `${name}: ${cutWords(row.cutBy, row, settings)}` : name;
  return element;
}

function figure(text: string, hover: string): HTMLElement {
  return h('span', { class: 'figure', title: hover }, text);
}

/** A number after a bar that is as long as its share of the longest. */
function bar(value: number, longest: number, hover: string): HTMLElement {
  const fillElement = h('span', { class: 'bar-fill' });
  fillElement.style.width = `calc((100% - 50px) * ${value / longest})`;
  return h('span', { class: 'figure bar', title: hover }, fillElement, h('span', {}, percent(value)));
}

function otherRow(made: Stages, columns: readonly Column[]): HTMLElement | null {
  if (made.otherHeated < 5e-5 && made.otherKept === 0) return null;
  const name = made.otherKept > 0 ? tn(made.otherKept, '{0} other left', '{0} others left', int(made.otherKept)) : t('other tokens');
  return h(
    'tr',
    { class: 'others' },
    h('th', { scope: 'row' }, name),
    ...columns.flatMap((column) =>
      column.name === 'draw' ? [] : [h('td', { 'data-stage': column.name }, h('span', { class: 'figure' }, column.other))],
    ),
  );
}

const SVG = 'http://www.w3.org/2000/svg';

function svg(tag: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/** One picture beside all rows: flows from the rows into the bar, and the pin. */
function drawCell(made: Stages, count: number, others: boolean): HTMLElement {
  const height = count * ROW;
  const picture = svg('svg', { width: FLOW + BAR + PIN, height, viewBox: `0 0 ${FLOW + BAR + PIN} ${height}`, 'aria-hidden': 'true' });
  const y = (share: number) => share * height;
  const part = (index: number, from: number, to: number, kind: string) => {
    const [top, bottom] = [index * ROW + 4, index * ROW + ROW - 4];
    const [a, b, m] = [y(from), y(to), FLOW / 2];
    picture.append(
      svg('path', {
        class: `flow ${kind}`,
        d: `M0 ${top} C ${m} ${top}, ${m} ${a}, ${FLOW} ${a} L ${FLOW} ${b} C ${m} ${b}, ${m} ${bottom}, 0 ${bottom} Z`,
      }),
      svg('rect', { class: `part ${kind}`, x: FLOW, y: a, width: BAR, height: Math.max(0.5, b - a) }),
    );
  };
  const shown = made.rows.filter((row) => row.to > row.from);
  const end = shown.filter((row) => !row.chosen).reduce((most, row) => Math.max(most, row.to), 0);
  if (others && made.otherDrawn > 0) part(count - 1, end, 1, 'other');
  made.rows.forEach((row, i) => {
    if (row.to > row.from && !row.chosen) part(i, row.from, row.to, i % 2 ? 'odd' : 'even');
  });
  // The chosen one lies on top: it may stand inside the part of the others.
  const chosen = made.rows.findIndex((row) => row.chosen);
  if (chosen >= 0) part(chosen, made.rows[chosen]!.from, made.rows[chosen]!.to, 'chosen');
  const at = y(made.draw);
  const x = FLOW + BAR;
  const label = svg('text', { class: 'pin-label', x: x + 12, y: Math.min(height - 3, Math.max(11, at + 4)) });
  label.textContent = share(made.draw);
  picture.append(
    svg('rect', { class: 'rim', x: FLOW, y: 0.5, width: BAR, height: height - 1 }),
    svg('path', { class: 'pin', d: `M ${FLOW - 4} ${at} L ${x + 2} ${at} M ${x + 2} ${at} l 8 -4.5 l 0 9 z` }),
    label,
  );
  const cell = h('td', { class: 'draw-cell', 'data-stage': 'draw', rowspan: count });
  cell.append(picture);
  return cell;
}
