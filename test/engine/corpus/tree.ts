/** A temporary folder with files in it, gone after the test file. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { CorpusRequest } from '../../../src/core/corpus/types';

const made: string[] = [];
afterAll(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Writes the files (path -> content) into a new folder and returns its path. */
export function tree(files: Record<string, string | Uint8Array> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'loupe-corpus-')));
  made.push(folder);
  add(folder, files);
  return folder;
}

export function add(folder: string, files: Record<string, string | Uint8Array>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

export function request(root: string, more: Partial<CorpusRequest> = {}): CorpusRequest {
  return {
    roots: [{ path: root, name: 'r' }],
    include: [],
    exclude: [],
    maxFileBytes: 100_000,
    unsaved: {},
    unticked: [],
    holdOut: [],
    seed: 0,
    validationShare: 0.1,
    ...more,
  };
}
