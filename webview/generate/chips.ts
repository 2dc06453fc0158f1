/**
 * What was generated, token by token, after the end of the prompt. Hover looks, click locks; arrow keys walk, up and down by
 * lines. A token that is only a piece of a character is shown as that character in outline, once the character is complete.
 */
import type { GenerateStep } from '../../src/core/sample/types';
import type { Copy } from '../../src/protocol/engine';
import { placeName } from '../lib/copied';
import { fill, h } from '../lib/dom';
import { percent } from '../lib/format';
import { t } from '../lib/l10n';
import { glyphs, tokenChip } from '../lib/tokens';
import { isPiece, PIECE, tokenName } from './words';

/** Of a long prompt only the end is repeated before the chips. */
const PROMPT_TAIL = 160;

export interface ChipHandlers {
  look(index: number | null): void;
  /** Locks a token; null unlocks. */
  lock(index: number | null): void;
}

export class Chips {
  readonly element: HTMLElement;
  private readonly prompt = h('span', { class: 'prompt-tail dim' });
  private readonly list: HTMLElement;
  private readonly chips: HTMLElement[] = [];
  /** Chips that wait for the rest of their character. */
  private pieces: HTMLElement[] = [];
  private locked: number | null = null;

  constructor(private readonly on: ChipHandlers) {
    this.list = h('span', { class: 'chips', role: 'listbox', 'aria-label': t('Generated tokens'), 'aria-orientation': 'horizontal' });
    this.element = h('div', { class: 'output', dir: 'auto' }, this.prompt, this.list);
    this.list.addEventListener('pointerover', (event) => on.look(this.indexOf(event.target)));
    this.list.addEventListener('pointerleave', () => on.look(null));
    this.list.addEventListener('click', (event) => {
      const index = this.indexOf(event.target);
      if (index !== null) on.lock(index === this.locked ? null : index);
    });
    this.list.addEventListener('keydown', (event) => this.key(event));
  }

  clear(prompt: string): void {
    this.prompt.textContent = prompt.length > PROMPT_TAIL ? `…${prompt.slice(-PROMPT_TAIL)}` : prompt;
    fill(this.list);
    this.chips.length = 0;
    this.pieces = [];
    this.locked = null;
  }

  append(step: GenerateStep): void {
    const index = this.chips.length;
    const chosen = step.top.find(({ id }) => id === step.id);
    const text = chosen?.text ?? step.text;
    const piece = isPiece(text);
    const special = text === '';
    const chip = tokenChip({ id: step.id, text: piece ? PIECE : special ? `<${step.id}>` : text, special });
    const name = t('{0}, drawn with {1}', tokenName(text, step.id), percent(chosen?.drawn ?? Math.exp(step.logprob)));
    for (const [attribute, value] of Object.entries({ role: 'option', 'aria-selected': 'false', 'aria-label': name, title: name }))
      chip.setAttribute(attribute, value);
    chip.tabIndex = index === 0 ? 0 : -1;
    chip.dataset.index = String(index);
    this.chips.push(chip);
    this.list.append(chip);
    if (text.includes('\n')) this.list.append(h('br'));
    if (!piece) return;
    chip.classList.add('fragment');
    this.pieces.push(chip);
    // The last piece brings the character: all its pieces then show it.
    if (step.text === '') return;
    for (const waiting of this.pieces) waiting.replaceChildren(...glyphs([...step.text][0] ?? ''));
    this.pieces = [];
  }

  /** Underlines the tokens that lie in a run of the generated text, wholly or in part. `ends[i]`: where token i's text ends. */
  underline(copies: readonly Copy[], ends: readonly number[]): void {
    this.chips.forEach((chip, i) => {
      const [start, end] = [ends[i - 1] ?? 0, ends[i]!];
      // A piece of a character lies where the character will be.
      const copy = copies.find((run) => run.start < Math.max(end, start + 1) && run.end > start);
      chip.classList.toggle('copied', copy !== undefined);
      if (!copy) return;
      const from = copy.source ? t('copied from {0}', placeName(copy.source)) : t('copied from your files');
      const name = `${chip.title.split(' · ')[0]!} · ${from}`;
      chip.title = name;
      chip.setAttribute('aria-label', name);
    });
  }

  /** Marks the locked token, and the one whose distribution is shown. */
  mark(locked: number | null, shown: number | null): void {
    this.locked = locked;
    this.chips.forEach((chip, i) => {
      chip.setAttribute('aria-selected', String(i === locked));
      chip.classList.toggle('chosen', i === locked);
      chip.classList.toggle('hovered', i === shown && i !== locked);
      chip.tabIndex = i === (locked ?? 0) ? 0 : -1;
    });
  }

  private indexOf(target: EventTarget | null): number | null {
    const index = (target as Element | null)?.closest<HTMLElement>('[data-index]')?.dataset.index;
    return index === undefined ? null : Number(index);
  }

  private key(event: KeyboardEvent): void {
    const at = this.indexOf(event.target);
    if (at === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const rtl = getComputedStyle(this.element).direction === 'rtl' ? -1 : 1;
    const last = this.chips.length - 1;
    const targets: Record<string, () => number> = {
      ArrowRight: () => at + rtl,
      ArrowLeft: () => at - rtl,
      ArrowDown: () => this.nextLine(at, 1),
      ArrowUp: () => this.nextLine(at, -1),
      Home: () => 0,
      End: () => last,
      Enter: () => at,
      ' ': () => at,
    };
    const target = targets[event.key];
    if (!target) return;
    event.preventDefault();
    event.stopPropagation();
    const next = Math.min(last, Math.max(0, target()));
    this.on.lock(next);
    this.chips[next]?.focus();
  }

  /** The chip of the next line (or the previous one) that is nearest on it. */
  private nextLine(at: number, way: 1 | -1): number {
    const here = this.chips[at]!;
    let best = at;
    let line: number | null = null;
    for (let i = at + way; i >= 0 && i < this.chips.length; i += way) {
      const chip = this.chips[i]!;
      if (chip.offsetTop === here.offsetTop) continue;
      line ??= chip.offsetTop;
      if (chip.offsetTop !== line) break;
      const distance = (one: HTMLElement) => Math.abs(one.offsetLeft - here.offsetLeft);
      if (best === at || distance(chip) < distance(this.chips[best]!)) best = i;
    }
    return best;
  }
}
