/**
 * Trains a tiny model for 20,000 steps (`--steps N --threads N`) and looks at what it takes, after every fiftieth of them: tensors, bytes and
 * blocks must stay as they are, and neither JavaScript's memory nor that of the process may grow. `--runs N` instead: many short
 * trainings on one to four threads, of which none may differ. Exits 1 where something grew or differed.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildAssets } from './lib/assets.mjs';
import { bundleFolder, bundleTs } from './lib/load.mjs';

const { values } = parseArgs({
  options: { steps: { type: 'string', default: '20000' }, threads: { type: 'string', default: '2' }, runs: { type: 'string' } },
});
const [entry, ...args] = values.runs === undefined ? ['soakMain', values.steps, values.threads] : ['stressMain', values.runs];

const work = bundleFolder();
try {
  // Copies of its own: what is built meanwhile must not change what runs.
  await buildAssets(join(work, 'assets'), ['relaxed', 'simd']);
  await bundleTs(`test/support/${entry}.ts`, join(work, 'main.mjs'));
  execFileSync(process.execPath, ['--expose-gc', join(work, 'main.mjs'), join(work, 'assets'), ...args], { stdio: 'inherit' });
} catch (error) {
  if (error.status === undefined) throw error;
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
