/** Puts memory, threads and kernels together and gives them to tfjs as the backend "loupe". */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '../../core/tf';
import { LoupeBackend } from './backend';
import { addressablePages, Heap } from './heap';
import { heapStart } from './layout';
import { Pool } from './pool';
import { backendName } from './registry';
import { unshared } from './unshared';
import './fused';
import './stock';

/** `relaxed`: fused multiply-add where the processor has it. `simd`: the same bits everywhere. `scalar`: for proof. */
export type Build = 'relaxed' | 'simd' | 'scalar';

export interface LoupeOptions {
  /** Folder of `loupe.*.wasm` and `loupe.thread.mjs`. */
  readonly assets: string;
  readonly threads: number;
  readonly build: Build;
  readonly onLost: (reason: string) => void;
  /** Whether threads share the memory; without it there is one. Where the platform can, if absent. */
  readonly shared?: boolean;
  /** Pages (64 KB) that it may have; all that can be addressed, if absent. */
  readonly maximumPages?: number;
}

const modules = new Map<string, WebAssembly.Module>();

/** Makes the backend current; one that was there before is removed, with its tensors. */
export async function openLoupe(options: LoupeOptions): Promise<LoupeBackend> {
  const { assets, build, onLost, shared = typeof SharedArrayBuffer === 'function', maximumPages = addressablePages } = options;
  const threads = shared ? options.threads : 1;
  const path = join(assets, `loupe.${build}.wasm`);
  // Once: what the engine has found to be worth optimising stays optimised.
  const key = `${path} ${shared}`;
  const module = modules.get(key) ?? (await WebAssembly.compile(shared ? await readFile(path) : unshared(await readFile(path))));
  modules.set(key, module);
  const start = heapStart(threads);
  const initial = Math.ceil(start / 65536) + 256;
  const memory = new WebAssembly.Memory({ initial, maximum: addressablePages, shared });
  const pool = new Pool({ module, memory, threads, script: join(assets, 'loupe.thread.mjs'), onLost });
  const backend = new LoupeBackend(new Heap(memory, start, maximumPages), pool);
  if (tf.findBackend(backendName)) tf.removeBackend(backendName);
  tf.registerBackend(backendName, () => backend, 3);
  if (!(await tf.setBackend(backendName))) throw new Error('the backend could not be registered');
  return backend;
}
