/** From the frame that shows other lines of a file, after a jump, to their colours; alone, and while a model is trained. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchRow, median } from '../lib/row';
import { later, type Session } from './session';
import { paused, resumed, started, stopped } from './training';

const rounds = 5;
const perRound = 3;
const goalMs = 100;
/** Lines from one jump to the next: nothing there was computed before. */
const apart = 150;

/** @param restMs what is waited for on purpose after a scroll. */
export async function* surprise(session: Session, restMs: number): AsyncGenerator<BenchRow> {
  const { window } = session;
  await window.openFile('code.ts');
  await window.command('Loupe: Show Surprise');
  await window.bands().first().waitFor({ timeout: 60_000 });
  let line = 1;
  const jumps = async (): Promise<number[]> => {
    const times: number[] = [];
    for (let i = 0; i < perRound; i++) {
      line += apart;
      times.push((await jump(session, line)) - restMs);
    }
    return times;
  };
  await jumps();
  const alone = await jumps();
  await started(session);
  await window.openFile('code.ts');
  const [busy, idle]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    busy.push(...(await jumps()));
    await paused(session);
    idle.push(...(await jumps()));
    await resumed(session);
  }
  await stopped(session);
  await window.command('Loupe: Show Surprise');
  const within = (ms: number) => ({ goal: `≤ ${goalMs} ms`, reached: ms <= goalMs });
  const beyond = `beyond the rest of ${restMs} ms`;
  const ms = median([...alone, ...idle]);
  yield {
    ...{ name: `a jump to the colours of surprise on screen, ${beyond}`, unit: 'ms', loupe: ms },
    ...{ peer: null, peerName: null, ratio: null, ...within(ms) },
  };
  const during = median(busy);
  yield {
    ...{ name: `the same while a model is trained`, unit: 'ms', loupe: during, peer: median(idle) },
    ...{ peerName: 'the same with training paused', ratio: during / median(idle), ...within(during) },
  };
}

async function jump({ window }: Session, line: number): Promise<number> {
  // What lies around was computed too, and is over.
  await sleep(1_500);
  const coloured = await later(
    window.page,
    () => {
      return new Promise<number>((resolve) => {
        const first = () => document.querySelector('.monaco-editor .margin-view-overlays .line-numbers')?.textContent;
        const bands = () => document.querySelector('.monaco-editor .view-overlays .cdr[class*="ced-"]') !== null;
        const before = first();
        let shown = 0;
        const look = () => {
          if (shown === 0 && first() !== before) shown = performance.now();
          if (shown > 0 && bands()) resolve(performance.now() - shown);
          else requestAnimationFrame(look);
        };
        look();
      });
    },
    undefined,
  );
  await window.goTo(line);
  return coloured();
}
