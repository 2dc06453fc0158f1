/** Builds and packs `llm-loupe.vsix`; refuses a package, or kernels in it, over the promised size. */
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const LIMIT = 10 * 2 ** 20;
const KERNELS_LIMIT = 300_000;

/** Packs what `dist/` holds. Returns the path of the `.vsix`. */
export function packageVsix() {
  const out = join(root, 'llm-loupe.vsix');
  const vsce = join(dirname(createRequire(import.meta.url).resolve('@vscode/vsce/package.json')), 'vsce');
  const flags = ['--no-dependencies', '--skip-license', '--allow-missing-repository', '--no-rewrite-relative-links'];
  execFileSync(process.execPath, [vsce, 'package', ...flags, '--out', out], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const { size } = statSync(out);
  console.log(`llm-loupe.vsix: ${(size / 2 ** 20).toFixed(2)} MB`);
  if (size > LIMIT) throw new Error(`The package is over ${LIMIT / 2 ** 20} MB.`);
  const kernels = sizeOfKernels();
  console.log(`of it kernels: ${(kernels / 1000).toFixed(0)} KB, not yet compressed`);
  if (kernels > KERNELS_LIMIT) throw new Error(`The kernels are over ${KERNELS_LIMIT / 1000} KB.`);
  return out;
}

/** Bytes of our own backend among the assets: its builds and its thread. */
function sizeOfKernels() {
  const assets = join(root, 'dist', 'assets');
  const files = readdirSync(assets).filter((name) => name.startsWith('loupe.'));
  return files.reduce((sum, name) => sum + statSync(join(assets, name)).size, 0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: 'inherit' });
  packageVsix();
}
