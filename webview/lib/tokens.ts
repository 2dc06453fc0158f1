/** A token as every view shows it: whitespace made visible, a fragment of a character in outline, the rest as it is. */
import { h } from './dom';
import { t } from './l10n';

export interface ShownToken {
  readonly id: number;
  readonly text: string;
  readonly fragment?: { readonly index: number; readonly of: number } | null;
  /** Not from the text: `<bos>`. */
  readonly special?: boolean;
}

const GLYPHS: Readonly<Record<string, string>> = { ' ': '·', '\n': '⏎', '\t': '⇥', '\r': '␍', '\u00a0': '⍽', '\u202f': '⍽', '\u200b': '∅' };

/** Text with its whitespace and control characters made visible; other characters unchanged. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Zs}\u200b]/gu, (c) => GLYPHS[c] ?? (c < ' ' ? String.fromCharCode(0x2400 + c.charCodeAt(0)) : '·'));
}

/** A chip. `element` is `button` where it can be chosen. */
export function tokenChip(token: ShownToken, element: 'span' | 'button' = 'span'): HTMLElement {
  const classes = ['token', token.special && 'special', token.fragment && 'fragment'].filter(Boolean).join(' ');
  const chip = h(element, { class: classes, dir: 'auto', title: describeToken(token), type: element === 'button' ? 'button' : null });
  chip.append(...glyphs(token.text));
  return chip;
}

/** The text in pieces, those that stand for whitespace in their own colour. */
export function glyphs(text: string): Node[] {
  const parts = text.split(/([\p{Cc}\p{Zs}\u200b]+)/u);
  return parts.flatMap((part, i): Node[] =>
    part === '' ? [] : i % 2 ? [h('span', { class: 'space' }, visible(part))] : [document.createTextNode(part)],
  );
}

/** Keeps a text of either direction from reordering the words around it. */
export function isolate(text: string): string {
  return `\u2068${text}\u2069`;
}

/** For hovers and screen readers: `“ chat”, token 311`. */
export function describeToken(token: ShownToken): string {
  const name = token.special ? token.text : t('“{0}”', isolate(visible(token.text)));
  const piece = token.fragment ? `, ${t('byte {0} of {1}', token.fragment.index + 1, token.fragment.of)}` : '';
  return t('{0}, token {1}', name + piece, token.id);
}
