/** The texts of a surveyed corpus, one after the other. A file that changed since the survey is an error, not another corpus. */
import { readFile } from 'node:fs/promises';
import { decodeText } from '../../core/corpus/content';
import { hex, sha256 } from '../../core/corpus/sha256';
import type { CorpusFile, CorpusPart } from '../../core/corpus/types';
import { LoupeError } from '../../core/errors';
import { pathKey } from './entries';
import { inOrder } from './inOrder';

export interface TextsOptions {
  readonly signal?: AbortSignal | undefined;
  /** The request's: what is on screen counts. */
  readonly unsaved?: Readonly<Record<string, string>>;
}

/**
 * The whole text of a file that was kept.
 * @throws LoupeError `corpus.changed` where it is not what the survey saw.
 */
export async function readCorpusText(file: CorpusFile, unsaved: Readonly<Record<string, string>> = {}): Promise<string> {
  const key = pathKey(file.path);
  const onScreen = unsaved[file.path] ?? Object.entries(unsaved).find(([path]) => pathKey(path) === key)?.[1];
  const bytes = onScreen === undefined ? await readFile(file.path).catch(() => null) : new TextEncoder().encode(onScreen);
  const text = bytes && decodeText(bytes).text;
  if (text === null || hex(sha256(new TextEncoder().encode(text))) !== file.hash)
    throw new LoupeError('corpus.changed', { path: file.path });
  return text;
}

/** The texts of one part, in the order of the files; memory holds at most a few. The one file that is cut gives each part its side. */
export async function* corpusTexts(
  files: readonly CorpusFile[],
  part: CorpusPart,
  { signal, unsaved }: TextsOptions = {},
): AsyncGenerator<{ file: CorpusFile; text: string }, void, void> {
  const chosen = files.filter((file) => file.part === part || (part === 'validation' && file.heldOutFrom !== undefined));
  const texts = inOrder(chosen, 4, async (file) => ({ file, text: await readCorpusText(file, unsaved) }), signal);
  for await (const { file, text } of texts) {
    const from = part === 'validation' && file.part === 'train' ? file.heldOutFrom! : 0;
    const to = part === 'train' ? (file.heldOutFrom ?? text.length) : text.length;
    yield { file, text: text.slice(from, to) };
  }
}
