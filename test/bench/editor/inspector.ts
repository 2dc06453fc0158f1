/** From the key that opens the inspector (Ctrl+K A) to its pixels; beside it a panel of VS Code with nothing in it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Window } from '../../../scripts/lib/window.mjs';
import { alone, type BenchRow, median } from '../lib/row';
import { later, type Session } from './session';

const openings = 5;

export async function* inspector({ window }: Session): AsyncGenerator<BenchRow> {
  const ours: Opened[] = [];
  const empty: Opened[] = [];
  for (let i = 0; i <= openings; i++) {
    const loupe = await opened(window, 'llm-loupe.llm-loupe', async () => {
      await window.page.keyboard.press('Control+k');
      await window.page.keyboard.press('a');
    });
    const nothing = await opened(window, 'loupe.probe', () => window.page.keyboard.press('F8'));
    if (i === 0) continue; // loads the model and VS Code's own part of panels
    ours.push(loupe);
    empty.push(nothing);
  }
  const of = (runs: Opened[], what: keyof Opened) => median(runs.map((run) => run[what]));
  const against = { peerName: 'an empty panel' };
  // VS Code's own work for any panel is in it: a frame, its service worker, the page's loading.
  const [first, firstEmpty] = [of(ours, 'paint'), of(empty, 'paint')];
  yield {
    name: "inspector's first paint, from the key",
    unit: 'ms',
    loupe: first,
    peer: firstEmpty,
    ratio: first / firstEmpty,
    ...against,
    goal: '300 ms',
  };
  // Our page alone, from the start of its document.
  const [alonePaint, aloneEmpty] = [of(ours, 'page'), of(empty, 'page')];
  yield {
    name: "inspector's first paint, from its document's start",
    unit: 'ms',
    loupe: alonePaint,
    peer: aloneEmpty,
    ratio: alonePaint / aloneEmpty,
    ...against,
  };
  // The model is in memory; the attention of the line is computed and its matrix drawn.
  yield alone('inspector shows the attention of a line, from the key', 'ms', of(ours, 'drawn'));
}

interface Opened {
  /** First contentful paint, from the key. */
  readonly paint: number;
  /** The same, from the start of the panel's document. */
  readonly page: number;
  /** The matrix stands, from the key. */
  readonly drawn: number;
}

async function opened(window: Window, extension: string, open: () => Promise<void>): Promise<Opened> {
  const { page } = window;
  await window.goTo(1);
  await page.keyboard.press('Shift+End');
  await sleep(800);
  // The clock of every frame is the same: milliseconds since 1970, as fine as the page's own.
  const key = await later(
    page,
    () => {
      return new Promise<number>((resolve) => {
        const pressed = (event: KeyboardEvent) => {
          if (event.key !== 'a' && event.key !== 'F8') return;
          removeEventListener('keydown', pressed, { capture: true });
          resolve(performance.timeOrigin + performance.now());
        };
        addEventListener('keydown', pressed, { capture: true });
      });
    },
    undefined,
  );
  await open();
  const start = await key();
  const drawn = await window
    .panel(extension)
    .locator('body')
    .evaluate(
      (body) =>
        new Promise<number>((resolve) => {
          const look = () => {
            if (body.ownerDocument.querySelector('canvas.matrix-cells[data-geometry]')) resolve(performance.timeOrigin + performance.now());
            else requestAnimationFrame(look);
          };
          look();
        }),
    );
  const paint = await window
    .panel(extension)
    .locator('body')
    .evaluate(
      () =>
        new Promise<{ absolute: number; page: number }>((resolve) => {
          new PerformanceObserver((list, observer) => {
            const first = list.getEntriesByName('first-contentful-paint')[0];
            if (!first) return;
            observer.disconnect();
            resolve({ absolute: performance.timeOrigin + first.startTime, page: first.startTime });
          }).observe({ type: 'paint', buffered: true });
        }),
    );
  await window.command('View: Close Editors in Other Groups');
  return { paint: paint.absolute - start, page: paint.page, drawn: drawn - start };
}
