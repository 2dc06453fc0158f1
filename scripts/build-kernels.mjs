/**
 * Compiles the kernels (`src/backend/assembly`, AssemblyScript) to WebAssembly: `loupe.relaxed.wasm` and `loupe.simd.wasm`
 * ship; `loupe.scalar.wasm`, the same source one number at a time, is for tests. Beside them the script of the pool's threads.
 * Nothing is compiled where the files are newer than the sources. `node scripts/build-kernels.mjs FOLDER [--text]`; `--text` writes .wat beside them.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import esbuild from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const sources = join(root, 'src', 'backend', 'assembly');

/** By build: the WebAssembly features beside threads. */
const features = { relaxed: 'simd,relaxed-simd', simd: 'simd', scalar: null };

/** @param {string} folder where the .wasm files go @param {{builds?: (keyof typeof features)[], text?: boolean}} options */
export async function buildKernels(folder, { builds = ['relaxed', 'simd'], text = false } = {}) {
  mkdirSync(folder, { recursive: true });
  const newest = Math.max(...[fileURLToPath(import.meta.url), ...filesUnder(sources)].map((path) => statSync(path).mtimeMs));
  for (const build of builds) {
    const out = join(folder, `loupe.${build}.wasm`);
    if (!text && existsSync(out) && statSync(out).mtimeMs > newest) continue;
    await compile(build, out, text);
  }
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['src/backend/loupe/thread.ts'],
    outfile: join(folder, 'loupe.thread.mjs'),
    ...{ bundle: true, minify: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'warning' },
  });
}

async function compile(build, out, text) {
  const written = new Map();
  const wat = out.replace(/wasm$/, 'wat');
  const { error, stderr } = await asc.main(
    [
      ...['index.ts', '--baseDir', sources, '--outFile', basename(out), '--runtime', 'stub', '--noAssert', '-O3'],
      // One memory for all threads, made by the host; its first page is the host's.
      ...['--importMemory', '--sharedMemory', '--initialMemory', '16', '--maximumMemory', '65536', '--memoryBase', '1024'],
      ...['--enable', features[build] ? `threads,${features[build]}` : 'threads', ...(features[build] ? [] : ['--disable', 'simd'])],
      ...(text ? ['--textFile', basename(wat)] : []),
    ],
    {
      readFile: (name, base) => {
        const path = join(base, build === 'scalar' && name === 'vector.ts' ? 'vector.scalar.ts' : name);
        return existsSync(path) ? readFileSync(path, 'utf8') : null;
      },
      writeFile: (name, contents) => written.set(name, contents),
      listFiles: () => [],
    },
  );
  if (error) throw new Error(`kernels (${build}): ${error.message}\n${stderr.toString()}`);
  for (const [name, contents] of written) {
    const path = join(dirname(out), basename(name));
    // Another process may read or write it at the same time.
    writeFileSync(`${path}.${process.pid}`, contents);
    renameSync(`${path}.${process.pid}`, path);
  }
}

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => path.endsWith('.ts'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder = join(root, 'build', 'assets')] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
  await buildKernels(folder, { builds: ['relaxed', 'simd', 'scalar'], text: process.argv.includes('--text') });
}
