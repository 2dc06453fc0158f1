/**
 * Builds everything that ships into `dist/`: the extension, the engine's realms, the command line and one bundle per panel.
 * `--watch` rebuilds on change. Entries that do not exist yet are an error: a build never leaves something out silently.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';
import { buildAssets } from './lib/assets.mjs';
import { writeNotices } from './lib/notices.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const watch = process.argv.includes('--watch');
const out = join(root, 'dist');

const shared = {
  absWorkingDir: root,
  bundle: true,
  minify: !watch,
  keepNames: true,
  sourcemap: watch ? 'linked' : false,
  legalComments: 'none',
  logLevel: 'info',
  // Two copies of tfjs-core would be bundled otherwise, and backends would go missing.
  mainFields: ['module', 'main'],
  define: { 'process.env.NODE_ENV': '"production"' },
};

const node = { ...shared, platform: 'node', format: 'cjs', target: 'node20', outdir: out, external: ['vscode'] };

const targets = [
  { ...node, entryPoints: { extension: 'src/host/extension.ts' }, plugins: [plainVscode()] },
  // Code splitting needs ES modules: other models' vocabularies (megabytes) load only when they are chosen.
  {
    ...node,
    format: 'esm',
    splitting: true,
    outdir: join(out, 'engine'),
    outExtension: { '.js': '.mjs' },
    entryPoints: {
      text: 'src/engine/text/main.ts',
      inspect: 'src/engine/inspect/main.ts',
      train: 'src/engine/train/main.ts',
      probe: 'src/engine/probe/main.ts',
    },
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  },
  { ...node, entryPoints: { cli: 'src/cli/main.ts' }, banner: { js: '#!/usr/bin/env node' } },
  {
    ...shared,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    outdir: join(out, 'webview'),
    loader: { '.ttf': 'file' },
    entryPoints: Object.fromEntries(panels().map((panel) => [panel, `webview/${panel}/main.ts`])),
  },
];

/**
 * `import * as vscode` would copy the hundreds of properties of VS Code's interface in every file: most of what activation
 * takes. The object itself is meant.
 */
function plainVscode() {
  return {
    name: 'plain-vscode',
    setup: (build) =>
      build.onLoad({ filter: /[\\/]src[\\/]host[\\/].*\.ts$/ }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        return { loader: 'ts', contents: source.replace("import * as vscode from 'vscode';", "const vscode = require('vscode');") };
      }),
  };
}

/** Every folder of `webview/` that has a `main.ts` is a panel. */
function panels() {
  return readdirSync(join(root, 'webview'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, 'webview', entry.name, 'main.ts')))
    .map((entry) => entry.name);
}

rmSync(out, { recursive: true, force: true });
await buildAssets(join(out, 'assets'));

if (watch) {
  for (const target of targets) await (await esbuild.context(target)).watch();
} else {
  const results = await Promise.all(targets.map((target) => esbuild.build({ ...target, metafile: true })));
  const metafiles = results.map(({ metafile }) => metafile);
  writeNotices({ root, metafiles, extra: ['@tensorflow/tfjs-backend-wasm'], out: join(out, 'THIRD_PARTY_NOTICES.txt') });
}
