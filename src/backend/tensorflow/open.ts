/**
 * The native TensorFlow of `@tensorflow/tfjs-node`, where the user has it: never bundled, never fetched. It joins the tfjs that is
 * bundled here, because tfjs keeps its engine and its kernels in one place per realm of JavaScript, whatever copy asks.
 * It belongs into a process of its own (`src/client/peer.ts`): it may crash, and VS Code's Electron cannot load it.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import util from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { LoupeError } from '../../core/errors';
import * as tf from '../../core/tf';

const name = 'tensorflow';
const packageName = '@tensorflow/tfjs-node';

/** The part of its backend that tells which library computes. */
interface NativeBackend {
  readonly binding?: { readonly TF_Version?: string };
}

/**
 * Loads it from `place` (the folder where it was installed, or its own) and makes it current. Throws `tensorflow.unnamed`
 * where nobody says where it is, `tensorflow.missing` where it is not there, `tensorflow.broken` where it does not compute.
 * The threads are decided when a process first loads it.
 */
export async function openTensorflow(place: string, threads: number): Promise<{ threads: number; description: string }> {
  if (!tf.findBackend(name)) load(place, threads);
  if (!(await tf.setBackend(name))) throw broken(place, 'it does not start');
  const version = (tf.backend() as unknown as NativeBackend).binding?.TF_Version;
  return { threads: threadsOfLibrary(), description: version ? `TensorFlow ${version}, native` : 'TensorFlow, native' };
}

/** The library reads these once. What a thread writes into its environment reaches it only from the main one, and never on Windows. */
function prepareEnvironment(threads: number): void {
  if (!isMainThread || process.platform === 'win32') return;
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  process.env.TF_NUM_INTRAOP_THREADS ??= String(threads);
}

function threadsOfLibrary(): number {
  return Number(process.env.TF_NUM_INTRAOP_THREADS) || availableParallelism();
}

function load(place: string, threads: number): void {
  const path = find(place);
  prepareEnvironment(threads);
  lendRemovedFunctions();
  // Its copy of tfjs registers kernels that are there already, and would say so, hundreds of times.
  const quiet = tf.env().getBool('PROD');
  tf.env().set('PROD', true);
  try {
    createRequire(path)(path);
    if (!tf.findBackend(name)) throw new Error('it brings another version of TensorFlow.js');
    check();
  } catch (error) {
    throw broken(place, error instanceof Error ? error.message : String(error));
  } finally {
    tf.env().set('PROD', quiet);
  }
}

/** The module's file. */
function find(place: string): string {
  if (place === '') throw new LoupeError('tensorflow.unnamed');
  if (!existsSync(place)) throw new LoupeError('tensorflow.missing', { path: place });
  try {
    return createRequire(join(place, 'from')).resolve(packageName);
  } catch {
    throw new LoupeError('tensorflow.missing', { path: place });
  }
}

/** What the package still calls: Node 23 removed the first, and warns of the second. */
function lendRemovedFunctions(): void {
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined, isArray: Array.isArray });
}

/** Loading alone proves little: where a process refuses memory that is not its own, the first result fails. */
function check(): void {
  const product = tf.tidy(() => tf.matMul(tf.ones([4, 4]), tf.ones([4, 4])).dataSync());
  if (product[0] !== 4) throw new Error('it computes nonsense');
}

function broken(place: string, detail: string): LoupeError {
  return new LoupeError('tensorflow.broken', { path: place, detail: detail.split('\n', 1)[0] as string });
}
