/** Taking a picture or its data out of a panel: PNG at twice the size or SVG, on the theme or on white; CSV; JSON. */
import type { SaveMethod } from '../../src/protocol/panels';
import type { Client } from '../../src/protocol/rpc';
import { h, icon, iconButton } from './dom';
import { t } from './l10n';
import { type Palette, paperPalette, themePalette } from './palette';
import { SvgPen } from './svg';

type SaveHost = Client<{ save: SaveMethod }>;

/** A whole picture, legend included, drawn at any scale. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  draw(context: CanvasRenderingContext2D): void;
  /** Where lines and text are all there is: the same as vectors, with what screen readers say of it. */
  readonly vector?: { readonly title: string; readonly description: string; draw(pen: SvgPen): void };
}

/** What a panel offers to save. `name` is the file's, without an ending. */
export interface Exportable {
  name(): string;
  /** Null where there is none. */
  picture(palette: Palette): Picture | null;
  /** Rows of values; the first row holds the titles. */
  csv(): (string | number)[][];
  json(): unknown;
  /** A TensorBoard event file; absent where there is nothing that goes on in steps. */
  board?(): Uint8Array;
  /** Has a Python program that computes the picture again put on the clipboard; absent where there is none. */
  python?(): Promise<{ saved: boolean }>;
}

const SCALE = 2;

async function png(source: Exportable, palette: Palette): Promise<Blob | null> {
  const picture = source.picture(palette);
  if (!picture) return null;
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(picture.width * SCALE);
  canvas.height = Math.ceil(picture.height * SCALE);
  const context = canvas.getContext('2d')!;
  context.scale(SCALE, SCALE);
  picture.draw(context);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

function svg(source: Exportable, palette: Palette): string | null {
  const picture = source.picture(palette);
  if (!picture?.vector) return null;
  const { title, description, draw } = picture.vector;
  const pen = new SvgPen(document.createElement('canvas').getContext('2d')!);
  draw(pen);
  return pen.document(picture.width, picture.height, title, description);
}

/** RFC 4180, a dot for decimals in every language: the file is for programs. */
export function csvText(rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number) => {
    const text = String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

/** JSON with typed arrays as plain ones, and what is not finite as null; a row of numbers stays on one line. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, (_, v: unknown) => (ArrayBuffer.isView(v) ? Array.from(v as Float32Array) : v), 1) ?? 'null';
  // Inside a string an end of line is escaped: this finds arrays only.
  return text.replace(/\[\n(?:\s*(?:-?[\d.]+(?:e[+-]?\d+)?|null),?\n)+\s*\]/g, (row) => row.replace(/\s+/g, '').replaceAll(',', ', '));
}

/** How long a word of confirmation stays, in ms. */
const SAID = 2500;

/** A toolbar button with the menu of what can be taken out; a word says that it was, and goes. */
export function exportButton(host: SaveHost, source: Exportable): HTMLElement {
  const save = async (ending: string, mime: string, data: Uint8Array | string | null, copy = false) => {
    if (data === null) return;
    const { saved } = await host.save({ name: `${source.name()}.${ending}`, mime, data, copy });
    if (saved) say(copy ? t('Copied.') : t('Saved.'));
    else if (copy) say(t('Could not be copied.'));
  };
  const savePng = async (palette: Palette) => {
    const blob = await png(source, palette);
    await save('png', 'image/png', blob && new Uint8Array(await blob.arrayBuffer()));
  };
  const saveSvg = (palette: Palette) => save('svg', 'image/svg+xml', svg(source, palette));
  const copyPng = async () => {
    const blob = await png(source, themePalette());
    if (!blob) return;
    try {
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
      say(t('Copied.'));
    } catch {
      // Some desktops give pages no clipboard for pictures: a file is the next best.
      await savePng(themePalette());
    }
  };
  const csv = (copy: boolean) => save('csv', 'text/csv', csvText(source.csv()), copy);
  const json = (copy: boolean) => save('json', 'application/json', jsonText(source.json()), copy);
  const board = () => save('tfevents', 'application/octet-stream', source.board?.() ?? null);
  const python = async () => {
    const result = await source.python?.();
    if (result) say(result.saved ? t('Copied.') : t('Could not be copied.'));
  };
  const word = h('span', { class: 'said small', role: 'status', 'aria-live': 'polite' });
  let saying = 0;
  const say = (words: string) => {
    clearTimeout(saying);
    word.textContent = words;
    button.replaceChildren(icon('check'));
    saying = window.setTimeout(() => {
      word.textContent = '';
      button.replaceChildren(icon('export'));
    }, SAID);
  };
  type Kind = 'picture' | 'vector' | 'data';
  const entries: { readonly kind: Kind; readonly element: HTMLButtonElement }[] = [];
  const items: (readonly [glyph: string, label: string, run: () => unknown, kind?: Kind] | null)[] = [
    ['file-media', t('Save as PNG…'), () => savePng(themePalette()), 'picture'],
    ['file-media', t('Save as PNG on White…'), () => savePng(paperPalette()), 'picture'],
    ['symbol-ruler', t('Save as SVG…'), () => saveSvg(themePalette()), 'vector'],
    ['symbol-ruler', t('Save as SVG on White…'), () => saveSvg(paperPalette()), 'vector'],
    ['copy', t('Copy as Image'), copyPng, 'picture'],
    null,
    ['table', t('Save as CSV…'), () => csv(false)],
    ['copy', t('Copy as CSV'), () => csv(true)],
    ['json', t('Save as JSON…'), () => json(false)],
    ['copy', t('Copy as JSON'), () => json(true)],
    ...(source.board ? ([['graph-line', t('Save as TensorBoard Events…'), board]] as const) : []),
    ...(source.python ? ([null, ['code', t('Copy as Python'), python]] as const) : []),
  ];
  const menu = h('div', { class: 'menu', role: 'menu', hidden: true, 'aria-label': t('Export') });
  const button = iconButton('export', t('Export'), () => toggle(menu.hasAttribute('hidden')), {
    'aria-haspopup': 'menu',
    'aria-expanded': false,
  });
  const toggle = (open: boolean) => {
    menu.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
    if (!open) return;
    const picture = source.picture(themePalette());
    for (const { kind, element } of entries) {
      element.disabled = kind !== 'data' && picture === null;
      element.hidden = kind === 'vector' && !picture?.vector;
    }
    const box = button.getBoundingClientRect();
    menu.style.top = `${box.bottom + 2}px`;
    menu.style.left = `${Math.max(4, Math.min(box.left, document.documentElement.clientWidth - menu.offsetWidth - 4))}px`;
    menu.querySelector<HTMLElement>('button:enabled')?.focus();
  };
  for (const item of items) {
    if (!item) {
      menu.append(h('hr'));
      continue;
    }
    const [glyph, label, run, kind = 'data'] = item;
    const pick = () => {
      toggle(false);
      button.focus();
      void run();
    };
    const entry = h('button', { type: 'button', role: 'menuitem', tabindex: -1, onclick: pick }, icon(glyph), label);
    entries.push({ kind, element: entry });
    menu.append(entry);
  }
  menu.addEventListener('keydown', (event) => {
    const all = [...menu.querySelectorAll<HTMLButtonElement>('button:enabled:not([hidden])')];
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) all[(at + step + all.length) % all.length]?.focus();
    else if (event.key === 'Escape') {
      toggle(false);
      button.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  menu.addEventListener('focusout', (event) => {
    if (!menu.contains(event.relatedTarget as Node | null) && event.relatedTarget !== button) toggle(false);
  });
  return h('span', { class: 'export' }, button, menu, word);
}
