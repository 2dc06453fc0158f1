/**
 * What in a written text stands in the training text, to the letter: underlined, with its place, and said in words. The same
 * in every panel that shows written text.
 */
import type { Copied, Copy } from '../../src/protocol/engine';
import type { CopiedFrom } from '../../src/protocol/panels';
import { type Child, h } from './dom';
import { int, percent } from './format';
import { t, tn } from './l10n';

type Source = NonNullable<Copy['source']>;

/** A piece of a text: copied, or not. Pieces follow on each other; where two runs overlap, the later one gives way. */
export interface Piece {
  readonly text: string;
  readonly copy: Copy | null;
}

export function piecesOf(text: string, copies: readonly Copy[]): Piece[] {
  const out: Piece[] = [];
  let at = 0;
  const upTo = (end: number, copy: Copy | null) => {
    if (end <= at) return;
    out.push({ text: text.slice(at, end), copy });
    at = end;
  };
  for (const copy of copies) {
    upTo(Math.min(copy.start, text.length), null);
    upTo(Math.min(copy.end, text.length), copy);
  }
  upTo(text.length, null);
  return out;
}

/** "src/a.ts:12": the place as people and terminals write it. */
export function placeName({ id, line }: Source): string {
  return `${id.slice(id.indexOf('/') + 1)}:${line + 1}`;
}

/** "31 % copied from your files: 2 runs"; null: the training text is not known. */
export function copiedWords(copied: Copied | null): string {
  if (!copied) return t('Nothing to compare with: its training text is not on this machine.');
  const count = copied.runs.length;
  if (count === 0) return t('Nothing of 30 characters or more was copied from your files.');
  return tn(count, '{0} copied from your files: {1} run', '{0} copied from your files: {1} runs', percent(copied.share), int(count));
}

/** The text with its runs underlined; where `open` is given they are links to their places. */
export function copiedText(text: string, copies: readonly Copy[], open?: (from: CopiedFrom) => void): Child[] {
  return piecesOf(text, copies).map(({ text: words, copy }): Child => {
    if (!copy) return words;
    const { source } = copy;
    if (!source || !open) return h('span', { class: 'copied' }, words);
    const go = () => open({ ...source, text: text.slice(copy.start, copy.end) });
    const from = t('copied from {0}', placeName(source));
    // Not a button: it must break into lines as the text does.
    const key = (event: KeyboardEvent) => {
      if (event.key === 'Enter') go();
    };
    return h(
      'span',
      { class: 'copied copied-link', role: 'link', tabindex: 0, title: from, onclick: go, onkeydown: key },
      words,
      h('span', { class: 'visually-hidden' }, ` (${from})`),
    );
  });
}

/** The places of the runs as links, each once. */
export function copiedPlaces(text: string, copies: readonly Copy[], open: (from: CopiedFrom) => void): HTMLElement[] {
  const seen = new Set<string>();
  return copies.flatMap(({ source, start, end }) => {
    if (!source || seen.has(placeName(source))) return [];
    seen.add(placeName(source));
    const go = () => open({ ...source, text: text.slice(start, end) });
    return [h('button', { type: 'button', class: 'link-button mono', onclick: go }, placeName(source))];
  });
}
