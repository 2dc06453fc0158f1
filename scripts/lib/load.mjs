/** Bundles a TypeScript module and imports it: how scripts use the project's own code without building everything. */
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import esbuild from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** @param {string} entry path relative to the root of the project */
export async function loadTs(entry) {
  // Inside node_modules, so that packages that are not bundled are found.
  const work = mkdtempSync(join(root, 'node_modules', '.loupe-'));
  try {
    const outfile = join(work, 'module.mjs');
    await esbuild.build({
      entryPoints: [join(root, entry)],
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node22',
      outfile,
      mainFields: ['module', 'main'],
      external: ['playwright-core', 'esbuild', 'tiktoken', '@huggingface/tokenizers'],
      banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
      logLevel: 'warning',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
