/** Bundles TypeScript: how scripts use the project's own code without building everything. */
import { mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import esbuild from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A new folder inside node_modules, so that packages that are not bundled are found from there. */
export function bundleFolder() {
  return mkdtempSync(join(root, 'node_modules', '.loupe-'));
}

/** @param {string} entry path relative to the root of the project @param {string} outfile */
export async function bundleTs(entry, outfile) {
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
}

/** Bundles a module and imports it. @param {string} entry path relative to the root of the project */
export async function loadTs(entry) {
  const work = bundleFolder();
  try {
    const outfile = join(work, 'module.mjs');
    await bundleTs(entry, outfile);
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
