/** Files that survive a crash, and errors of the file system in the user's words. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LoupeError } from '../core/errors';

/** What runs write through; tests hand in one whose disk is full. */
export interface Disk {
  /** The file appears whole or not at all, and is on the disk when the promise resolves. */
  write(path: string, data: Uint8Array | string): Promise<void>;
  /** Opens for appending; every `append` is handed to the system before it resolves, `flush` puts it on the disk. */
  appender(path: string): Promise<Appender>;
}

export interface Appender {
  append(data: Uint8Array | string): Promise<void>;
  flush(): Promise<void>;
  close(): Promise<void>;
}

export const disk: Disk = { write: writeDurably, appender };

/** Writes aside, flushes, renames: a reader sees the old file or the new one. Throws `file.*`. */
export async function writeDurably(path: string, data: Uint8Array | string): Promise<void> {
  const aside = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    const handle = await open(aside, 'wx');
    try {
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, path);
    await flushFolder(dirname(path));
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    throw writeError(error, path);
  }
}

/** With the folders on the way to it. Throws `file.*`. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    // Where it may not write, Node says of a whole path only that it is not there.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new LoupeError('file.noPermission', { path });
    throw writeError(error, path);
  }
}

async function appender(path: string): Promise<Appender> {
  const handle = await open(path, 'a').catch((error: unknown) => {
    throw writeError(error, path);
  });
  const worded = (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: unknown) => {
        throw writeError(error, path);
      },
    );
  return {
    append: (data) => worded(handle.appendFile(data)),
    flush: () => worded(handle.sync()),
    close: () => worded(handle.close()),
  };
}

/** Makes a rename in this folder durable. Windows has no such call, and does not need it. */
export async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** An error of the file system as a `LoupeError`; any other error as it is. */
export function fileError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || error instanceof LoupeError) return error;
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new LoupeError('file.notFound', { path });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new LoupeError('file.noPermission', { path });
    case 'ENOSPC':
    case 'EDQUOT':
      return new LoupeError('file.diskFull', { path });
    default:
      return new LoupeError('file.unreadable', { path, detail: error.message });
  }
}

/** The same for what was to be written. */
export function writeError(error: unknown, path: string): unknown {
  const unwritable = (detail: string) => new LoupeError('file.unwritable', { path, detail });
  switch (error instanceof Error && 'code' in error ? error.code : null) {
    case 'EEXIST':
    case 'ENOTDIR':
      return unwritable('a file is in its way.');
    case 'EISDIR':
    case 'ENOTEMPTY':
      return unwritable('a folder is in its way.');
    case 'ENOENT':
      return new LoupeError('file.notFound', { path: dirname(path) });
    default: {
      const worded = fileError(error, path);
      return worded instanceof LoupeError && worded.code === 'file.unreadable' ? unwritable(String(worded.args.detail)) : worded;
    }
  }
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Reads the files of one folder; undefined for those it does not have. */
export function readFrom(folder: string): (name: string) => Promise<Uint8Array | undefined> {
  return async (name) => {
    const path = join(folder, name);
    try {
      return await readFile(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw fileError(error, path);
    }
  };
}
