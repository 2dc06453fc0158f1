/**
 * What the realm of inspection answers while another realm trains, as in the editor (`beside`, its default threads): attention of
 * 60 tokens, every head; and a generation's first token. Against the same with that training paused, in turns.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEngine } from '../../src/client/engine';
import type { TrainRequest } from '../../src/protocol/engine';
import { type BenchContext, type BenchRow, median } from './lib/row';

const rounds = 5;
const perRound = 5;
const goalMs = 100;
const model = 'starter';
/** 60 tokens of the starter's, and those before. */
const text = 'export function add(a: number, b: number): number {\n  return a + b;\n}\n'.repeat(3);
const settings = { temperature: 0, topK: 0, topP: 1, minP: 0, seed: 0 };

export async function* rows({ root }: BenchContext): AsyncGenerator<BenchRow> {
  const realms = join(root, 'dist', 'engine');
  if (!existsSync(realms)) throw new Error('dist/engine is missing: run npm run package first.');
  const runs = mkdtempSync(join(tmpdir(), 'loupe-bench-'));
  const [starter, assets] = [join(root, 'media', 'starter'), join(root, 'dist', 'assets')];
  const engine = startEngine({ realms, assets, starter, runs, backend: 'loupe', threads: 0, beside: true });
  const { inspect, train } = engine;
  const attend = () => inspect.attend({ model, context: '', text, cut: true });
  const first = () => inspect.generate({ model, prompt: text, maxTokens: 1, stop: [], settings });
  const timed = async (work: () => Promise<unknown>) => {
    const times: number[] = [];
    for (let i = 0; i < perRound; i++) {
      const start = performance.now();
      await work();
      times.push(performance.now() - start);
      await sleep(50);
    }
    return times;
  };
  try {
    const { tokens } = await attend();
    await first();
    let stepped = () => {};
    const running = new Promise<void>((resolve) => {
      stepped = resolve;
    });
    const ended = train.start(requestFor(root), { onProgress: ({ type }) => type === 'step' && stepped() });
    await Promise.race([running, ended]);
    const times = { attend: [[], []] as [number[], number[]], first: [[], []] as [number[], number[]] };
    const turn = async (paused: 0 | 1) => {
      times.attend[paused].push(...(await timed(attend)));
      times.first[paused].push(...(await timed(first)));
    };
    for (let round = 0; round < rounds; round++) {
      await turn(0);
      await train.pause({});
      await sleep(500);
      await turn(1);
      await train.unpause({});
      await sleep(500);
    }
    await train.stop({});
    await ended;
    for (const [name, [busy, idle]] of [
      [`attention of ${tokens.length} tokens while a model is trained`, times.attend],
      ['first generated token while a model is trained', times.first],
    ] as const) {
      const [loupe, peer] = [median(busy), median(idle)];
      yield {
        ...{ name, unit: 'ms', loupe, peer, peerName: 'the same with training paused', ratio: loupe / peer },
        ...{ goal: `≤ ${goalMs} ms`, reached: loupe <= goalMs },
      };
    }
  } finally {
    await engine.dispose();
    rmSync(runs, { recursive: true, force: true });
  }
}

/** The model of the small training step's size and longer than the bench, on this project's own sources. */
function requestFor(root: string): TrainRequest {
  const corpus = { include: ['**/*.ts'], exclude: [], maxFileBytes: 1_000_000, unsaved: {}, unticked: [], holdOut: [], seed: 1 };
  return {
    corpus: { ...corpus, roots: [{ path: join(root, 'src'), name: 'src' }], validationShare: 0.1 },
    ...{ run: 'run', name: 'run', from: null, tokenizer: null, preset: 'micro', config: {}, minutes: null },
    settings: { steps: 100_000, evalEvery: 100_000, sampleEvery: 100_000, checkpointEvery: 100_000 },
  };
}
