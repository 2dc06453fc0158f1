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
import type { ProbeApi, RealmConfig } from '../protocol/engine';
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

const rounds = 3;
/** The native one costs a process and half a gigabyte, and its results depend on the number of threads. */
const worthwhile = 1.2;

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
  options.explain(`auto: ${backend}; ${why}\n`);
  return backend;
}

async function measureBoth(options: ChoiceOptions, key: string): Promise<Answer> {
  const contenders = (['loupe', 'tensorflow'] as const).map((backend) => new Contender(backend, options));
  try {
    // In turns, one after the other, and the best of each counts: what else the machine does now must not decide.
    for (let round = 0; round < rounds; round++) for (const each of contenders) await each.measure();
  } finally {
    await Promise.all(contenders.map((each) => each.dispose()));
  }
  const [own, native] = contenders as [Contender, Contender];
  const { backend } = native.speed > own.speed * worthwhile ? native : own;
  const why = `measured on this machine, training a small model: ${own.words}; ${native.words}; a fifth more is asked of a native one`;
  if (options.cache !== null && own.speed > 0 && native.speed > 0) await remember(options.cache, key, { backend, why });
  return { backend, why };
}

class Contender {
  /** Tokens per second; 0 where it does not work. */
  speed = 0;
  words = '';
  private failed = false;
  private readonly realm: Realm<ProbeApi>;

  constructor(
    readonly backend: Candidate,
    { config: settings, realms, node, explain }: ChoiceOptions,
  ) {
    const config = { ...settings, backend };
    this.realm = new Realm<ProbeApi>({
      name: 'probe',
      entry: join(realms, 'probe.mjs'),
      place: () => (backend === 'tensorflow' ? nativePlace(config, node) : { config, process: null }),
      idleMs: 60_000,
      execArgv: [],
      onDied: () => undefined,
      log: explain,
    });
  }

  async measure(): Promise<void> {
    if (this.failed) return;
    try {
      const measured = await this.realm.client.measure({}, { signal: AbortSignal.timeout(longest) });
      this.speed = Math.max(this.speed, Math.round(measured.tokensPerSecond));
      this.words = `${this.backend} (${measured.description}, ${measured.threads} threads) ${this.speed} tokens/s`;
    } catch (error) {
      const late = error instanceof LoupeError && error.code === 'cancelled';
      const why = error instanceof Error ? error.message : String(error);
      this.words = late ? `${this.backend} takes too long to measure` : `${this.backend} does not work (${why})`;
      this.failed = true;
      this.speed = 0;
    }
  }

  dispose(): Promise<void> {
    return this.realm.dispose();
  }
}

/** Everything that could change the answer. */
function keyOf({ config, realms, node }: ChoiceOptions): string {
  const processors = cpus();
  const parts = [
    ...[process.platform, process.arch, processors[0]?.model, processors.length, config.threads, config.beside, node, process.version],
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
