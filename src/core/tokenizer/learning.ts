/**
 * The training of a byte-level BPE tokenizer on a small text one merge at a time, for showing: count every pair of
 * neighbours, merge the most frequent one, again (Sennrich et al. 2016, over bytes). The obvious way, every count anew; the
 * merges equal those of `trainTokenizer`, which is quick and keeps nothing to look at.
 */
import { scanners } from './pretokenize';
import { mergedAt, type PairPlaces, pairsOf, type Sequence, sequenceOf } from './sequence';
import type { PatternName } from './types';
import { textOf, utf8 } from './unicode';
import { firstByte, firstMerge, ownSpecial } from './vocabulary';

/** One merge that was learnt: a new entry of the vocabulary. */
export interface LearntStep {
  readonly pair: readonly [left: number, right: number];
  /** The new entry: 260, 261, … in the order learnt, which is their rank when encoding. */
  readonly merged: number;
  /** How often the pair stood there, which was most often. */
  readonly count: number;
  /** Other pairs that stood there as often: the smallest left id decided, then the smallest right id. */
  readonly ties: number;
  /** Where it was merged, in the sequence before: fewer than `count` where places overlap. */
  readonly at: readonly number[];
  readonly tokens: readonly number[];
}

export interface Learning {
  /** The text's bytes, each an entry. */
  readonly start: readonly number[];
  /** Positions in `start` at which words begin. */
  readonly words: readonly number[];
  readonly steps: readonly LearntStep[];
  /** Bytes of every entry that was used, by id. */
  readonly entries: ReadonlyMap<number, Uint8Array>;
}

/** A pair that may be merged must stand somewhere twice. */
const leastCount = 2;

/** Learns at most `most` merges; fewer when no pair occurs twice any more. */
export function learningSteps(text: string, pattern: PatternName, most: number): Learning {
  const bytes = utf8(text);
  const start = Array.from(bytes, (byte) => firstByte + byte);
  const words: number[] = [];
  for (let at = 0; at < bytes.length; at = scanners[pattern](bytes, at, bytes.length)) words.push(at);
  const entries = new Map(start.map((id) => [id, Uint8Array.of(id - firstByte)]));
  const joined = ([left, right]: PairPlaces['pair']) => Uint8Array.of(...entries.get(left)!, ...entries.get(right)!);

  const steps: LearntStep[] = [];
  let sequence = sequenceOf(start, words);
  while (steps.length < most) {
    const pairs = ranking(sequence).filter(({ pair }) => !spellsSpecial(joined(pair)));
    const best = pairs[0];
    if (!best || best.at.length < leastCount) break;
    const merged = firstMerge + steps.length;
    const at = apart(best.at);
    const ties = pairs.filter((other) => other.at.length === best.at.length).length - 1;
    entries.set(merged, joined(best.pair));
    sequence = mergedAt(sequence, at, merged);
    steps.push({ pair: best.pair, merged, count: best.at.length, ties, at, tokens: sequence.tokens });
  }
  return { start, words, steps, entries };
}

/** All pairs, the most frequent first; of equals the smallest left id, then the smallest right id. */
export function ranking(sequence: Sequence): PairPlaces[] {
  return pairsOf(sequence).sort((a, b) => b.at.length - a.at.length || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1]);
}

/** Of places that overlap the left ones: in `aaa` only the first two become one. */
function apart(at: readonly number[]): number[] {
  const places: number[] = [];
  for (const place of at) if (places.at(-1) !== place - 1) places.push(place);
  return places;
}

/** An entry that spells a special token would be confused with it in files that name entries by their text. */
function spellsSpecial(bytes: Uint8Array): boolean {
  const text = textOf(bytes);
  return ownSpecial.some((token) => token.text === text);
}
