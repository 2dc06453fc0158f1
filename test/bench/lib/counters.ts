/**
 * What a step spends its time on: calls, seconds, floating point operations and bytes of each kernel. Operations and bytes
 * are what the kernel must do at least, read off its arguments: those of a causal product without its masked half, and
 * every number read or written once. A kernel that is not in the list has none.
 */
import type { LoupeBackend } from '../../../src/backend/loupe/backend';
import * as tf from '../../../src/core/tf';

export interface CounterRow {
  readonly kernel: string;
  readonly calls: number;
  readonly seconds: number;
  readonly flops: number;
  readonly bytes: number;
}

interface Cost {
  readonly flops?: number;
  /** Numbers of four bytes, read or written. */
  readonly numbers?: number;
}

type Ints = readonly number[];
const at = (ints: Ints, slot: number) => ints[slot] as number;

const product = (m: number, k: number, n: number, count = 1): Cost => ({
  flops: 2 * m * k * n * count,
  numbers: (m * k + k * n + m * n) * count,
});

/** batch, heads, key-value heads, length, headDim. `passes`: products of queries and keys. */
function attention([batch, heads, kvHeads, length, headDim]: Ints, passes: number, tensors: number): Cost {
  const sequence = (batch as number) * (length as number) * (headDim as number);
  const flops = passes * (batch as number) * (heads as number) * (length as number) ** 2 * (headDim as number);
  return { flops, numbers: (tensors * sequence * ((heads as number) + (kvHeads as number))) / 2 };
}

/** All numbers of the parameters in the optimiser's table. As in `src/backend/loupe/fused/adamw.ts`. */
function parameters(ints: Ints, units: number): number {
  const words = new Uint32Array((tf.backend() as LoupeBackend).heap.memory.buffer, at(ints, 0), units * 6);
  let sum = 0;
  for (let entry = 4; entry < words.length; entry += 6) sum += words[entry] as number;
  return sum;
}

/** From the arguments of a kernel; they are described where it is run (`src/backend/loupe`). */
const costs: Readonly<Record<string, (ints: Ints, units: number) => Cost>> = {
  gemm: (ints) => product(at(ints, 3), at(ints, 4), at(ints, 5), at(ints, 20) / (at(ints, 12) * at(ints, 13))),
  packPanels: (ints) => ({ numbers: 2 * at(ints, 2) * at(ints, 3) }),
  rowsTimesTransposed: (ints) => product(at(ints, 3), at(ints, 4), at(ints, 5)),
  rowTimes: (ints) => product(1, at(ints, 3), at(ints, 4)),
  attention: (ints) => attention(ints.slice(11), 2, 4),
  attentionGrad: (ints) => attention(ints.slice(11), 4, 8),
  adamW: (ints, units) => ({ numbers: 7 * parameters(ints, units) }),
  squaredNorm: (ints, units) => ({ numbers: parameters(ints, units) }),
  rmsNorm: (ints) => ({ numbers: 2 * at(ints, 4) * at(ints, 5) }),
  rmsNormGrad: (ints) => ({ numbers: 3 * at(ints, 6) * at(ints, 7) }),
  swiglu: (ints) => ({ numbers: 3 * at(ints, 3) }),
  swigluGrad: (ints) => ({ numbers: 5 * at(ints, 5) }),
  softmaxLoss: (ints) => ({ numbers: 2 * at(ints, 3) * at(ints, 4) }),
  add: (ints) => ({ numbers: 3 * at(ints, 3) * at(ints, 4) }),
  gatherRows: (ints) => ({ numbers: 2 * at(ints, 3) * at(ints, 4) }),
  scatterAddRows: (ints) => ({ numbers: (at(ints, 3) + at(ints, 5)) * at(ints, 4) }),
};

export class Counters {
  private readonly kernels = new Map<string, { calls: number; milliseconds: number; flops: number; bytes: number }>();

  /** For `LoupeBackend.profile`. */
  readonly count = (kernel: string, units: number, ints: Ints, milliseconds: number): void => {
    const { flops = 0, numbers = 0 } = costs[kernel]?.(ints, units) ?? {};
    const entry = this.kernels.get(kernel) ?? { calls: 0, milliseconds: 0, flops: 0, bytes: 0 };
    entry.calls++;
    entry.milliseconds += milliseconds;
    entry.flops += flops;
    entry.bytes += 4 * numbers;
    this.kernels.set(kernel, entry);
  };

  rows(): CounterRow[] {
    return [...this.kernels].map(([kernel, { milliseconds, ...others }]) => ({ kernel, seconds: milliseconds / 1000, ...others }));
  }
}

/** Prints counters of `repeats` equal pieces of work that took `total` seconds: for each kernel, and for what is none. */
export function printCounters(rows: readonly CounterRow[], repeats: number, total: number, flopsOfOne: number): void {
  const line = (kernel: string, calls: string, seconds: number, flops: number, bytes: number) => {
    const rate = (amount: number, unit: string) => (amount > 0 ? `${(amount / seconds / 1e9).toFixed(1)} ${unit}` : '').padStart(14);
    const time = `${((1000 * seconds) / repeats).toFixed(3)} ms`.padStart(12);
    const share = `${((100 * seconds) / total).toFixed(1)} %`.padStart(8);
    console.log(`  ${kernel.padEnd(22)}${calls.padStart(8)}${time}${share}${rate(flops, 'GFLOP/s')}${rate(bytes, 'GB/s')}`);
  };
  console.log(`  ${'kernel'.padEnd(22)}${'calls'.padStart(8)}${'a step'.padStart(12)}${'share'.padStart(8)}`);
  for (const { kernel, calls, seconds, flops, bytes } of rows.toSorted((a, b) => b.seconds - a.seconds)) {
    line(kernel, (calls / repeats).toFixed(0), seconds, flops, bytes);
  }
  const sum = (key: 'seconds' | 'flops') => rows.reduce((all, row) => all + row[key], 0);
  line('no kernel', '', Math.max(total - sum('seconds'), 1e-9), 0, 0);
  line('all', '', total, sum('flops'), 0);
  console.log(`  operations counted: ${((100 * sum('flops')) / (repeats * flopsOfOne)).toFixed(0)} % of the formula's`);
}
