/**
 * The two ways from bytes to tokens as one film for the panel: a sequence for every step, the pair that is merged next, and the
 * table it was chosen from. What is chosen by (rank or count) comes from the engine's or the trainer's steps; nothing is chosen here.
 */
import { type Learning, ranking } from '../../src/core/tokenizer/learning';
import { mergedAt, pairKey, pairsOf, type Sequence, sequenceOf } from '../../src/core/tokenizer/sequence';
import type { MergesView } from '../../src/protocol/panels';

export type Mode = 'encoding' | 'training';

export interface Step {
  readonly pair: readonly [number, number];
  readonly merged: number;
  /** Its rank (encoding) or how often it stood there (training). */
  readonly value: number;
  readonly at: readonly number[];
  /** Training: other pairs that stood there as often. */
  readonly ties: number;
}

export interface Row {
  readonly pair: readonly [number, number];
  readonly bytes: Uint8Array;
  readonly value: number;
  readonly at: readonly number[];
  readonly chosen: boolean;
}

export class Film {
  private readonly sequences: Sequence[];

  constructor(
    readonly mode: Mode,
    start: Sequence,
    readonly steps: readonly Step[],
    private readonly entries: ReadonlyMap<number, Uint8Array>,
    private readonly choiceOf: (pair: readonly [number, number], at: readonly number[]) => number | undefined,
    /** The encoding, where whole words make it differ from what the steps lead to. */
    readonly encoded: readonly number[] | null,
  ) {
    this.sequences = [start];
    for (const step of steps) this.sequences.push(mergedAt(this.sequences.at(-1)!, step.at, step.merged));
  }

  /** After so many steps. */
  sequence(step: number): Sequence {
    return this.sequences[step]!;
  }

  bytes(id: number): Uint8Array {
    return this.entries.get(id) ?? new Uint8Array(0);
  }

  /** Positions, in the sequence after `step` steps, of what the last of them made. */
  made(step: number): number[] {
    return this.steps[step - 1]?.at.map((place, before) => place - before) ?? [];
  }

  /** The pairs to choose from after so many steps, the chosen one first. */
  rows(step: number): Row[] {
    const next = this.steps[step];
    const sequence = this.sequence(step);
    const pairs = this.mode === 'training' ? ranking(sequence) : pairsOf(sequence);
    const rows = pairs.flatMap(({ pair, at }): Row[] => {
      const value = this.choiceOf(pair, at);
      if (value === undefined) return [];
      const chosen = next !== undefined && pair[0] === next.pair[0] && pair[1] === next.pair[1];
      return [{ pair, at, value, chosen, bytes: Uint8Array.of(...this.bytes(pair[0]), ...this.bytes(pair[1])) }];
    });
    const chosenFirst = (a: Row, b: Row) => Number(b.chosen) - Number(a.chosen);
    return this.mode === 'training' ? rows.sort(chosenFirst) : rows.sort((a, b) => chosenFirst(a, b) || a.value - b.value);
  }
}

export function encodingFilm(view: MergesView): Film {
  const ranks = new Map(view.known.map(({ pair, rank }) => [pairKey(...pair), rank]));
  const last = view.steps.at(-1)?.tokens ?? [...view.start];
  const same = last.length === view.tokens.length && last.every((id, i) => id === view.tokens[i]);
  return new Film(
    'encoding',
    sequenceOf(view.start, view.words),
    view.steps.map(({ pair, merged, rank, at }) => ({ pair, merged, value: rank, at, ties: 0 })),
    new Map(view.entries.map(({ id, bytes }) => [id, bytes])),
    (pair) => ranks.get(pairKey(...pair)),
    same ? null : [...view.tokens],
  );
}

export function trainingFilm({ start, words, steps, entries }: Learning): Film {
  return new Film(
    'training',
    sequenceOf(start, words),
    steps.map(({ pair, merged, count, at, ties }) => ({ pair, merged, value: count, at, ties })),
    entries,
    (_, at) => at.length,
    null,
  );
}
