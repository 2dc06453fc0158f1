/** From the frame that shows other lines of a file, after a jump, to their colours: far, near, and while a model is trained. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchRow, median } from '../lib/row';
import { later, type Session } from './session';
import { paused, resumed, started, stopped } from './training';

const rounds = 5;
const perRound = 3;
const goalMs = 100;
/** Lines from one jump to the next: farther than what is computed ahead, and within it. */
const far = 300;
const near = 100;

/** Milliseconds from the frame that shows other lines to the first colours there, and to all of them; NaN where their figure happens to be the one before. */
interface Coloured {
  readonly first: number;
  readonly all: number;
}

/** @param restMs what is waited for on purpose after a scroll. */
export async function* surprise(session: Session, restMs: number): AsyncGenerator<BenchRow> {
  const { window } = session;
  await window.openFile('code.ts');
  await window.command('Loupe: Show Surprise');
  await window.bands().first().waitFor({ timeout: 60_000 });
  let line = 1;
  const jumps = async (lines = far): Promise<Coloured[]> => {
    const times: Coloured[] = [];
    for (let i = 0; i < perRound; i++) {
      line += lines;
      const { first, all } = await jump(session, line);
      times.push({ first: first - restMs, all: all - restMs });
    }
    return times;
  };
  await jumps();
  const alone = await jumps();
  const close = [...(await jumps(near)), ...(await jumps(near))];
  await started(session);
  await window.openFile('code.ts');
  const [busy, idle]: [Coloured[], Coloured[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    busy.push(...(await jumps()));
    await paused(session);
    idle.push(...(await jumps()));
    await resumed(session);
  }
  await stopped(session);
  await window.command('Loupe: Show Surprise');
  const within = (ms: number) => ({ goal: `≤ ${goalMs} ms`, reached: ms <= goalMs });
  for (const [part, words] of [
    ['first', 'the first colours of surprise on screen'],
    ['all', 'the colours of every visible line'],
  ] as const) {
    const middle = (times: Coloured[]) => median(times.map((time) => time[part]).filter(Number.isFinite));
    const ms = middle([...alone, ...idle]);
    for (const [lines, figure] of [
      [near, middle(close)],
      [far, ms],
    ] as const) {
      yield {
        ...{ name: `from a jump of ${lines} lines to ${words}, beyond the rest of ${restMs} ms`, unit: 'ms', loupe: figure },
        ...{ peer: null, peerName: null, ratio: null, ...within(figure) },
      };
    }
    const during = middle(busy);
    yield {
      ...{ name: 'the same while a model is trained', unit: 'ms', loupe: during, peer: middle(idle) },
      ...{ peerName: 'the same with training paused', ratio: during / middle(idle), ...within(during) },
    };
  }
}

async function jump({ window }: Session, line: number): Promise<Coloured> {
  // What lies around was computed too, and ahead, and is over.
  await sleep(4_000);
  const coloured = await later(
    window.page,
    () => {
      return new Promise<Coloured>((resolve) => {
        const editor = '.monaco-editor';
        const firstNumber = () => document.querySelector(`${editor} .margin-view-overlays .line-numbers`)?.textContent;
        const coloured = () => document.querySelector(`${editor} .view-overlays .cdr[class*="ced-"]`) !== null;
        // Bits per byte of what is visible: said when all of it is coloured. Lines that surprise nobody have no colour.
        const figure = () => document.querySelector('.statusbar-item[id$="llmLoupe.surprise"]')?.textContent;
        const [before, said] = [firstNumber(), figure()];
        let [shown, first] = [0, 0];
        const look = (now: number) => {
          if (shown === 0 && firstNumber() !== before) shown = performance.now();
          if (first === 0 && shown > 0 && coloured()) first = performance.now();
          const all = first > 0 && figure() !== said;
          if (all || (shown > 0 && now - shown > 5_000))
            resolve({ first: first - shown, all: all ? performance.now() - shown : Number.NaN });
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      });
    },
    undefined,
  );
  await window.goTo(line);
  return coloured();
}
