/** Whether a realm runs in a thread or in a process of its own, and with what: decided by the backend, at every start. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { LoupeError } from '../core/errors';
import type { RealmConfig, RealmName } from '../protocol/engine';
import { chooseBackend, findTensorflow, nativePlace } from './choice';
import type { Place } from './realm';

export interface PlaceRequest {
  readonly name: RealmName;
  readonly config: RealmConfig;
  /** Where the user says that `@tensorflow/tfjs-node` is. */
  readonly named: string | undefined;
  /** Folder of the realms' entries. */
  readonly realms: string;
  /** Executable of Node for a process. */
  readonly node: string;
  readonly cache: string | null;
  readonly log: (text: string) => void;
}

/** VS Code's own executable is no plain Node: it refuses the native module's memory. */
export function defaultNode(): string {
  return process.versions.electron ? 'node' : process.execPath;
}

/** At once where nothing native is involved. Throws `tensorflow.unnamed`, `tensorflow.noNode`. */
export function placeRealm(request: PlaceRequest): Place | Promise<Place> {
  const { name, config, named, realms, log } = request;
  const thread: Place = { config, process: null };
  if (name === 'text' || (config.backend !== 'auto' && config.backend !== 'tensorflow')) return thread;
  const tensorflow = findTensorflow(named, realms);
  if (config.backend === 'tensorflow') return inProcess(request, tensorflow);
  if (tensorflow !== '' && !config.exact) return chosen(request, tensorflow);
  const why = config.exact ? 'the same bits are wanted on every processor' : 'no native TensorFlow is installed';
  log(`auto: loupe; ${why}\n`);
  return thread;
}

async function chosen(request: PlaceRequest, tensorflow: string): Promise<Place> {
  const { config, realms, node, cache, log } = request;
  const backend = await chooseBackend({ config: { ...config, tensorflow }, realms, node, cache, explain: log });
  return backend === 'tensorflow' ? inProcess(request, tensorflow) : { config, process: null };
}

async function inProcess({ config, node }: PlaceRequest, tensorflow: string): Promise<Place> {
  if (tensorflow === '') throw new LoupeError('tensorflow.unnamed');
  if (node !== process.execPath) {
    await promisify(execFile)(node, ['--version']).catch(() => {
      throw new LoupeError('tensorflow.noNode', { path: node });
    });
  }
  return nativePlace({ ...config, backend: 'tensorflow', tensorflow }, node);
}
