/**
 * The worked example as tables of numbers, from Q, K and V to the output. Hover or the keyboard looks at a number: its formula with
 * the values in it stands below, and the numbers it was made of light up. A click keeps it, Escape lets it go.
 */
import { fill, h } from '../lib/dom';
import { full } from '../lib/format';
import { t } from '../lib/l10n';
import { formulaOf, type Place, type Stage, shown, valueAt, worked } from './formulas';

const same = (a: Place | null, b: Place | null) => a?.stage === b?.stage && a?.row === b?.row && a?.column === b?.column;

/** The numbers of one line of the calculation stand beside each other. */
const lines: readonly (readonly Stage[])[] = [
  ['q', 'k', 'v'],
  ['scores', 'scaled', 'powers', 'sums'],
  ['weights', 'output'],
];

export class ExampleView {
  readonly element: HTMLElement;
  private readonly cells: { place: Place; button: HTMLButtonElement }[] = [];
  private readonly formula = h('p', { class: 'formula mono' });
  private readonly meaning = h('p', { class: 'dim' });
  private locked: Place | null;

  constructor(
    locked: Place | null,
    private readonly keep: (locked: Place | null) => void,
  ) {
    this.locked = locked;
    this.element = h(
      'div',
      { class: 'example' },
      ...lines.map((stages) => h('div', { class: 'line' }, ...stages.map((stage) => this.table(stage)))),
      h('div', { class: 'explained', id: 'explained' }, this.formula, this.meaning),
    );
    this.element.addEventListener('keydown', (event) => this.key(event));
    this.element.addEventListener('pointerleave', () => this.look(this.locked));
    const first = this.cells.find(({ place }) => same(place, locked)) ?? this.cells.find(({ place }) => place.stage === 'weights');
    if (first) first.button.tabIndex = 0;
    this.look(locked);
  }

  private table(stage: Stage): HTMLElement {
    const { title, columns } = heads()[stage];
    const rows = worked[stage].map((values, row) =>
      h(
        'tr',
        {},
        h(
          'th',
          { scope: 'row' },
          h('span', { class: 'visually-hidden' }, t('Token {0}', row + 1)),
          h('span', { 'aria-hidden': true }, row + 1),
        ),
        ...values.map((_, column) => h('td', {}, this.cell({ stage, row, column }))),
      ),
    );
    return h(
      'table',
      { class: `matrix ${stage}` },
      h('caption', {}, title),
      columns ? h('thead', {}, h('tr', {}, h('td', {}), ...columns.map((name) => h('th', { scope: 'col' }, name)))) : null,
      h('tbody', {}, ...rows),
    );
  }

  private cell(place: Place): HTMLButtonElement {
    const { text, words } = formulaOf(place);
    const exact = valueAt(place);
    const value = shown(exact);
    const button = h(
      'button',
      {
        type: 'button',
        class: 'cell',
        tabindex: -1,
        'aria-pressed': same(place, this.locked),
        'aria-label': `${value}. ${text}. ${words}`,
        title: full(exact),
        onpointerenter: () => this.look(this.locked ?? place),
        onfocus: () => {
          for (const { button: other } of this.cells) other.tabIndex = other === button ? 0 : -1;
          this.look(this.locked ?? place);
        },
        onclick: () => this.lock(same(place, this.locked) ? null : place, place),
      },
      value,
    );
    // A share is also a length: seen before it is read.
    if (place.stage === 'weights') button.style.setProperty('--share', String(exact));
    this.cells.push({ place, button });
    return button;
  }

  private lock(locked: Place | null, looked: Place | null): void {
    this.locked = locked;
    this.keep(locked);
    for (const { place, button } of this.cells) button.setAttribute('aria-pressed', String(same(place, locked)));
    this.look(locked ?? looked);
  }

  private look(looked: Place | null): void {
    const formula = looked && formulaOf(looked);
    for (const { place, button } of this.cells) {
      button.classList.toggle('looked', same(place, looked));
      button.classList.toggle('source', formula?.from.some((source) => same(source, place)) ?? false);
    }
    fill(this.formula, formula ? formula.text : t('Point at a number, or walk to it with the arrow keys.'));
    fill(this.meaning, formula ? formula.words : t('Its formula stands here, with the values in it; what it was made of lights up.'));
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape' && this.locked) {
      this.lock(null, null);
      event.preventDefault();
      return;
    }
    const focused = this.cells.find(({ button }) => button === document.activeElement);
    const step = focused && moves[event.key];
    if (!focused || !step) return;
    event.preventDefault();
    this.neighbour(focused.place, step)?.focus();
  }

  /** The next number that way: within its table, then in the one beside it or in the line below. */
  private neighbour({ stage, row, column }: Place, [down, right]: readonly [number, number]): HTMLButtonElement | undefined {
    const find = (place: Place) => this.cells.find((cell) => same(cell.place, place))?.button;
    const inside = find({ stage, row: row + down, column: column + right });
    if (inside) return inside;
    const at = lines.findIndex((stages) => stages.includes(stage));
    const line = lines[at]!;
    if (right) {
      const beside = line[line.indexOf(stage) + right];
      return beside && find({ stage: beside, row, column: right > 0 ? 0 : worked[beside][row]!.length - 1 });
    }
    const next = lines[at + down]?.[Math.min(line.indexOf(stage), lines[at + down]!.length - 1)];
    return (
      next && find({ stage: next, row: down > 0 ? 0 : worked[next].length - 1, column: Math.min(column, worked[next][0]!.length - 1) })
    );
  }
}

const moves: Readonly<Record<string, readonly [down: number, right: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

function heads(): Readonly<Record<Stage, { title: string; columns: readonly string[] | null }>> {
  const keys = ['1', '2', '3'];
  return {
    q: { title: t('Q: what each token asks'), columns: null },
    k: { title: t('K: what it answers to'), columns: null },
    v: { title: t('V: what it hands over'), columns: null },
    scores: { title: t('Scores, Q · K'), columns: keys },
    scaled: { title: t('Scaled, ÷ √2'), columns: keys },
    powers: { title: t('Powers, exp'), columns: keys },
    sums: { title: t('Sum'), columns: ['Σ'] },
    weights: { title: t('Weights, ÷ sum'), columns: keys },
    output: { title: t('Output, weights · V'), columns: null },
  };
}
