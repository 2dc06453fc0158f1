/** Which side of a run's corpus a file was on. The account of a large workspace is read once, for as long as it stays the same. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CorpusFile, CorpusPart } from '../../core/corpus/types';
import type { ModelRef, RealmConfig } from '../../protocol/engine';
import { pathKey } from '../corpus/entries';
import { runOf } from '../references';
import { corpusFile } from '../runs/folder';

let known: { readonly key: string; readonly parts: ReadonlyMap<string, CorpusPart> } | null = null;

/** Null where the file was neither, and for models that are no run. A file whose end was held out was trained on. */
export async function partOf(places: Pick<RealmConfig, 'starter' | 'runs'>, model: ModelRef, path: string): Promise<CorpusPart | null> {
  const run = await runOf(places, model);
  if (run === null) return null;
  const account = join(run, corpusFile);
  const found = await stat(account).catch(() => null);
  if (!found) return null;
  const key = `${account} ${found.size} ${found.mtimeMs}`;
  if (known?.key !== key) {
    const { files } = JSON.parse(await readFile(account, 'utf8')) as { files: CorpusFile[] };
    known = { key, parts: new Map(files.flatMap((file) => (file.part ? [[pathKey(file.path), file.part] as const] : []))) };
  }
  return known.parts.get(pathKey(path)) ?? null;
}
