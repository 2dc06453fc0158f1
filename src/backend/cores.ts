/** How many threads make sense here. */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

/** Physical cores, of those that this process may use; less one beside an editor, which stays smooth; at least one. */
export function defaultThreads(beside: boolean): number {
  return Math.max(1, Math.min(physicalCores(), availableParallelism()) - (beside ? 1 : 0));
}

/** Cores, where two threads of one core count once. */
export function physicalCores(): number {
  const logical = cpus().length || availableParallelism();
  if (process.platform === 'linux') return coresOfLinux() ?? logical;
  // Processors of Apple have one thread per core; most others of today have two.
  return process.arch === 'arm64' ? logical : Math.max(1, Math.ceil(logical / 2));
}

function coresOfLinux(): number | null {
  try {
    const blocks = readFileSync('/proc/cpuinfo', 'utf8').split('\n\n');
    const cores = new Set<string>();
    for (const block of blocks) {
      const value = (name: string) => new RegExp(`^${name}\\s*: (.*)$`, 'm').exec(block)?.[1];
      const core = value('core id');
      if (core !== undefined) cores.add(`${value('physical id') ?? 0}/${core}`);
    }
    return cores.size || null;
  } catch {
    return null;
  }
}
