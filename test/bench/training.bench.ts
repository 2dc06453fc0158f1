/**
 * Training steps of two models against PyTorch, native tfjs-node and stock tfjs wasm: the same weights and the same batches
 * (a first loss that differs is an error), each in a process of its own, interleaved; medians. From the same run: what a whole
 * step is of the rate of our matrix product, and the most memory that each process had.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBackend } from '../../src/backend/open';
import { parameterCount, trainingFlopsPerToken } from '../../src/core/model/account';
import { type CounterRow, printCounters } from './lib/counters';
import { against, type BenchContext, type BenchRow, median } from './lib/row';
import { type Answer, interleave, type Subject, startPython, startScript, type Turn } from './lib/subject';
import { large, small, type Task, writeTask } from './lib/tasks';

export const parts = ['small', 'large'];

const rounds = 5;
/** m, k, n of the matrix product that a step is compared with: whole tiles, and all of it in the caches. */
const product = [1020, 512, 1024] as const;

interface Trained extends Answer {
  readonly loss?: number;
  readonly counters?: CounterRow[];
}

/** Steps of one turn: short turns are more often undisturbed. */
interface Plan {
  readonly task: Task;
  readonly steps: { loupe: number; torch: number; tensorflow: number; wasm?: number };
  readonly goals: { torch: number; tensorflow: number };
}

const plans: Record<string, Plan> = {
  small: { task: small, steps: { loupe: 6, torch: 6, tensorflow: 3, wasm: 1 }, goals: { torch: 1, tensorflow: 2.2 } },
  large: { task: large, steps: { loupe: 1, torch: 1, tensorflow: 1 }, goals: { torch: 0.65, tensorflow: 1 } },
};

export async function* rows(context: BenchContext): AsyncGenerator<BenchRow> {
  for (const part of parts) if (context.wants(part)) yield* compare(context, plans[part] as Plan);
}

async function* compare(context: BenchContext, { task, steps, goals }: Plan): AsyncGenerator<BenchRow> {
  const folder = mkdtempSync(join(tmpdir(), 'loupe-bench-'));
  const turns = new Map<string, Turn>();
  const threads = availableParallelism();
  try {
    // For the weights only: nothing is measured here.
    await openBackend({ name: 'cpu', assets: context.assets, threads: 1 });
    await writeTask(task, folder);
    const add = (name: string, subject: Subject | null, count: number) => subject && turns.set(name, { subject, request: { count } });
    const loupe = await startScript(context, 'loupeTrain.ts', { folder, threads });
    add('loupe', loupe, steps.loupe);
    turns.set('product', { subject: loupe, request: { product, count: 20 } });
    const torch = await startPython(context, 'torch_train.py', ['torch', 'numpy', 'safetensors'], { folder, threads });
    add('torch', torch, steps.torch);
    for (const intraop of new Set([1, threads])) {
      const environment = { TF_NUM_INTRAOP_THREADS: `${intraop}`, TF_CPP_MIN_LOG_LEVEL: '2' };
      const tensorflow = context.peers.tfjsNode;
      if (tensorflow === null) break;
      add(`tensorflow ${intraop}`, await startScript(context, 'tfjsTrain.ts', { folder, tensorflow }, environment), steps.tensorflow);
    }
    if (steps.wasm) add('wasm', await startScript(context, 'tfjsTrain.ts', { folder }), steps.wasm);

    const losses = new Map<string, number>();
    const answers = await interleave<Trained>(turns, rounds, (name, { loss }) => loss !== undefined && losses.set(name, loss));
    for (const [name, loss] of losses) {
      const ours = losses.get('loupe') as number;
      if (Math.abs(loss - ours) > 1e-3) throw new Error(`losses differ: ${ours}, and ${loss} of ${name}`);
    }
    yield* compared(task, turns, answers, goals);
    if (context.profile) {
      const count = 8 * steps.loupe;
      const { seconds, counters = [] } = await loupe.ask<Trained>({ count, profile: true });
      printCounters(counters, count, seconds, tokensOf(task) * trainingFlopsPerToken(task.config));
    }
  } finally {
    for (const { subject } of turns.values()) subject.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function* compared(
  task: Task,
  turns: ReadonlyMap<string, Turn>,
  answers: ReadonlyMap<string, Trained[]>,
  goals: Plan['goals'],
): Generator<BenchRow> {
  const { config } = task;
  const subject = (name: string) => turns.get(name)?.subject;
  /** Median seconds of one repeat. */
  const seconds = (name: string): number | null => {
    const turn = turns.get(name);
    if (!turn) return null;
    return median((answers.get(name) ?? []).map((answer) => answer.seconds)) / (turn.request as { count: number }).count;
  };
  const speed = (name: string) => {
    const each = seconds(name);
    return each === null ? null : tokensOf(task) / each;
  };
  const name = `training step, ${(parameterCount(config) / 1e6).toFixed(2)} M parameters`;
  const loupe = speed('loupe') as number;
  const row = { name, unit: 'tokens/s', loupe };
  yield against({ ...row, peer: speed('torch'), peerName: subject('torch')?.name ?? 'PyTorch', goal: { least: goals.torch } });
  if (task === small) {
    yield against({ ...row, peer: speed('wasm'), peerName: subject('wasm')?.name ?? 'stock tfjs wasm', goal: { least: 35 } });
  }
  const natives = [...turns.keys()].filter((key) => key.startsWith('tensorflow'));
  const best = natives.toSorted((a, b) => (seconds(a) as number) - (seconds(b) as number))[0];
  const nativeName = best ? `${subject(best)?.name}, threads: ${best.split(' ')[1]}` : 'native tfjs-node';
  yield against({ ...row, peer: best ? speed(best) : null, peerName: nativeName, goal: { least: goals.tensorflow } });

  yield against({
    name: `${name}, share of our matrix product`,
    unit: 'GFLOP/s',
    loupe: (loupe * trainingFlopsPerToken(config)) / 1e9,
    peer: (2 * product[0] * product[1] * product[2]) / (seconds('product') as number) / 1e9,
    peerName: `our product of ${product.join(' x ')}`,
    goal: { least: 0.85 },
  });

  const megabytes = (of: string) => {
    const bytes = subject(of)?.peakBytes() ?? null;
    return bytes === null ? null : bytes / 1e6;
  };
  const peak = megabytes('loupe');
  if (task === large && peak !== null) {
    const peer = megabytes('torch');
    const peerName = subject('torch')?.name ?? 'PyTorch';
    yield against({ name: `peak memory, ${name}`, unit: 'MB', loupe: peak, peer, peerName, goal: { most: 0.6 } });
  }
}

const tokensOf = ({ sequences, config }: Task) => sequences * config.contextLength;
