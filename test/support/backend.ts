/** Opens a backend in a test, with the wasm files of the installed package. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { type BackendName, type OpenBackend, openBackend } from '../../src/backend/open';

export const wasmAssets = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm'));

export function openTestBackend(name: BackendName = 'wasm'): Promise<OpenBackend> {
  return openBackend({ name, assets: wasmAssets, threads: 0 });
}
