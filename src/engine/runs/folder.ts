/**
 * The folder of a run: `run.json` (what it is, fixed at its start), frozen token files, `corpus.json`, `events.jsonl`,
 * one folder per checkpoint (each a Hugging Face directory), and `latest`, renamed last, which says what to resume from.
 * A finished run holds its final model's files at the top too, so that the folder itself opens as a model.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import type { CorpusSummary } from '../../core/corpus/types';
import { LoupeError } from '../../core/errors';
import type { ComputedBy } from '../../core/formats/checkpoint';
import type { ModelConfig } from '../../core/model/config';
import type { TrainSettings } from '../../core/train/events';
import type { ModelRef } from '../../protocol/engine';
import { type Disk, exists, fileError, flushFolder, writeError } from '../files';

/** `run.json`. */
export interface RunRecord {
  readonly version: 1;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly preset: string;
  readonly from: ModelRef | null;
  readonly config: ModelConfig;
  readonly settings: TrainSettings;
  readonly tokens: TokenFiles;
  readonly corpus: CorpusSummary;
  readonly computedBy: ComputedBy;
  /** In hex: of the corpus, of its token files, of the tokenizer's files. Runs from before they were kept have none. */
  readonly digests?: { readonly corpus: string; readonly tokens: string; readonly tokenizer: string };
}

export interface TokenFiles {
  /** Width of an id in the token files. */
  readonly bytesPerId: 2 | 4;
  /** Ids in each file. */
  readonly train: number;
  readonly validation: number;
}

/** `latest`. */
export interface Latest {
  readonly step: number;
  readonly best: { readonly step: number; readonly valLoss: number } | null;
}

export const runFile = 'run.json';
export const corpusFile = 'corpus.json';
const latestFile = 'latest';
const checkpointName = /^checkpoint-(\d+)$/;

/** Where a run is: a name is under the folder of runs, an absolute path is itself. Throws `training.noRun` for anything else. */
export function runPath(runs: string | null, run: string): string {
  if (isAbsolute(run)) return run;
  if (runs === null || run === '' || run !== basename(run) || run.startsWith('.')) throw new LoupeError('training.noRun', { run });
  return join(runs, run);
}

/** The lock of the workspace for its runs; of the folder itself for a run elsewhere. */
export function lockPath(runs: string | null, run: string): string {
  return isAbsolute(run) || runs === null ? join(run, 'lock') : join(runs, 'lock');
}

/** Throws `training.noRun` where there is none. */
export async function readRun(path: string): Promise<RunRecord> {
  const record = await readJson<RunRecord>(join(path, runFile));
  if (!record) throw new LoupeError('training.noRun', { run: basename(path) });
  return record;
}

/** What to resume from; null before the first checkpoint. */
export async function readLatest(path: string): Promise<Latest | null> {
  return readJson<Latest>(join(path, latestFile));
}

/** Null where there is no such file. Throws `file.*`. */
async function readJson<T>(path: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (error) {
    if (error instanceof SyntaxError) throw new LoupeError('file.broken', { path, detail: 'it is not JSON.' });
    const worded = fileError(error, path);
    if (worded instanceof LoupeError && worded.code === 'file.notFound') return null;
    throw worded;
  }
}

export function checkpointPath(path: string, step: number): string {
  return join(path, `checkpoint-${step}`);
}

/** The weights of the last evaluation, while it trains: for whoever looks at the model meanwhile. Nothing resumes from them. */
export function livePath(path: string): string {
  return join(path, 'live');
}

/** Steps of the checkpoints on disk, ascending. */
export async function checkpoints(path: string): Promise<number[]> {
  const names = await readdir(path).catch(() => []);
  return names
    .map((name) => checkpointName.exec(name)?.[1])
    .filter((step) => step !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

/** Writes a checkpoint whole or not at all, names it the latest, then retires the ones that resuming does not need. */
export async function writeCheckpoint(
  disk: Disk,
  path: string,
  files: ReadonlyMap<string, Uint8Array>,
  latest: Latest,
  keep: number,
  retire: (path: string, step: number) => Promise<void>,
): Promise<string> {
  const folder = checkpointPath(path, latest.step);
  const aside = join(path, `.${basename(folder)}.${randomUUID()}`);
  try {
    await mkdir(aside);
    for (const [name, bytes] of files) await disk.write(join(aside, name), bytes);
    // Present when the step was computed before, up to a crash: the same bytes again.
    if (await exists(folder)) await remove(folder);
    await rename(aside, folder);
    await flushFolder(path);
  } catch (error) {
    await rm(aside, { recursive: true, force: true }).catch(() => undefined);
    // By the name that people know, not the one it was written under.
    throw error instanceof LoupeError ? new LoupeError(error.code, { ...error.args, path: folder }) : writeError(error, folder);
  }
  await disk.write(join(path, latestFile), JSON.stringify(latest));
  const steps = await checkpoints(path);
  const recent = steps.filter((step) => step <= latest.step).slice(-Math.max(1, keep));
  for (const step of steps) {
    if (!recent.includes(step) && step !== latest.best?.step) await retire(path, step);
  }
  return folder;
}

/** Removes what a crash left half written, and weights that are live no more. */
export async function tidy(path: string): Promise<void> {
  await rm(livePath(path), { recursive: true, force: true });
  for (const name of await readdir(path).catch(() => [])) {
    if (/^\.(checkpoint-|removed-|latest\.|run\.json\.|about\.json\.)/.test(name))
      await rm(join(path, name), { recursive: true, force: true });
  }
}

/** Renamed first: a folder that is half removed must not look like a checkpoint or a run. */
export async function remove(folder: string): Promise<void> {
  const aside = join(dirname(folder), `.removed-${randomUUID()}`);
  try {
    await rename(folder, aside);
    await rm(aside, { recursive: true, force: true });
  } catch (error) {
    throw writeError(error, folder);
  }
}

/** Bytes of all files under a folder. */
export async function folderBytes(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
