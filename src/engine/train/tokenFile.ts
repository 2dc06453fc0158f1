/**
 * Token ids in a file, 16 or 32 bits each (little-endian), so that memory stays flat however large the corpus is.
 * Written once when a run starts, then only read.
 */

import type { Hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { fileError, writeError } from '../files';

/** Ids held in memory while writing. */
const bufferIds = 1 << 16;

export class TokenFileWriter {
  private readonly buffer: Uint16Array | Uint32Array;
  private filled = 0;
  private written = 0;

  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
    readonly bytesPerId: 2 | 4,
    private readonly digest: Hash | undefined,
  ) {
    this.buffer = bytesPerId === 2 ? new Uint16Array(bufferIds) : new Uint32Array(bufferIds);
  }

  /** The width follows from the vocabulary; the digest takes every byte. Throws `file.*`, as every method does. */
  static async create(path: string, vocabSize: number, digest?: Hash): Promise<TokenFileWriter> {
    try {
      return new TokenFileWriter(path, await open(path, 'w'), vocabSize <= 1 << 16 ? 2 : 4, digest);
    } catch (error) {
      throw writeError(error, path);
    }
  }

  get length(): number {
    return this.written + this.filled;
  }

  async write(ids: ArrayLike<number>): Promise<void> {
    for (let at = 0; at < ids.length; at++) {
      if (this.filled === bufferIds) await this.drain();
      this.buffer[this.filled++] = ids[at]!;
    }
  }

  /** Brings the file to the disk. */
  async close(): Promise<void> {
    try {
      await this.drain();
      await this.handle.sync();
    } catch (error) {
      throw writeError(error, this.path);
    } finally {
      await this.handle.close();
    }
  }

  private async drain(): Promise<void> {
    const part = this.buffer.subarray(0, this.filled);
    const bytes = new Uint8Array(part.buffer, 0, part.byteLength);
    this.digest?.update(bytes);
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.handle.write(bytes, at).catch((error: unknown) => {
        throw writeError(error, this.path);
      });
      at += bytesWritten;
    }
    this.written += this.filled;
    this.filled = 0;
  }
}

/** Random access to the ids of a file. Reading is synchronous: training asks for a few kilobytes at a time. */
export class TokenFile {
  private constructor(
    private readonly file: number,
    private readonly bytesPerId: 2 | 4,
    readonly length: number,
  ) {}

  static open(path: string, bytesPerId: 2 | 4): TokenFile {
    try {
      const file = openSync(path, 'r');
      return new TokenFile(file, bytesPerId, Math.floor(fstatSync(file).size / bytesPerId));
    } catch (error) {
      throw fileError(error, path);
    }
  }

  /** `count` ids from `start` on; fewer at the end of the file. */
  read(start: number, count: number): Int32Array {
    const wanted = Math.max(0, Math.min(count, this.length - start));
    const raw = this.bytesPerId === 2 ? new Uint16Array(wanted) : new Uint32Array(wanted);
    const bytes = new Uint8Array(raw.buffer);
    for (let at = 0; at < bytes.length; ) {
      const read = readSync(this.file, bytes, at, bytes.length - at, start * this.bytesPerId + at);
      if (read === 0) break;
      at += read;
    }
    return Int32Array.from(raw);
  }

  close(): void {
    closeSync(this.file);
  }
}
