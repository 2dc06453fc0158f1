/** What computes, as it is written into checkpoints: resuming says so where it differs. */
import { cpus } from 'node:os';
import type { OpenBackend } from '../../backend/open';
import type { ComputedBy } from '../../core/formats/checkpoint';

/** Raised whenever a change to the code changes the numbers of training. */
const build = '1';

export function computedBy(backend: OpenBackend): ComputedBy {
  return {
    backend: backend.description,
    build,
    cpuFeatures: [process.arch, cpus()[0]?.model.trim() ?? 'unknown'],
    threads: backend.threads,
  };
}
