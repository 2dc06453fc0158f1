/** The sequence of one step as chips: words apart, what was just merged, and the pair that comes next wherever it stands. */
import { bytePieces, bytesChip, bytesName } from '../lib/bytes';
import { fill, h } from '../lib/dom';
import { int } from '../lib/format';
import { t } from '../lib/l10n';
import type { Film } from './film';

/** Text that runs from right to left, by its first letter of either kind. */
export function isRightToLeft(text: string): boolean {
  const first = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]|\p{L}/u.exec(text)?.[0] ?? '';
  return /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u.test(first);
}

export class Stage {
  readonly element = h('div', {
    class: 'sequence',
    role: 'listbox',
    'aria-label': t('Tokens of this step'),
    'aria-orientation': 'horizontal',
  });
  private chips: HTMLElement[] = [];
  private ids: readonly number[] = [];
  private focus = 0;
  private film: Film | null = null;
  private shown: { readonly step: number; readonly chosen: number | null } | null = null;

  constructor(private readonly pick: (id: number) => void) {
    this.element.addEventListener('click', (event) => {
      const at = this.indexOf(event.target);
      if (at !== null) this.choose(at);
    });
    this.element.addEventListener('keydown', (event) => this.key(event));
    let width = 0;
    new ResizeObserver(() => {
      if (this.element.clientWidth === width) return;
      width = this.element.clientWidth;
      this.reserve();
    }).observe(this.element);
  }

  /** Another film: keeps the room its longest sequence needs, the first, so that nothing below moves while it plays. */
  load(film: Film): void {
    this.film = film;
    this.reserve();
  }

  private reserve(): void {
    if (!this.film || !this.shown) return;
    const { step, chosen } = this.shown;
    this.element.style.minHeight = '';
    this.show(this.film, 0, null);
    this.element.style.minHeight = `${this.element.offsetHeight}px`;
    this.show(this.film, step, chosen);
  }

  show(film: Film, step: number, chosen: number | null): void {
    this.shown = { step, chosen };
    const { tokens, opens } = film.sequence(step);
    const hadFocus = this.element.contains(document.activeElement);
    const made = new Set(film.made(step));
    const characters = charactersOf(tokens.map((id) => film.bytes(id)));
    this.element.dir = isRightToLeft(characters.text) ? 'rtl' : 'ltr';
    this.ids = tokens;
    this.focus = Math.min(this.focus, Math.max(0, tokens.length - 1));
    let offset = 0;
    this.chips = tokens.map((id, i) => {
      const bytes = film.bytes(id);
      const chip = bytesChip(bytes);
      const part = characters.part(offset, bytes);
      offset += bytes.length;
      const named = (text: string) => [t('“{0}”, entry {1}', text, int(id)), ...(part ? [part] : [])].join(', ');
      // What is read aloud begins with what is seen.
      const attributes = {
        role: 'option',
        title: named(bytesName(bytes)),
        'aria-label': named(chip.textContent ?? ''),
        'aria-selected': String(id === chosen),
      };
      for (const [key, value] of Object.entries(attributes)) chip.setAttribute(key, value);
      chip.classList.toggle('opens', opens[i]! && i > 0);
      chip.classList.toggle('made', made.has(i));
      chip.classList.toggle('chosen', id === chosen);
      chip.dataset.index = String(i);
      chip.tabIndex = i === this.focus ? 0 : -1;
      return chip;
    });
    fill(this.element, ...this.chips);
    this.light(film.steps[step]?.at ?? []);
    if (hadFocus) this.chips[this.focus]?.focus();
  }

  /** The pair at these places. */
  light(at: readonly number[]): void {
    for (const chip of this.chips) chip.classList.remove('left', 'right');
    for (const place of at) {
      this.chips[place]?.classList.add('left');
      this.chips[place + 1]?.classList.add('right');
    }
  }

  private choose(at: number): void {
    this.focus = at;
    this.pick(this.ids[at]!);
    this.chips[at]?.focus();
  }

  private indexOf(target: EventTarget | null): number | null {
    const index = (target as Element | null)?.closest<HTMLElement>('[data-index]')?.dataset.index;
    return index === undefined ? null : Number(index);
  }

  private key(event: KeyboardEvent): void {
    const at = this.indexOf(event.target);
    if (at === null || event.ctrlKey || event.metaKey || event.altKey) return;
    const along = this.element.dir === 'rtl' ? -1 : 1;
    const last = this.chips.length - 1;
    const target = { ArrowRight: at + along, ArrowLeft: at - along, Home: 0, End: last, Enter: at, ' ': at }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.choose(Math.min(last, Math.max(0, target)));
  }
}

/** Which character the bytes of a token are a part of. */
function charactersOf(parts: readonly Uint8Array[]): { text: string; part(offset: number, bytes: Uint8Array): string | null } {
  const whole = Uint8Array.from(parts.flatMap((bytes) => [...bytes]));
  const pieces = bytePieces(whole);
  const text = pieces.filter((piece) => typeof piece === 'string').join('');
  const places: { character: string; from: number; of: number }[] = [];
  for (const piece of pieces) {
    for (const character of typeof piece === 'string' ? piece : ['']) {
      const of = typeof piece === 'string' ? new TextEncoder().encode(character).length : 1;
      const from = places.length;
      for (let i = 0; i < of; i++) places.push({ character, from, of });
    }
  }
  return {
    text,
    part(offset, bytes) {
      const first = places[offset];
      if (!first || first.of === 1 || (offset === first.from && bytes.length >= first.of)) return null;
      const [from, to] = [offset - first.from + 1, Math.min(first.of, offset - first.from + bytes.length)];
      const where = from === to ? t('byte {0} of {1}', from, first.of) : t('bytes {0} to {1} of {2}', from, to, first.of);
      return t('{0} of “{1}”', where, first.character);
    },
  };
}
