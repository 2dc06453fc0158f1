/**
 * The newest checkpoint of a run that is whole. A disk that filled up, a copy that was cut short: the one before it is mostly
 * well, and a few minutes lost are better than the run.
 */
import { createHash } from 'node:crypto';
import { LoupeError } from '../../core/errors';
import { type Checkpoint, readCheckpoint } from '../../core/formats/checkpoint';
import { disposeParameters } from '../../core/model/parameters';
import type { Tokenizer } from '../../core/tokenizer/types';
import { readFrom } from '../files';
import { checkpointPath, checkpoints, type Latest, readLatest } from '../runs/folder';
import { parseTokenizerFiles, readFilesOf, type TokenizerFiles } from '../tokenizers';

export interface GoodCheckpoint extends Checkpoint {
  readonly step: number;
  readonly tokenizer: Tokenizer;
  readonly files: TokenizerFiles;
  /** Steps of newer ones that are damaged, with why: the newest first. */
  readonly damaged: readonly { readonly step: number; readonly error: LoupeError }[];
}

/** Its parameters belong to the caller. Throws `training.nothingToResume`, or what is wrong with the newest one where none is whole. */
export async function goodCheckpoint(path: string, name: string): Promise<GoodCheckpoint> {
  const steps = await checkpoints(path);
  const latest = await latestOf(path);
  const damaged: { step: number; error: LoupeError }[] = [];
  const from = latest ? [latest.step, ...steps.filter((step) => step < latest.step).reverse()] : [...steps].reverse();
  for (const step of from) {
    try {
      return { ...(await read(checkpointPath(path, step), name)), step, damaged };
    } catch (error) {
      if (!(error instanceof LoupeError) || error.code === 'memory.notEnough') throw error;
      damaged.push({ step, error });
    }
  }
  throw damaged[0]?.error ?? new LoupeError('training.nothingToResume', { path });
}

/** A file that names no step is as good as none: then the newest on the disk counts. */
async function latestOf(path: string): Promise<Latest | null> {
  const latest = await readLatest(path).catch((error) => {
    if (error instanceof LoupeError && error.code === 'file.broken') return null;
    throw error;
  });
  return Number.isSafeInteger(latest?.step) ? latest : null;
}

async function read(folder: string, name: string) {
  const checkpoint = await readCheckpoint(readFrom(folder), folder);
  try {
    const files = await readFilesOf(folder);
    const tokenizer = await parseTokenizerFiles(files, name);
    if (digestOf(files) !== checkpoint.state.digests.tokenizer) throw changed(folder);
    return { ...checkpoint, files, tokenizer };
  } catch (error) {
    disposeParameters(checkpoint.params);
    throw error;
  }
}

export function changed(path: string): LoupeError {
  return new LoupeError('file.broken', { path, detail: 'it is not what this training began with.' });
}

export function digestOf(files: TokenizerFiles): string {
  const digest = createHash('sha256');
  for (const bytes of files.values()) digest.update(bytes);
  return digest.digest('hex');
}
