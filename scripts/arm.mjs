/**
 * Proves that the exact build computes the same bits on ARM: the same small training and the same generation, here and on an ARM
 * processor that is emulated, are those of `test/support/recorded.ts`. It needs `qemu-aarch64-static` and the C libraries of
 * arm64 (on Debian `apt-get install qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross`); Node for arm64 comes from npm,
 * once. It takes minutes; `--steps 20 --tokens 20` less, and is compared with nothing recorded. `--threads 2`; `--relaxed` does
 * the same with the build whose rounding is the processor's choice, which need not agree.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildAssets } from './lib/assets.mjs';
import { bundleFolder, bundleTs, loadTs } from './lib/load.mjs';
import { armNode } from './lib/tools.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { recorded } = await loadTs('test/support/recorded.ts');
const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: String(recorded.steps) },
    tokens: { type: 'string', default: String(recorded.tokens) },
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
  const same = (a, b) => a.training === b.training && a.writing === b.writing;
  const compared = [['here and on ARM', here, there]];
  const asRecorded = !values.relaxed && Number(values.steps) === recorded.steps && Number(values.tokens) === recorded.tokens;
  if (asRecorded) compared.push(['on ARM and recorded', there, recorded]);
  for (const [where, a, b] of compared) {
    console.log(`${same(a, b) ? 'The same bits' : 'Not the same bits'} ${where}.`);
    if (!same(a, b) && !values.relaxed) process.exitCode = 1;
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
