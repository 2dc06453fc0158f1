/**
 * The encoding of a text one merge at a time, for showing: start from bytes, then, lowest rank first, apply a merge at
 * every place at once. Written for clarity, not speed; the result equals `encode` but for whole words that are entries
 * though no merges lead to them (`Vocabulary.wholeWords`).
 */
import type { MergeTable } from './mergeTable';
import { scanners } from './pretokenize';
import { mergedAt, pairKey, pairsOf, type Sequence, sequenceOf } from './sequence';
import type { KnownMerge, MergeStep, Merging } from './types';
import type { Vocabulary } from './vocabulary';

export function mergeSteps(bytes: Uint8Array, vocabulary: Vocabulary, table: MergeTable): Omit<Merging, 'tokens'> {
  const start = Array.from(bytes, (byte) => vocabulary.byteIds[byte]!);
  const words: number[] = [];
  const scan = scanners[vocabulary.pattern];
  for (let at = 0; at < bytes.length; at = scan(bytes, at, bytes.length)) words.push(at);

  const met = new Map<number, KnownMerge | null>();
  const mergeOf = (left: number, right: number): KnownMerge | null => {
    const key = pairKey(left, right);
    let merge = met.get(key);
    if (merge === undefined) {
      const index = table.find(left, right);
      merge = index < 0 ? null : { pair: [left, right], merged: vocabulary.merged[index]!, rank: vocabulary.ranks[index]! };
      met.set(key, merge);
    }
    return merge;
  };

  const steps: MergeStep[] = [];
  for (let sequence = sequenceOf(start, words); ; ) {
    let lowest: KnownMerge | null = null;
    for (const { pair } of pairsOf(sequence)) {
      const merge = mergeOf(...pair);
      if (merge && (lowest === null || merge.rank < lowest.rank)) lowest = merge;
    }
    if (lowest === null) return { start, words, known: [...met.values()].filter((merge) => merge !== null), steps };
    const at = placesOf(sequence, lowest, mergeOf);
    sequence = mergedAt(sequence, at, lowest.merged);
    steps.push({ ...lowest, at, tokens: sequence.tokens });
  }
}

/**
 * Where a merge applies before any other, from left to right: everywhere, in a vocabulary that was learnt. In others what it
 * makes may merge at once, or another pair of the same rank may stand before a place: there it ends, and the next step goes on.
 */
function placesOf(
  { tokens, opens }: Sequence,
  { pair, merged, rank }: KnownMerge,
  mergeOf: (left: number, right: number) => KnownMerge | null,
): number[] {
  const at: number[] = [];
  const comesFirst = (left: number, right: number) => (mergeOf(left, right)?.rank ?? rank + 1) <= rank;
  for (let i = 0; i + 1 < tokens.length; i++) {
    if (opens[i + 1] || mergeOf(tokens[i]!, tokens[i + 1]!)?.rank !== rank) continue;
    if (tokens[i] !== pair[0] || tokens[i + 1] !== pair[1]) break;
    const before = at.at(-1) === i - 2 ? merged : tokens[i - 1];
    at.push(i);
    if (i > 0 && !opens[i] && comesFirst(before!, merged)) break;
    if (i + 2 < tokens.length && !opens[i + 2] && comesFirst(merged, tokens[i + 2]!)) break;
    i++;
  }
  return at;
}
