/**
 * What this machine could give our kernels: additions and multiplications of a loop that touches no memory, and bytes of one
 * that does nothing else, in WebAssembly SIMD, on one thread and on all. Beside them our matrix product, and PyTorch's.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBackend } from '../../src/backend/open';
import { against, alone, type BenchContext, type BenchRow, median } from './lib/row';
import { type Answer, interleave, type Subject, startPython, startScript, type Turn } from './lib/subject';
import { small, writeTask } from './lib/tasks';

const rounds = 5;
const product = [1020, 512, 1024] as const;
const count = 20;

interface Measured extends Answer {
  readonly flops?: number;
  readonly bytes?: number;
}

export async function* rows(context: BenchContext): AsyncGenerator<BenchRow> {
  const folder = mkdtempSync(join(tmpdir(), 'loupe-bench-'));
  const turns = new Map<string, Turn>();
  const all = availableParallelism();
  try {
    // The weights of a model, which the programs for training want.
    await openBackend({ name: 'cpu', assets: context.assets, threads: 1 });
    await writeTask(small, folder);
    const products: [string, Subject | null][] = [];
    for (const threads of new Set([1, all])) {
      const bare = await startScript(context, 'roofline.ts', { threads, source: join(context.root, 'test/bench/peers/roofline.as') });
      turns.set(`peak ${threads}`, { subject: bare, request: { what: 'multiply' } });
      turns.set(`copy ${threads}`, { subject: bare, request: { what: 'add' } });
      products.push([`ours ${threads}`, await startScript(context, 'loupeTrain.ts', { folder, threads })]);
      products.push([
        `torch ${threads}`,
        await startPython(context, 'torch_train.py', ['torch', 'numpy', 'safetensors'], { folder, threads }),
      ]);
    }
    for (const [name, subject] of products) if (subject) turns.set(name, { subject, request: { product, count } });
    const answers = await interleave<Measured>(turns, rounds);
    const rate = (name: string, of: (answer: Measured) => number) =>
      turns.has(name) ? median((answers.get(name) ?? []).map((answer) => of(answer) / answer.seconds / 1e9)) : null;
    /** A roof is the best of all, not what is usual. */
    const roof = (name: string, of: (answer: Measured) => number) =>
      Math.max(...(answers.get(name) ?? []).map((answer) => of(answer) / answer.seconds / 1e9));
    const flops = 2 * product[0] * product[1] * product[2] * count;
    for (const threads of new Set([1, all])) {
      const on = threads === 1 ? 'one thread' : `${threads} threads`;
      yield alone(
        `peak of WebAssembly SIMD, ${on}`,
        'GFLOP/s',
        roof(`peak ${threads}`, (answer) => answer.flops as number),
      );
      yield alone(
        `memory, a = b + c, ${on}`,
        'GB/s',
        roof(`copy ${threads}`, (answer) => answer.bytes as number),
      );
      yield against({
        name: `matrix product ${product.join(' x ')}, ${on}`,
        unit: 'GFLOP/s',
        loupe: rate(`ours ${threads}`, () => flops) as number,
        peer: rate(`torch ${threads}`, () => flops),
        peerName: turns.get(`torch ${threads}`)?.subject.name ?? 'PyTorch',
      });
    }
  } finally {
    for (const { subject } of turns.values()) subject.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
