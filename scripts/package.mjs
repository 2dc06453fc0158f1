/** Builds and packs `llm-loupe.vsix`; refuses a package over the promised size. */
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const LIMIT = 10 * 2 ** 20;

/** Packs what `dist/` holds. Returns the path of the `.vsix`. */
export function packageVsix() {
  const out = join(root, 'llm-loupe.vsix');
  const vsce = join(dirname(createRequire(import.meta.url).resolve('@vscode/vsce/package.json')), 'vsce');
  const flags = ['--no-dependencies', '--skip-license', '--allow-missing-repository', '--no-rewrite-relative-links'];
  execFileSync(process.execPath, [vsce, 'package', ...flags, '--out', out], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  const { size } = statSync(out);
  console.log(`llm-loupe.vsix: ${(size / 2 ** 20).toFixed(2)} MB`);
  if (size > LIMIT) throw new Error(`The package is over ${LIMIT / 2 ** 20} MB.`);
  return out;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: 'inherit' });
  packageVsix();
}
