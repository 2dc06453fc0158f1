/**
 * The corpus of a workspace: lists the files, reads each once (several at a time, none kept), judges it, and splits what is
 * left. Rules are in core/corpus; here are the files.
 */
import { open } from 'node:fs/promises';
import { sep } from 'node:path';
import { decodeText, judgeText } from '../../core/corpus/content';
import { summarise } from '../../core/corpus/manifest';
import { hasSecretName, judgeName } from '../../core/corpus/names';
import { groupNearDuplicates, signature } from '../../core/corpus/nearDuplicates';
import { hex, sha256 } from '../../core/corpus/sha256';
import { splitDocuments } from '../../core/corpus/split';
import type { CorpusFile, CorpusRequest, CorpusSummary, LeftOutReason } from '../../core/corpus/types';
import { type Entry, entryId, listEntries, pathKey } from './entries';
import { inOrder } from './inOrder';
import { readCorpusText } from './texts';

export interface SurveyOptions {
  readonly signal?: AbortSignal | undefined;
  /** Files looked at so far, and the bytes of those that were read. */
  readonly progress?: ((done: { files: number; bytes: number }) => void) | undefined;
}

/** What is known of one file after reading it; its text is gone. */
interface Reading {
  readonly bytes: number;
  readonly leftOut: LeftOutReason | null;
  readonly hash?: string;
  readonly signature?: Uint32Array | null;
}

const FILES_AT_ONCE = 8;

/**
 * Walks, filters and splits. The result depends on the request and the files alone, not on time, machine or file system order.
 * @throws LoupeError `file.notFound` where a root does not exist; the signal's reason when aborted.
 */
export async function surveyCorpus(
  request: CorpusRequest,
  { signal, progress }: SurveyOptions = {},
): Promise<{ files: CorpusFile[]; summary: CorpusSummary }> {
  const entries = await listEntries(request, signal);
  const unsaved = new Map(Object.entries(request.unsaved).map(([path, text]) => [pathKey(path), text]));
  const unticked = new Set(request.unticked);
  const judged = inOrder(
    entries,
    FILES_AT_ONCE,
    (entry) => judge(entry, request.maxFileBytes, unsaved.get(pathKey(entry.path)), unticked),
    signal,
  );

  const hashes = new Set<string>();
  const readings: Reading[] = [];
  let bytes = 0;
  for await (const reading of judged) {
    const copy = reading.leftOut === null && hashes.has(reading.hash!);
    if (reading.leftOut === null) hashes.add(reading.hash!);
    readings.push(copy ? { ...reading, leftOut: 'duplicate' } : reading);
    if (reading.hash) bytes += reading.bytes;
    progress?.({ files: readings.length, bytes });
  }
  return split(entries, readings, request, signal);
}

async function split(entries: readonly Entry[], readings: readonly Reading[], request: CorpusRequest, signal: AbortSignal | undefined) {
  const kept = readings.flatMap((reading, index) => (reading.leftOut === null ? [index] : []));
  const groups = groupNearDuplicates(kept.map((index) => readings[index]!.signature ?? null));
  const named = request.holdOut.map(pathKey);
  // By their texts: where two files are equal, the one that counts need not be the one that was named.
  const heldOut = new Set<string>();
  for (const [index, { hash }] of readings.entries()) {
    const key = pathKey(entries[index]!.path);
    if (hash && named.some((path) => key === path || key.startsWith(path + sep))) heldOut.add(hash);
  }
  // A folder alone may be called as it likes: a class that has the same files holds out the same ones.
  const placeId = (entry: Entry) => (request.roots.length === 1 ? entry.relative : entryId(entry));
  const documents = kept.map((index, place) => ({
    id: placeId(entries[index]!),
    bytes: readings[index]!.bytes,
    group: groups[place]!,
    heldOut: heldOut.has(readings[index]!.hash!),
  }));
  const { parts, cut } = splitDocuments(documents, request.seed, request.validationShare);

  const files = entries.map((entry, index): CorpusFile => {
    const { bytes, leftOut } = readings[index]!;
    return { id: entryId(entry), path: entry.path, bytes, part: null, leftOut };
  });
  for (const [place, index] of kept.entries()) files[index] = { ...files[index]!, part: parts[place]!, hash: readings[index]!.hash! };
  let heldOutBytes = 0;
  if (cut) {
    const index = kept[cut.index]!;
    signal?.throwIfAborted();
    const text = await readCorpusText(files[index]!, request.unsaved);
    const heldOutFrom = cutBefore(text, Math.floor(text.length * (1 - cut.share)));
    heldOutBytes = new TextEncoder().encode(text.slice(heldOutFrom)).length;
    files[index] = { ...files[index]!, heldOutFrom };
  }
  const byName = files.filter(({ part, hash }) => part === 'validation' && heldOut.has(hash!));
  return {
    files,
    summary: summarise(
      files,
      heldOutBytes,
      byName.map(({ id }) => id),
    ),
  };
}

async function judge(entry: Entry, maxBytes: number, onScreen: string | undefined, unticked: ReadonlySet<string>): Promise<Reading> {
  const leave = (leftOut: LeftOutReason, bytes = 0): Reading => ({ leftOut, bytes });
  if (entry.leftOut) return leave(entry.leftOut);
  const name = entry.relative || entry.path.slice(entry.path.lastIndexOf(sep) + 1);
  const byName = entry.named ? (hasSecretName(name) ? 'secret' : null) : judgeName(name);
  const file =
    onScreen === undefined ? await readWhole(entry.path, byName ? -1 : maxBytes) : { size: 0, bytes: new TextEncoder().encode(onScreen) };
  if (!file) return leave('unreadable');
  const size = file.bytes?.length ?? file.size;
  if (unticked.has(entryId(entry))) return leave('unticked', size);
  if (byName) return leave(byName, size);
  if (!file.bytes || size > maxBytes) return leave('tooLarge', size);
  const decoded = decodeText(file.bytes);
  if (decoded.leftOut !== null) return leave(decoded.leftOut, size);
  const utf8 = new TextEncoder().encode(decoded.text);
  const reason = judgeText(name, decoded.text);
  // A named file is trained on even where it looks generated; secrets never are.
  if (reason && !(entry.named && (reason === 'generated' || reason === 'minified'))) return leave(reason, utf8.length);
  return { bytes: utf8.length, leftOut: null, hash: hex(sha256(utf8)), signature: signature(decoded.text) };
}

/** Size and, where it is at most `maxBytes`, the bytes of a file; null where it cannot be read. */
async function readWhole(path: string, maxBytes: number): Promise<{ size: number; bytes: Uint8Array | null } | null> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      return { size, bytes: size <= maxBytes ? await file.readFile() : null };
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}

/** Start of the line at an offset, or the offset itself (never inside a surrogate pair) where the line is long. */
function cutBefore(text: string, offset: number): number {
  const line = text.lastIndexOf('\n', offset - 1) + 1;
  if (line > 0 && offset - line < 2000) return line;
  const unit = text.charCodeAt(offset);
  return unit >= 0xdc00 && unit < 0xe000 ? offset - 1 : offset;
}
