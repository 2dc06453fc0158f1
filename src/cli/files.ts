/** Writing a result to a file: whole or not at all. */
import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { LoupeError } from '../core/errors';

/** @throws LoupeError `file.*` */
export async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  const path = resolve(file);
  const aside = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    await writeFile(aside, bytes);
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new LoupeError('file.notFound', { path: dirname(path) });
    if (code === 'ENOSPC') throw new LoupeError('file.diskFull', { path });
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') throw new LoupeError('file.noPermission', { path: dirname(path) });
    throw new LoupeError('file.unwritable', { path, detail: code === 'EISDIR' ? 'it is a folder.' : message });
  }
}
