/** What computes, as it is written into checkpoints: resuming says so where it differs. What changes no result is left out. */
import { cpus } from 'node:os';
import type { OpenBackend } from '../../backend/open';
import type { ComputedBy } from '../../core/formats/checkpoint';

/** Raised whenever a change to the code changes the numbers of training. */
const build = '2';

export function computedBy({ name, description, same, threads }: OpenBackend): ComputedBy {
  return {
    backend: `${name}: ${description}`,
    build,
    cpuFeatures: same === 'everywhere' ? [] : [process.arch, cpus()[0]?.model.trim() ?? 'unknown'],
    threads: same ? 1 : threads,
  };
}
