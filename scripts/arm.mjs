/**
 * Proves that the exact build computes the same bits on ARM: the same small training and the same generation, here and on an ARM
 * processor that is emulated (`qemu-aarch64-static`, and the C libraries of arm64: on Debian `apt-get install
 * qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross`). Node for arm64 comes from npm, once. `--steps 20 --tokens 20
 * --threads 2`; `--relaxed` does the same with the build whose rounding is the processor's choice, which need not agree.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildAssets } from './lib/assets.mjs';
import { bundleFolder, bundleTs } from './lib/load.mjs';
import { armNode } from './lib/tools.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '20' },
    tokens: { type: 'string', default: '20' },
    threads: { type: 'string', default: '2' },
    relaxed: { type: 'boolean', default: false },
    sysroot: { type: 'string', default: '/usr/aarch64-linux-gnu' },
  },
});

const assets = join(root, 'build', 'assets');
await buildAssets(assets, ['relaxed', 'simd']);
const work = bundleFolder();
try {
  const script = join(work, 'curve.mjs');
  await bundleTs('test/support/curveMain.ts', script);
  const own = [script, assets, values.steps, values.tokens, values.threads, String(!values.relaxed)];
  const say = (command, args) => {
    const start = performance.now();
    const answer = JSON.parse(execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));
    console.log(`${answer.processor}: ${((performance.now() - start) / 1000).toFixed(1)} s\n  ${answer.training}\n  ${answer.writing}`);
    return answer;
  };
  const here = say(process.execPath, own);
  const there = say('qemu-aarch64-static', ['-L', values.sysroot, armNode(), ...own]);
  const same = here.training === there.training && here.writing === there.writing;
  console.log(same ? 'The same bits.' : 'Not the same bits.');
  if (!same && !values.relaxed) process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
