/** The editor while a model is trained in the same window, against the same editor with that training paused, in turns. */
import { setTimeout as sleep } from 'node:timers/promises';
import { against, type BenchRow, median } from '../lib/row';
import { row } from './blocks';
import { type Pressed, press } from './keys';
import type { Session } from './session';

const rounds = 5;
const perRound = 3;

/** @param restMs what is waited for on purpose before the tokens are computed. */
export async function* whileTraining(session: Session, restMs: number): AsyncGenerator<BenchRow> {
  const { window } = session;
  await window.openFile('page.txt');
  await press(session, true);
  await started(session);
  await window.openFile('page.txt');
  const [busy, idle]: [Pressed[], Pressed[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < perRound; i++) busy.push(await press(session, true));
    await paused(session);
    for (let i = 0; i < perRound; i++) idle.push(await press(session, true));
    await resumed(session);
  }
  const recorded = await session.record(() => press(session, true));
  await stopped(session);
  const of = (runs: Pressed[], what: (run: Pressed) => number) => median(runs.map(what));
  const peerName = 'the same with training paused';
  const goal = { most: 1.5 };
  const onScreen = ({ screen }: Pressed) => screen - restMs;
  yield against({
    ...{ name: `key press to bands on screen while a model is trained, beyond the rest of ${restMs} ms`, unit: 'ms' },
    ...{ loupe: of(busy, onScreen), peer: of(idle, onScreen), peerName, goal },
  });
  const host = ({ cpu }: Pressed) => cpu;
  yield against({
    ...{ name: "key press to bands while a model is trained: the extension host's thread", unit: 'ms' },
    ...{ loupe: of(busy, host), peer: of(idle, host), peerName },
  });
  yield row('a selection while a model is trained', recorded);
}

/** A training of some minutes. */
export async function started({ window }: Session): Promise<void> {
  await window.command('Loupe: Train on This Workspace');
  await window.picks('From nothing: micro').click({ timeout: 60_000 });
  await window.status(/Training\s+\d/).waitFor({ timeout: 120_000 });
  // The dashboard takes the focus when it is drawn: what is opened next would open beside the text.
  await window.panel().getByRole('button', { name: 'Stop' }).first().waitFor({ timeout: 60_000 });
  await sleep(1_000);
  await window.page.keyboard.press('Control+1');
  await window.page.locator('.editor-group-container').first().and(window.page.locator('.active')).waitFor();
}

export async function paused({ window }: Session): Promise<void> {
  await window.command('Loupe: Pause Training');
  await window.status(/paused/i).waitFor();
  await sleep(500);
}

export async function resumed({ window }: Session): Promise<void> {
  await window.command('Loupe: Resume Training');
  await window.status(/Training\s+\d/).waitFor();
  await sleep(500);
}

export async function stopped({ window }: Session): Promise<void> {
  await window.command('Loupe: Stop Training');
}
