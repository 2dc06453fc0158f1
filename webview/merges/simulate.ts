/** A real tokenizer for fixtures, learnt on the spot from a handful of words, and what the host would answer with it. */
import { learningSteps } from '../../src/core/tokenizer/learning';
import { mergedAt, pairKey, pairsOf, sequenceOf } from '../../src/core/tokenizer/sequence';
import type { KnownMerge, MergeStep } from '../../src/core/tokenizer/types';
import type { TokenInfo } from '../../src/protocol/engine';
import type { MergesView } from '../../src/protocol/panels';

const texts = {
  french:
    'constitution institution nation station antique anticorps anticonstitutionnel constitutionnellement nationale rationnellement réellement moment élément traitement lentement nouvellement elle belle quelle nelle tionnel ment ment le la les un une du des et est naissent libres égaux en dignité et en droits raison conscience fraternité êtres humains tous les êtres humains',
  english:
    'international national nation internet interval intern nationality nationalization realization organization localization civilization action station the and of to in is that born free equal in dignity and rights reason conscience brotherhood human beings all human beings are endowed with the spirit of',
  emoji: 'été été café café 🦊 🦊 🦊 🐢 🐢 سلام سلام سلام السلام عليكم',
};

export type FixtureName = keyof typeof texts;

export class FixtureTokenizer {
  private readonly merges = new Map<number, KnownMerge>();
  private readonly madeBy = new Map<number, KnownMerge>();

  constructor(name: FixtureName, most: number) {
    for (const [rank, { pair, merged }] of learningSteps(texts[name], 'llama3', most).steps.entries()) {
      this.merges.set(pairKey(...pair), { pair, merged, rank });
      this.madeBy.set(merged, { pair, merged, rank });
    }
  }

  bytes(id: number): Uint8Array {
    const made = this.madeBy.get(id);
    return made ? Uint8Array.of(...this.bytes(made.pair[0]), ...this.bytes(made.pair[1])) : Uint8Array.of(id - 4);
  }

  view(text: string): MergesView {
    const { start, words } = learningSteps(text, 'llama3', 0);
    const steps: MergeStep[] = [];
    const known = new Map<number, KnownMerge>();
    let sequence = sequenceOf(start, words);
    for (;;) {
      const possible = pairsOf(sequence).flatMap(({ pair, at }) => {
        const merge = this.merges.get(pairKey(...pair));
        if (merge) known.set(merge.merged, merge);
        return merge ? [{ merge, at: at.filter((place, i) => at[i - 1] !== place - 1) }] : [];
      });
      const next = possible.sort((a, b) => a.merge.rank - b.merge.rank)[0];
      if (!next) break;
      sequence = mergedAt(sequence, next.at, next.merge.merged);
      steps.push({ ...next.merge, at: next.at, tokens: sequence.tokens });
    }
    const merges = [...known.values()];
    const ids = new Set([...start, ...merges.flatMap(({ pair, merged }) => [...pair, merged])]);
    return {
      start: Uint32Array.from(start),
      words: Uint32Array.from(words),
      tokens: Uint32Array.from(sequence.tokens),
      known: merges,
      steps,
      entries: [...ids].map((id) => ({ id, bytes: this.bytes(id) })),
    };
  }

  entry(id: number): TokenInfo {
    const path: TokenInfo['path'][number][] = [];
    const collect = (entry: number) => {
      const made = this.madeBy.get(entry);
      if (!made || path.some(({ merged }) => merged === entry)) return;
      const [left, right] = made.pair;
      collect(left);
      collect(right);
      path.push({ left, right, merged: entry, rank: made.rank, leftBytes: this.bytes(left), rightBytes: this.bytes(right) });
    };
    collect(id);
    return { id, bytes: this.bytes(id), text: null, rank: this.madeBy.get(id)?.rank ?? null, path, special: false };
  }
}

const made = new Map<string, FixtureTokenizer>();

export function fixtureTokenizer(name: FixtureName, merges = 160): FixtureTokenizer {
  const key = `${name} ${merges}`;
  const tokenizer = made.get(key) ?? new FixtureTokenizer(name, merges);
  made.set(key, tokenizer);
  return tokenizer;
}
