/** How long our code holds the extension host's thread in one go, at worst, while its user does this and that. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchRow } from '../lib/row';
import { press } from './keys';
import type { Recorded } from './probe';
import type { Session } from './session';

export const goalMs = 10;

export async function* blocks(session: Session): AsyncGenerator<BenchRow> {
  const { window } = session;
  const { keyboard } = window.page;
  await window.openFile('line.txt');
  yield row('the first selection, which starts a worker', await session.record(() => press(session, true)));
  await window.openFile('page.txt');
  yield row('a selection of 3,699 characters', await session.record(() => press(session, true)));
  await window.openFile('long.txt');
  await sleep(1_000);
  yield row(
    '10 MB shown for the first time',
    await session.record(async () => {
      await window.command('Loupe: Show Tokens');
      await window.bands().first().waitFor();
    }),
  );
  const type = async () => {
    for (const letter of 'what is typed at speed, ') await keyboard.press(letter === ' ' ? 'Space' : letter);
  };
  yield row('typing in it', await session.record(type));
  await keyboard.press('Control+End');
  yield row('typing at its end', await session.record(type));
  await window.command('File: Revert File');
  await window.openFile('page.txt');
  await keyboard.press('Control+a');
  yield row(
    'the attention panel opens',
    await session.record(async () => {
      await window.command('Loupe: Inspect Attention');
      await window.panel().locator('canvas.matrix-cells[data-geometry]').waitFor();
    }),
  );
  await window.command('View: Close Editors in Other Groups');
}

/** Our longest turn of the event loop, in processor time; VS Code's own work in it is not counted, its calls for us are. */
export function row(what: string, { longestMs, words, oursMs, busyMs }: Recorded): BenchRow {
  process.stderr.write(`    ${words}; ${oursMs.toFixed(1)} of ${busyMs.toFixed(1)} ms of the thread were ours\n`);
  return {
    ...{ name: `longest turn of ours: ${what}`, unit: 'ms', loupe: longestMs, peer: null, peerName: null, ratio: null },
    ...{ goal: `≤ ${goalMs} ms`, reached: longestMs <= goalMs },
  };
}
