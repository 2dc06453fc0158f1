/**
 * The one door to what computes. Nothing else in the project names a TensorFlow.js backend: who replaces the kernels
 * changes this room alone.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-backend-cpu';
import { LoupeError } from '../core/errors';
import * as tf from '../core/tf';
import { installBatchMatMul } from './batchMatMul';
import { defaultThreads } from './cores';
import { installIdentity } from './identity';
import type { Pool } from './loupe/pool';
import { type Build, openLoupe } from './loupe/runtime';
import { installMemoryCheck } from './memory';
import { openTensorflow } from './tensorflow/open';

export type BackendName = 'auto' | 'loupe' | 'wasm' | 'cpu' | 'tensorflow';

export interface BackendRequest {
  readonly name: BackendName;
  /** Folder that holds the .wasm files. */
  readonly assets: string;
  /** 0: one for each physical core. */
  readonly threads: number;
  /** Somebody edits beside it: of these, one is left free. */
  readonly beside?: boolean | undefined;
  /** The same bits on every processor, somewhat slower: no operation whose rounding is the processor's choice. */
  readonly exact?: boolean | undefined;
  /** Where `@tensorflow/tfjs-node` is installed; else `LOUPE_TFJS_NODE` says it. */
  readonly tensorflow?: string | undefined;
}

export interface OpenBackend {
  readonly name: Exclude<BackendName, 'auto'>;
  /** Those that work now. */
  readonly threads: number;
  /** For people, threads not counted: "WebAssembly, SIMD". */
  readonly description: string;
  /** The number of threads changes no result, or (`everywhere`) neither does the processor. */
  readonly same?: 'threads' | 'everywhere';
  /** Whether opening it once more makes it whole again, at no cost to anybody. */
  readonly isWorn?: () => boolean;
}

/**
 * Opens a backend and makes it current. `auto` takes the fastest of those that ship that works; whether a native one is faster
 * still is known to who starts the engine (`src/client/choice.ts`). Throws `backend.unavailable`, also where `exact` is wanted of
 * one whose last bits are the platform's choice, and `tensorflow.*`.
 */
export async function openBackend(request: BackendRequest): Promise<OpenBackend> {
  const { name, exact } = request;
  if (exact && (name === 'cpu' || name === 'tensorflow')) throw inexact(name);
  switch (name) {
    case 'auto':
      return openOwn(request)
        .catch((error) => instead(error, 'wasm', () => openWasm(request.assets)))
        .catch((error) => instead(error, 'cpu', exact ? () => Promise.reject(inexact('cpu')) : openCpu));
    case 'loupe':
      return openOwn(request);
    case 'wasm':
      return openWasm(request.assets);
    case 'cpu':
      return openCpu();
    case 'tensorflow': {
      const place = request.tensorflow || process.env.LOUPE_TFJS_NODE || '';
      return { name: 'tensorflow', ...(await openTensorflow(place, request.threads || defaultThreads(request.beside ?? false))) };
    }
  }
}

function inexact(name: BackendName): LoupeError {
  return new LoupeError('backend.unavailable', {
    name,
    detail: 'its last digits differ from one processor to another; exact needs loupe or wasm',
  });
}

function instead<T>(error: unknown, name: BackendName, open: () => Promise<T>): Promise<T> {
  console.warn(`auto: ${error instanceof Error ? error.message : error} ${name} is taken instead.`);
  return open();
}

/** The backend that is open, if it is ours: its build, how many threads were asked for, and how many it began with. */
let own: { build: Build; wanted: number; threads: number; pool: Pool } | null = null;

async function openOwn({ assets, threads, beside = false, exact }: BackendRequest): Promise<OpenBackend> {
  const name = 'loupe';
  const build = exact || !hasRelaxedSimd() ? 'simd' : 'relaxed';
  const wanted = threads || defaultThreads(beside);
  try {
    if (own?.build !== build || own.wanted !== wanted || !tf.findBackend(name) || isWorn()) {
      // A thread that ends between two jobs is missed by nobody: the others do its work.
      const { pool } = await openLoupe({
        assets,
        threads: wanted,
        build,
        onLost: (reason) => console.warn(`A thread of the engine ended: ${reason}`),
      });
      own = { build, wanted, threads: pool.threads, pool };
    } else await tf.setBackend(name);
  } catch (error) {
    throw new LoupeError('backend.unavailable', { name, detail: error instanceof Error ? error.message : String(error) });
  }
  const { pool } = own;
  return {
    name,
    get threads() {
      return pool.threads;
    },
    isWorn,
    ...(build === 'relaxed'
      ? { description: 'WebAssembly, relaxed SIMD', same: 'threads' }
      : { description: 'WebAssembly, SIMD', same: 'everywhere' }),
  };
}

/** Threads of ours have ended, and no tensor is left that a new memory would lose. */
function isWorn(): boolean {
  return own !== null && own.pool.threads < own.threads && tf.memory().numTensors === 0;
}

/** Compiles a function of one relaxed instruction. */
function hasRelaxedSimd(): boolean {
  // (func (result v128) i32.const 1  i8x16.splat  i32.const 2  i8x16.splat  i8x16.relaxed_swizzle)
  const header = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0];
  return WebAssembly.validate(new Uint8Array([...header, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11]));
}

async function openCpu(): Promise<OpenBackend> {
  await tf.setBackend('cpu');
  // Its greeting on first use ("Hi, looks like you are running TensorFlow.js in Node.js") belongs to no output of ours.
  (tf.backend() as unknown as { firstUse: boolean }).firstUse = false;
  return { name: 'cpu', threads: 1, description: 'JavaScript' };
}

async function openWasm(assets: string): Promise<OpenBackend> {
  const name = 'wasm';
  if (tf.getBackend() !== name) {
    if (!existsSync(join(assets, 'tfjs-backend-wasm-simd.wasm'))) {
      throw new LoupeError('backend.unavailable', { name, detail: `its files are not in ${assets}` });
    }
    const release = prepareLoader();
    try {
      setWasmPaths(assets.endsWith('/') || assets.endsWith('\\') ? assets : `${assets}/`);
      if (!(await tf.setBackend(name))) throw new Error(`its files could not be loaded from ${assets}`);
    } catch (error) {
      throw new LoupeError('backend.unavailable', { name, detail: error instanceof Error ? error.message : String(error) });
    } finally {
      release();
    }
    installBatchMatMul();
    installIdentity();
    installMemoryCheck();
  }
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  return { name, threads: 1, description: simd ? 'WebAssembly, SIMD' : 'WebAssembly' };
}

/**
 * The loader that comes with the wasm files expects CommonJS's `__dirname`, which ES modules lack, and adds handlers
 * that turn any rejected promise of the whole process into a crash. Returns what undoes both.
 */
function prepareLoader(): () => void {
  const scope = globalThis as { __dirname?: string };
  const had = scope.__dirname;
  scope.__dirname = had ?? '.';
  const events = ['uncaughtException', 'unhandledRejection'];
  const before = new Map(events.map((event) => [event, process.listeners(event as 'uncaughtException')]));
  return () => {
    if (had === undefined) delete scope.__dirname;
    for (const event of events) {
      for (const listener of process.listeners(event as 'uncaughtException')) {
        if (!before.get(event)?.includes(listener)) process.removeListener(event, listener);
      }
    }
  };
}
