/** The account of a corpus: its order, its numbers, and one digest that names it. */
import { extension } from './names';
import { hex, sha256 } from './sha256';
import type { CorpusFile, CorpusSummary, LeftOutReason } from './types';

/** Root name, then path, by UTF-16 code unit: the same order on every machine and in every locale. */
export function compareEntries(
  a: { readonly root: string; readonly relative: string },
  b: { readonly root: string; readonly relative: string },
): number {
  return compare(a.root, b.root) || compare(a.relative, b.relative);
}

/**
 * @param heldOutBytes UTF-8 bytes held out of the one training file that is cut (`heldOutFrom`), else 0.
 * @param heldOut ids of the files that were named to be held out
 */
export function summarise(files: readonly CorpusFile[], heldOutBytes: number, heldOut: readonly string[] = []): CorpusSummary {
  const leftOut = new Map<LeftOutReason, { files: number; bytes: number }>();
  const kinds = new Map<string, number>();
  const lines: string[] = [];
  let count = 0;
  let bytes = 0;
  let validationBytes = heldOutBytes;
  for (const file of files) {
    if (file.leftOut) {
      const entry = leftOut.get(file.leftOut) ?? { files: 0, bytes: 0 };
      leftOut.set(file.leftOut, { files: entry.files + 1, bytes: entry.bytes + file.bytes });
      continue;
    }
    count++;
    bytes += file.bytes;
    if (file.part === 'validation') validationBytes += file.bytes;
    const kind = extension(file.id) && `.${extension(file.id)}`;
    kinds.set(kind, (kinds.get(kind) ?? 0) + file.bytes);
    lines.push(JSON.stringify([file.id, file.part, file.hash, file.heldOutFrom ?? null]));
  }
  return {
    files: count,
    bytes,
    trainBytes: bytes - validationBytes,
    validationBytes,
    leftOut: [...leftOut].map(([reason, entry]) => ({ reason, ...entry })).sort((a, b) => b.files - a.files || compare(a.reason, b.reason)),
    ...(heldOut.length > 0 ? { heldOut } : {}),
    digest: hex(sha256(new TextEncoder().encode(lines.join('\n')))),
    kinds: [...kinds]
      .map(([kind, size]) => ({ extension: kind, bytes: size }))
      .sort((a, b) => b.bytes - a.bytes || compare(a.extension, b.extension))
      .slice(0, 8),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
