/**
 * A text as tokens cut into words, small enough to be shown one merge at a time: which neighbours stand where, and what is
 * left after a merge. Shared by the two ways to choose a merge, which never mix: encoding (steps.ts) and training (learning.ts).
 */

export interface Sequence {
  readonly tokens: readonly number[];
  /** `opens[i]`: token i begins a word. No merge crosses there. */
  readonly opens: readonly boolean[];
}

/** Two neighbours in one word and every place they stand at: overlapping ones too (`aaaa` has (a, a) three times). */
export interface PairPlaces {
  readonly pair: readonly [left: number, right: number];
  /** Positions of the left one, ascending. */
  readonly at: readonly number[];
}

/** The sequence of `tokens` whose words begin at these positions, ascending. */
export function sequenceOf(tokens: ArrayLike<number>, words: ArrayLike<number>): Sequence {
  const opens = Array.from(tokens, () => false);
  for (const word of Array.from(words)) opens[word] = true;
  return { tokens: Array.from(tokens), opens };
}

/** All pairs, in the order in which they are met. */
export function pairsOf({ tokens, opens }: Sequence): PairPlaces[] {
  const found = new Map<number, { pair: readonly [number, number]; at: number[] }>();
  for (let i = 0; i + 1 < tokens.length; i++) {
    if (opens[i + 1]) continue;
    const [left, right] = [tokens[i]!, tokens[i + 1]!];
    const key = pairKey(left, right);
    const known = found.get(key);
    if (known) known.at.push(i);
    else found.set(key, { pair: [left, right], at: [i] });
  }
  return [...found.values()];
}

/** One number for a pair of ids (each below 2^26). */
export function pairKey(left: number, right: number): number {
  return left * 2 ** 26 + right;
}

/** What is left when the tokens at each of these places and their right neighbours become one. The places do not overlap. */
export function mergedAt({ tokens, opens }: Sequence, at: readonly number[], merged: number): Sequence {
  const next = { tokens: [] as number[], opens: [] as boolean[] };
  for (let i = 0, place = 0; i < tokens.length; i++) {
    const here = at[place] === i;
    next.tokens.push(here ? merged : tokens[i]!);
    next.opens.push(opens[i]!);
    if (!here) continue;
    place++;
    i++;
  }
  return next;
}
