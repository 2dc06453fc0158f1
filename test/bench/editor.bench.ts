/**
 * The extension in a real VS Code, as its user waits for it: activation, the time from a key press to the bands (alone, and while
 * a model is trained), from a letter's key to the letter, and from a jump to the colours of surprise, how long our code holds the
 * extension host at worst, the inspector's first paint, and the size of the package. VS Code runs without a desktop here, in a
 * browser on the same machine; what each figure contains is said where it is measured. Medians of several runs.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { blocks } from './editor/blocks';
import { inspector } from './editor/inspector';
import { presses } from './editor/keys';
import { Session } from './editor/session';
import { surprise } from './editor/surprise';
import { whileTraining } from './editor/training';
import { typing } from './editor/typing';
import { alone, type BenchContext, type BenchRow, median } from './lib/row';

export const parts = ['package', 'activation', 'bands', 'blocks', 'training', 'inspector', 'surprise', 'typing'];

/** The selection rests so long before its tokens are computed (src/host/tokens/register.ts). */
const restMs = 200;
/** As `scrollRestMs` in src/host/surprise/register.ts. */
const scrollRestMs = 20;
const reloads = 5;
const pressCount = 9;
const line = 'The quick brown fox jumps over the lazy dog; le corbeau tient un fromage.\n';
const texts = [
  { file: 'line.txt', lines: 1 },
  { file: 'page.txt', lines: 50 },
];

export async function* rows({ root, wants }: BenchContext): AsyncGenerator<BenchRow> {
  const vsix = join(root, 'llm-loupe.vsix');
  if (!existsSync(vsix)) throw new Error('llm-loupe.vsix is missing: run npm run package first.');
  const megabytes = statSync(vsix).size / 2 ** 20;
  if (wants('package')) yield { ...alone('package (.vsix)', 'MB', megabytes), goal: '≤ 10 MB', reached: megabytes <= 10 };
  if (!parts.slice(1).some((part) => wants(part))) return;

  const code = sources(join(root, 'src'));
  const files: Record<string, string> = {
    'long.txt': Array.from({ length: 200_000 }, (_, i) => `Line ${i}: the quick brown fox, ${i * 7919}.\n`).join(''),
    'corpus.ts': code,
    'typed.txt': code.slice(0, 12_000),
    // Long enough to jump about in.
    'code.ts': code.slice(0, 600_000),
  };
  for (const { file, lines } of texts) files[file] = line.repeat(lines).trimEnd();
  // The starter's surprise, also while another model is trained; and the training reads what is open.
  const settings = { 'llmLoupe.surprise.followTraining': false, 'llmLoupe.training.holdOutOpenFile': false };
  const session = await Session.start(root, vsix, files, { 'llmLoupe.corpus.exclude': ['long.txt', 'code.ts', 'typed.txt'], ...settings });
  try {
    // First: what is slow at its first time must be seen.
    if (wants('blocks')) yield* blocks(session);
    if (wants('activation')) yield* activation(session);
    if (wants('bands')) yield* bands(session);
    if (wants('inspector')) yield* inspector(session);
    if (wants('training')) yield* whileTraining(session, restMs);
    if (wants('surprise')) yield* surprise(session, scrollRestMs);
    if (wants('typing')) yield* typing(session);
  } finally {
    await session.stop();
  }
}

/** All TypeScript of a folder: something to train on. */
function sources(folder: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return names
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}

/** Activation in freshly opened windows. */
async function* activation(session: Session): AsyncGenerator<BenchRow> {
  const own: number[] = [];
  const counted: { ours: number; others: number }[] = [];
  for (let i = 0; i < reloads; i++) {
    rmSync(session.port, { force: true });
    await session.window.open();
    own.push(await activated(session));
    counted.push(await countedByVsCode(session));
  }
  // Evaluating the bundle's modules, and `activate()`.
  const ms = median(own);
  yield { ...alone('activation: modules and activate()', 'ms', ms), goal: '≤ 20 ms', reached: ms <= 20 };
  // "Loading code" + "calling activate", as "Show Running Extensions" tells it: on the clock of the wall, reading and compiling
  // the file too, while all the others start at the same time.
  const [ours, others] = [median(counted.map((each) => each.ours)), median(counted.map((each) => each.others))];
  yield {
    ...{ name: 'activation, as VS Code counts it', unit: 'ms', loupe: ours, peer: others },
    ...{ peerName: "VS Code's own extensions, median", ratio: ours / others },
  };
}

async function activated(session: Session): Promise<number> {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(100)) {
    const ms = existsSync(session.port) ? (await session.probe()).activationMs : null;
    if (ms !== null) return ms;
  }
  throw new Error('the extension did not activate');
}

/** Milliseconds of ours, and the median of the extensions that come with VS Code, from its own list. */
async function countedByVsCode({ window }: Session): Promise<{ ours: number; others: number }> {
  // The list holds only what is on screen.
  await window.page.setViewportSize({ width: 1280, height: 6000 });
  await window.command('Developer: Show Running Extensions');
  const rows = window.page.locator('.runtime-extensions-editor .monaco-list-row');
  await rows.filter({ hasText: 'LLM Loupe' }).waitFor();
  const words = await rows.evaluateAll((all) => all.map((row) => row.textContent));
  await window.page.setViewportSize({ width: 1280, height: 800 });
  const times = words.map((each) => ({ ours: each.startsWith('LLM Loupe'), ms: Number(/(\d+)\s*ms/.exec(each)?.[1]) }));
  return { ours: times.find(({ ours }) => ours)!.ms, others: median(times.filter(({ ours }) => !ours).map(({ ms }) => ms)) };
}

/** From the key that selects a text to its bands. */
async function* bands(session: Session): AsyncGenerator<BenchRow> {
  for (const { file, lines } of texts) {
    await session.window.openFile(file);
    const name = `${line.length * lines - 1} characters`;
    // The first one starts the worker.
    await presses(session, 1);
    const on = await presses(session, pressCount);
    await session.set('llmLoupe.tokens.onSelection', false);
    const off = await presses(session, pressCount, false);
    await session.set('llmLoupe.tokens.onSelection', true);
    const [ours, theirs] = [median(on.map(({ cpu }) => cpu)), median(off.map(({ cpu }) => cpu))];
    yield {
      ...{ name: `key press to bands, ${name}: the extension host's thread`, unit: 'ms', loupe: ours, peer: theirs },
      ...{ peerName: 'the same with tokens turned off', ratio: ours / theirs, goal: '≤ 16 ms', reached: ours <= 16 },
    };
    const screen = median(on.map((each) => each.screen)) - restMs;
    yield alone(`key press to bands on screen, ${name}, beyond the rest of ${restMs} ms`, 'ms', screen);
  }
}
