/**
 * One process trains at a time: a lock file with the process and a heartbeat. A lock whose process is gone, or whose
 * heart has not beaten for ten minutes (its process id may belong to somebody else by now), is taken over.
 */
import { randomUUID } from 'node:crypto';
import { constants, copyFile, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { LoupeError } from '../../core/errors';
import { writeError } from '../files';

export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly run: string;
  readonly token: string;
}

export interface Lock {
  /** Throws `training.busy` when somebody else holds the lock by now (this computer slept for long). */
  check(): Promise<void>;
  release(): Promise<void>;
}

const beatMs = 5_000;
const staleMs = 10 * 60_000;

/** Throws `training.busy`. */
export async function takeLock(path: string, run: string): Promise<Lock> {
  const mine: LockHolder = { pid: process.pid, host: hostname(), run, token: randomUUID() };
  for (let attempt = 0; ; attempt++) {
    try {
      await writeFile(path, JSON.stringify(mine), { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw writeError(error, path);
    }
    const holder = await readLock(path);
    if ((holder && holder.pid !== process.pid) || attempt === 3) throw new LoupeError('training.busy', { pid: holder?.pid ?? 0 });
    await removeStale(path, holder?.token);
  }
  const check = async () => {
    const holder = await readLock(path);
    if (holder?.token !== mine.token) throw new LoupeError('training.busy', { pid: holder?.pid ?? 0 });
  };
  const heart = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => undefined), beatMs);
  heart.unref();
  return {
    check,
    async release() {
      clearInterval(heart);
      const held = await check().then(
        () => true,
        () => false,
      );
      if (held) await rm(path, { force: true });
    },
  };
}

/** Who holds the lock now; null when nobody does or its holder is gone. */
export async function readLock(path: string): Promise<LockHolder | null> {
  let text: string;
  let age: number;
  try {
    text = await readFile(path, 'utf8');
    age = Date.now() - (await stat(path)).mtimeMs;
  } catch {
    return null;
  }
  const holder = parse(text);
  // Between the creation of the file and its first byte it is empty.
  if (!holder) return age < beatMs ? { pid: 0, host: hostname(), run: '', token: '' } : null;
  return age < staleMs && (holder.host !== hostname() || alive(holder.pid)) ? holder : null;
}

function parse(text: string): LockHolder | null {
  try {
    return JSON.parse(text) as LockHolder;
  } catch {
    return null;
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Takes a stale lock out of the way; puts it back when another process was quicker and the lock is a new one. */
async function removeStale(path: string, ownToken: string | undefined): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const taken = await readLock(aside);
  if (taken && taken.token !== ownToken) await copyFile(aside, path, constants.COPYFILE_EXCL).catch(() => undefined);
  await rm(aside, { force: true });
}
