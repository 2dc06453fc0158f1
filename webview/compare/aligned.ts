/** The rows over each other on the screen, wrapped like a paragraph. Hover and arrow keys look at one token; a click holds it. */
import type { CompareState } from '../../src/protocol/panels';
import { fill, h } from '../lib/dom';
import { int } from '../lib/format';
import { t } from '../lib/l10n';
import { onPointer } from '../lib/pointer';
import { glyphs } from '../lib/tokens';
import type { Alignment } from './align';

export interface Looked {
  readonly row: number;
  readonly token: number;
}

const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u;

export class Aligned {
  readonly element = h('div', { class: 'aligned', role: 'group', tabindex: 0, 'aria-label': t('The text as each tokenizer cuts it') });
  private cells: HTMLElement[][] = [];
  private alignment: Alignment | null = null;
  private state: CompareState | null = null;
  private looked: Looked | null = null;
  private held: Looked | null = null;

  constructor(private readonly changed: (looked: Looked | null) => void) {
    onPointer(
      this.element,
      (event) => this.look(this.placeOf(event.target)),
      () => this.look(null),
    );
    this.element.addEventListener('click', (event) => this.hold(this.placeOf(event.target)));
    this.element.addEventListener('keydown', (event) => this.key(event));
    let width = 0;
    new ResizeObserver(() => {
      if (this.element.clientWidth === width) return;
      width = this.element.clientWidth;
      this.label();
    }).observe(this.element);
  }

  show(state: CompareState, alignment: Alignment): void {
    this.state = state;
    this.alignment = alignment;
    this.looked = null;
    this.held = null;
    this.element.dir = RIGHT_TO_LEFT.test(/\p{L}/u.exec(state.text)?.[0] ?? '') ? 'rtl' : 'ltr';
    this.cells = state.rows.map(() => []);
    const children: HTMLElement[] = [];
    for (const [i, atom] of alignment.atoms.entries()) {
      const text = state.text.slice(atom.start, atom.end);
      const stack = atom.cells.map((cell, row) => {
        const classes = [
          'cell',
          `row${row}`,
          (cell.tokens[0] ?? 0) % 2 && 'odd',
          cell.begins && 'begins',
          cell.begins && cell.differs && 'differs',
          cell.tokens.length > 1 && 'fragment',
          cell.tokens.length === 0 && 'none',
        ];
        const element = h('div', { class: classes.filter(Boolean).join(' '), 'data-row': row, 'data-atom': i }, ...glyphs(text));
        if (cell.tokens.length > 1) element.append(h('sup', {}, int(cell.tokens.length)));
        this.cells[row]!.push(element);
        return element;
      });
      children.push(h('div', { class: 'atom', 'aria-hidden': true }, ...stack));
      if (text.includes('\n')) children.push(h('div', { class: 'break' }));
    }
    fill(this.element, ...children);
    this.label();
    this.mark();
  }

  /** What is looked at: under the pointer, else what was held. */
  get shown(): Looked | null {
    return this.looked ?? this.held;
  }

  unlock(): boolean {
    if (!this.held) return false;
    this.hold(null);
    return true;
  }

  /** Names of the rows at the beginning of every line. */
  private label(): void {
    for (const old of this.element.querySelectorAll('.names')) old.remove();
    const tops = new Set([...this.element.querySelectorAll<HTMLElement>('.atom')].map((atom) => atom.offsetTop));
    for (const top of tops) {
      const names = (this.state?.rows ?? []).map(({ name }, row) =>
        h('div', { class: 'name' }, h('span', { class: `swatch row${row}` }), h('span', { class: 'word' }, name)),
      );
      const label = h('div', { class: 'names', 'aria-hidden': true }, ...names);
      label.style.top = `${top}px`;
      this.element.append(label);
    }
  }

  private placeOf(target: EventTarget | null): Looked | null {
    const cell = (target as Element | null)?.closest<HTMLElement>('[data-atom]');
    if (!cell || !this.alignment) return null;
    const row = Number(cell.dataset.row);
    const token = this.alignment.atoms[Number(cell.dataset.atom)]!.cells[row]!.tokens[0];
    return token === undefined ? null : { row, token };
  }

  private look(looked: Looked | null): void {
    if (looked?.row === this.looked?.row && looked?.token === this.looked?.token) return;
    this.looked = looked;
    this.mark();
    this.changed(this.shown);
  }

  private hold(held: Looked | null): void {
    this.held = held;
    this.looked = null;
    this.mark();
    this.changed(this.shown);
  }

  private mark(): void {
    const { shown } = this;
    for (const [i, atom] of (this.alignment?.atoms ?? []).entries()) {
      for (const [row, cell] of atom.cells.entries()) {
        const chosen = shown?.row === row && cell.tokens.includes(shown.token);
        this.cells[row]![i]!.classList.toggle('chosen', chosen);
      }
    }
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || !this.state || !this.alignment) return;
    const { rows } = this.state;
    const at = this.held ?? { row: 0, token: -1 };
    const along = this.element.dir === 'rtl' ? -1 : 1;
    const last = (rows[at.row]?.tokens?.ids.length ?? 0) - 1;
    const moves: Record<string, () => Looked | null> = {
      ArrowRight: () => ({ row: at.row, token: at.token + along }),
      ArrowLeft: () => ({ row: at.row, token: at.token - along }),
      ArrowDown: () => this.beside(at, 1),
      ArrowUp: () => this.beside(at, -1),
      Home: () => ({ row: at.row, token: 0 }),
      End: () => ({ row: at.row, token: last }),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    const next = move();
    if (!next) return;
    const count = rows[next.row]?.tokens?.ids.length ?? 0;
    if (count === 0) return;
    this.hold({ row: next.row, token: Math.min(count - 1, Math.max(0, next.token)) });
    this.element.querySelector('.chosen')?.scrollIntoView({ block: 'nearest' });
  }

  /** The token of the next row, or the one before, over the same place of the text. */
  private beside(at: Looked, by: 1 | -1): Looked | null {
    const row = at.row + by;
    const atom = this.alignment?.atoms.find(({ cells }) => cells[at.row]?.tokens.includes(Math.max(0, at.token)));
    const token = atom?.cells[row]?.tokens[0];
    return token === undefined ? null : { row, token };
  }
}
