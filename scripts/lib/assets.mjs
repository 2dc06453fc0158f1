/** The files that backends load at run time, put into one folder: `dist/assets` ships, `build/assets` is what tests and benches use. */
import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildKernels } from '../build-kernels.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** @param {string} folder @param {('relaxed' | 'simd' | 'scalar')[]} [builds] */
export async function buildAssets(folder, builds) {
  mkdirSync(folder, { recursive: true });
  const wasm = join(root, 'node_modules/@tensorflow/tfjs-backend-wasm/dist');
  for (const file of ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm']) cpSync(join(wasm, file), join(folder, file));
  await buildKernels(folder, { builds });
}

/** Vitest calls it once, before all tests. */
export const setup = () => buildAssets(join(root, 'build', 'assets'), ['relaxed', 'simd', 'scalar']);
