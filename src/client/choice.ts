/**
 * What `auto` means where the native TensorFlow is installed: a short training of a small model on both, once, remembered
 * for this machine and these versions. Where it is not installed there is nothing to choose, and nothing is measured.
 */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { LoupeError } from '../core/errors';
import type { Measured, ProbeApi, RealmConfig } from '../protocol/engine';
import { type Place, Realm } from './realm';

type Candidate = 'loupe' | 'tensorflow';

export interface ChoiceOptions {
  readonly config: RealmConfig;
  /** Folder of the realms' entries, `probe.mjs` among them. */
  readonly realms: string;
  /** Executable of Node for the native one. */
  readonly node: string;
  /** Folder in which the answer is remembered; null: only as long as this process lives. */
  readonly cache: string | null;
  /** Why, in a line. */
  readonly explain: (text: string) => void;
}

type Answer = { readonly backend: Candidate; readonly why: string };

/** Milliseconds for loading and measuring one of them, which takes two seconds where all is well. */
const longest = 20_000;

const moduleName = '@tensorflow/tfjs-node';
/** One answer for all realms of this process, and for what failed: that is not remembered on disk. */
const answers = new Map<string, Promise<Answer>>();

/** Where the native TensorFlow is: where the user says, else beside this program; '' where it is not. */
export function findTensorflow(named: string | undefined, realms: string): string {
  const given = named || process.env.LOUPE_TFJS_NODE;
  if (given) return given;
  return moduleIn(realms) ? realms : '';
}

/** The library prints less, and takes as many threads as it is told, if its process was told at its start. */
export function nativePlace(config: RealmConfig, node: string): Place {
  const threads: Record<string, string> = config.threads > 0 ? { TF_NUM_INTRAOP_THREADS: String(config.threads) } : {};
  return { config, process: { node, env: { TF_CPP_MIN_LOG_LEVEL: '2', ...threads } } };
}

/** Never throws: what cannot be measured is not chosen. */
export async function chooseBackend(options: ChoiceOptions): Promise<Candidate> {
  const key = keyOf(options);
  let answer = answers.get(key);
  if (!answer) {
    answer = remembered(options.cache, key).then((known) => known ?? measureBoth(options, key));
    answers.set(key, answer);
  }
  const { backend, why } = await answer;
  options.explain(`auto: ${backend}; ${why}`);
  return backend;
}

async function measureBoth(options: ChoiceOptions, key: string): Promise<Answer> {
  // One after the other: they would take the cores from each other.
  const own = await measure(options, 'loupe');
  const native = await measure(options, 'tensorflow');
  const faster = native.speed > own.speed;
  const backend = faster ? 'tensorflow' : 'loupe';
  const why = `measured on this machine, training a small model: ${own.words}; ${native.words}`;
  if (options.cache !== null && own.speed > 0 && native.speed > 0) await remember(options.cache, key, { backend, why });
  return { backend, why };
}

async function measure(options: ChoiceOptions, backend: Candidate): Promise<{ speed: number; words: string }> {
  const { config, realms, node, explain } = options;
  const realm = new Realm<ProbeApi>({
    name: 'probe',
    entry: join(realms, 'probe.mjs'),
    place: () => (backend === 'tensorflow' ? nativePlace({ ...config, backend }, node) : { config: { ...config, backend }, process: null }),
    idleMs: 60_000,
    execArgv: [],
    onDied: () => undefined,
    log: (text) => explain(text.trimEnd()),
  });
  try {
    const signal = AbortSignal.timeout(longest);
    const { tokensPerSecond, threads, description }: Measured = await realm.client.measure({}, { signal });
    const speed = Math.round(tokensPerSecond);
    return { speed, words: `${backend} (${description}, ${threads} threads) ${speed} tokens/s` };
  } catch (error) {
    const late = error instanceof LoupeError && error.code === 'cancelled';
    const why = error instanceof Error ? error.message : String(error);
    return { speed: 0, words: late ? `${backend} takes too long to measure` : `${backend} does not work (${why})` };
  } finally {
    await realm.dispose();
  }
}

/** Everything that could change the answer. */
function keyOf({ config, realms, node }: ChoiceOptions): string {
  const processors = cpus();
  const parts = [
    ...[process.platform, process.arch, processors[0]?.model, processors.length, config.threads, node, process.version],
    ...[stamp(join(realms, 'probe.mjs')), config.tensorflow, stamp(moduleIn(config.tensorflow ?? ''))],
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** A file's size and time: another version has others. */
function stamp(path: string | null): string {
  if (path === null) return '';
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.size} ${found.mtimeMs}` : '';
}

/** The file of the module as a program in this folder would find it. */
function moduleIn(folder: string): string | null {
  try {
    return createRequire(join(folder, 'from')).resolve(moduleName);
  } catch {
    return null;
  }
}

const fileName = 'backend.json';

async function remembered(cache: string | null, key: string): Promise<Answer | null> {
  if (cache === null) return null;
  try {
    const { key: of, backend, why } = JSON.parse(await readFile(join(cache, fileName), 'utf8')) as Answer & { key: string };
    if (of !== key || (backend !== 'loupe' && backend !== 'tensorflow') || typeof why !== 'string') return null;
    return { backend, why: `remembered: ${why}` };
  } catch {
    return null;
  }
}

/** A folder that cannot be written costs another probe, nothing else. */
async function remember(cache: string, key: string, answer: Answer): Promise<void> {
  try {
    await mkdir(cache, { recursive: true });
    const draft = join(cache, `${fileName}.${process.pid}`);
    await writeFile(draft, JSON.stringify({ key, ...answer }));
    await rename(draft, join(cache, fileName));
  } catch {
    return;
  }
}
