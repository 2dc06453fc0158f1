/** From the key that selects a text (Ctrl+Shift+End) to its bands: on the extension host's thread, and on screen. */
import { setTimeout as sleep } from 'node:timers/promises';
import { later, type Session } from './session';

export interface Pressed {
  /** Processor time of the extension host's main thread until all is painted, in ms: ours, VS Code's own, all extensions'. */
  readonly cpu: number;
  /** From the event of the key to the frame in which the bands stand, in ms, with the rest that is meant. */
  readonly screen: number;
}

/** The text in the editor is selected; where `shown`, its bands are waited for. */
export async function press(session: Session, shown: boolean): Promise<Pressed> {
  const { page } = session.window;
  await page.keyboard.press('Control+Home');
  await sleep(600);
  const before = await session.probe();
  const painted = await later(
    page,
    (wanted: boolean) => {
      return new Promise<number>((resolve) => {
        const pressed = () => {
          const start = performance.now();
          const look = () => {
            const time = performance.now() - start;
            const there = document.querySelector('.monaco-editor .view-overlays .cdr[class*="ced-"]') !== null;
            if (there || !wanted || time > 5_000) resolve(time);
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        };
        addEventListener('keydown', pressed, { capture: true, once: true });
      });
    },
    shown,
  );
  await page.keyboard.press('Control+Shift+End');
  const screen = await painted();
  await sleep(600);
  const after = await session.probe();
  return { cpu: after.cpuMs - before.cpuMs, screen };
}

export async function presses(session: Session, count: number, shown = true): Promise<Pressed[]> {
  const all: Pressed[] = [];
  for (let i = 0; i < count; i++) all.push(await press(session, shown));
  return all;
}
