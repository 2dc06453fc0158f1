/** Text from a file or from standard input. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { LoupeError } from '../core/errors';

/** `-` or nothing: standard input, to its end. @throws LoupeError `file.*` */
export async function readBytes(file: string | undefined): Promise<Uint8Array> {
  if (file !== undefined && file !== '-') return readFile(file).catch((error: NodeJS.ErrnoException) => fail(error, file));
  if (process.stdin.isTTY) process.stderr.write('Reading from the terminal; end with Ctrl-D on a line of its own.\n');
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  } catch (error) {
    // Standard input may be closed, or be a folder.
    return fail(error as NodeJS.ErrnoException, 'standard input');
  }
  return Buffer.concat(chunks);
}

/** The same, which must be valid UTF-8; a byte order mark stays, since offsets count it. @throws LoupeError `text.notUtf8` */
export async function readText(file: string | undefined): Promise<string> {
  const bytes = await readBytes(file);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new LoupeError('text.notUtf8', { path: file === undefined || file === '-' ? 'Standard input' : resolve(file) });
  }
}

function fail(error: NodeJS.ErrnoException, file: string): never {
  const path = file === 'standard input' ? file : resolve(file);
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') throw new LoupeError('file.notFound', { path });
  const detail = error.code === 'EISDIR' ? 'it is a folder.' : error.code === 'EACCES' ? 'permission denied.' : error.message;
  throw new LoupeError('file.unreadable', { path, detail });
}
