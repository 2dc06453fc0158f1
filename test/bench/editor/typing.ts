/**
 * From the key of a letter to that letter on screen: in an editor where nothing of ours is shown or runs, and in one whose
 * surprise follows a model that is trained beside it, with its dashboard open.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { against, type BenchRow, median } from '../lib/row';
import { later, type Session } from './session';
import { started, stopped } from './training';

const keys = 60;
/** From one key to the next: 60 words a minute. */
const apartMs = 200;

export async function* typing(session: Session): AsyncGenerator<BenchRow> {
  const { window } = session;
  await session.set('llmLoupe.surprise.followTraining', true);
  await window.openFile('typed.txt');
  await typed(session);
  const before = await typed(session);
  await started(session);
  await window.openFile('typed.txt');
  await window.command('Loupe: Show Surprise');
  await window.bands().first().waitFor({ timeout: 60_000 });
  const busy = [...(await typed(session)), ...(await typed(session))];
  await window.command('Loupe: Show Surprise');
  await stopped(session);
  await session.set('llmLoupe.surprise.followTraining', false);
  await sleep(5_000);
  const idle = [...before, ...(await typed(session))];
  const peerName = 'without training and colours';
  const slow = (times: number[]) => times.sort((a, b) => a - b)[Math.floor(times.length * 0.95)] as number;
  for (const [which, of] of [
    ['median', median],
    ['95 of 100 are faster', slow],
  ] as const) {
    yield against({
      ...{ name: `key to letter on screen while a model is trained and its surprise is followed: ${which}`, unit: 'ms' },
      ...{ loupe: of(busy), peer: of(idle), peerName, ...(of === median ? { goal: { most: 1.5 } } : {}) },
    });
  }
}

/** Milliseconds from the event of each key until the editor has drawn its letter. */
async function typed({ window }: Session): Promise<number[]> {
  const { page } = window;
  await window.goTo(3);
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  const times: number[] = [];
  for (let i = 0; i < keys; i++) {
    const drawn = await later(
      page,
      () => {
        return new Promise<number>((resolve) => {
          const pressed = () => {
            const start = performance.now();
            const observer = new MutationObserver(() => {
              observer.disconnect();
              resolve(performance.now() - start);
            });
            const lines = document.activeElement!.closest('.monaco-editor')!.querySelector('.view-lines')!;
            observer.observe(lines, { subtree: true, childList: true, characterData: true });
          };
          addEventListener('keydown', pressed, { capture: true, once: true });
        });
      },
      undefined,
    );
    await page.keyboard.press(i % 6 === 5 ? 'Space' : 'abcdefghij'[i % 10]!);
    times.push(await drawn());
    await sleep(apartMs);
  }
  return times;
}
