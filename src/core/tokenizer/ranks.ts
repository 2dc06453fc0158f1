/**
 * Vocabularies that are given as entries in order of rank, without merges (OpenAI's): two neighbours merge whenever what
 * they spell together is an entry, the one of lowest rank first. Written as merges, every way to split an entry is one.
 */
import { EntryTable } from './entryTable';
import type { KnownPattern } from './pretokenize';
import { utf8 } from './unicode';
import { concatenate, type SpecialToken, type Vocabulary } from './vocabulary';

/** The vocabulary of these entries; the rank of an entry is its id. */
export function vocabularyFromRanks(
  ranked: readonly Uint8Array[],
  special: readonly SpecialToken[],
  pattern: KnownPattern,
  roles: Vocabulary['roles'],
): Vocabulary {
  const entries = [...ranked];
  for (const { id, text } of special) entries[id] = utf8(text);
  for (let id = 0; id < entries.length; id++) entries[id] ??= new Uint8Array(0);
  const { bytes, offsets } = concatenate(entries);
  const table = new EntryTable({ bytes, offsets, special });
  const left: number[] = [];
  const right: number[] = [];
  const merged: number[] = [];
  const byteIds = new Uint32Array(256);
  for (let id = 0; id < ranked.length; id++) {
    const from = offsets[id]!;
    const to = offsets[id + 1]!;
    if (to - from === 1) byteIds[bytes[from]!] = id;
    for (let middle = from + 1; middle < to; middle++) {
      const a = table.find(bytes, from, middle);
      if (a === undefined) continue;
      const b = table.find(bytes, middle, to);
      if (b === undefined) continue;
      left.push(a);
      right.push(b);
      merged.push(id);
    }
  }
  return {
    pattern,
    bytes,
    offsets,
    byteIds,
    left: Uint32Array.from(left),
    right: Uint32Array.from(right),
    merged: Uint32Array.from(merged),
    ranks: Uint32Array.from(merged),
    special,
    roles,
    wholeWords: true,
  };
}
