/** Taking a picture or its data out of a panel: PNG at twice the size, on the theme or on white; CSV; JSON. */
import type { SaveMethod } from '../../src/protocol/panels';
import type { Client } from '../../src/protocol/rpc';
import { h, icon, iconButton } from './dom';
import { t } from './l10n';
import { type Palette, paperPalette, themePalette } from './palette';

type SaveHost = Client<{ save: SaveMethod }>;

/** What a panel offers to save. `name` is the file's, without an ending. */
export interface Exportable {
  name(): string;
  /** Draws the whole picture, legend included, at any scale. Null where there is none. */
  picture(palette: Palette): { width: number; height: number; draw(context: CanvasRenderingContext2D): void } | null;
  /** Rows of values; the first row holds the titles. */
  csv(): (string | number)[][];
  json(): unknown;
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

/** A toolbar button with the menu of what can be taken out. */
export function exportButton(host: SaveHost, source: Exportable): HTMLElement {
  const savePng = async (palette: Palette) => {
    const blob = await png(source, palette);
    if (blob) await host.save({ name: `${source.name()}.png`, mime: 'image/png', data: new Uint8Array(await blob.arrayBuffer()) });
  };
  const copyPng = async () => {
    const blob = await png(source, themePalette());
    if (!blob) return;
    try {
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
      copied();
    } catch {
      // Some desktops give pages no clipboard for pictures: a file is the next best.
      await savePng(themePalette());
    }
  };
  const text = async (ending: string, mime: string, data: string, copy: boolean) => {
    const { saved } = await host.save({ name: `${source.name()}.${ending}`, mime, data, copy });
    if (saved && copy) copied();
  };
  const csv = (copy: boolean) => text('csv', 'text/csv', csvText(source.csv()), copy);
  const json = (copy: boolean) => text('json', 'application/json', jsonText(source.json()), copy);
  const live = h('span', { class: 'visually-hidden', role: 'status' });
  const copied = () => {
    live.textContent = t('Copied.');
    button.replaceChildren(icon('check'));
    setTimeout(() => {
      live.textContent = '';
      button.replaceChildren(icon('export'));
    }, 1500);
  };
  const pictures: HTMLButtonElement[] = [];
  const items: ([glyph: string, label: string, run: () => unknown, picture?: true] | null)[] = [
    ['file-media', t('Save as PNG…'), () => savePng(themePalette()), true],
    ['file-media', t('Save as PNG on White…'), () => savePng(paperPalette()), true],
    ['copy', t('Copy as Image'), copyPng, true],
    null,
    ['table', t('Save as CSV…'), () => csv(false)],
    ['copy', t('Copy as CSV'), () => csv(true)],
    ['json', t('Save as JSON…'), () => json(false)],
    ['copy', t('Copy as JSON'), () => json(true)],
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
    const none = source.picture(themePalette()) === null;
    for (const item of pictures) item.disabled = none;
    const box = button.getBoundingClientRect();
    menu.style.top = `${box.bottom + window.scrollY + 2}px`;
    menu.style.left = `${Math.max(4, Math.min(box.left, document.documentElement.clientWidth - menu.offsetWidth - 4))}px`;
    menu.querySelector<HTMLElement>('button:enabled')?.focus();
  };
  for (const item of items) {
    if (!item) {
      menu.append(h('hr'));
      continue;
    }
    const [glyph, label, run, picture] = item;
    const pick = () => {
      toggle(false);
      button.focus();
      void run();
    };
    const entry = h('button', { type: 'button', role: 'menuitem', tabindex: -1, onclick: pick }, icon(glyph), label);
    if (picture) pictures.push(entry);
    menu.append(entry);
  }
  menu.addEventListener('keydown', (event) => {
    const all = [...menu.querySelectorAll<HTMLButtonElement>('button:enabled')];
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
  return h('span', {}, button, menu, live);
}
