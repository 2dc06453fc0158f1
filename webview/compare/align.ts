/**
 * Several ways to cut one text, laid over each other: the text falls into atoms at every place where anyone cuts, so that in
 * each row an atom holds the same text, and boundaries that are not shared stand out. Pure.
 */
import type { EncodedText } from '../../src/core/tokenizer/types';

export interface Cell {
  /** Tokens of the row that have part in the atom; several where a character is cut into bytes. */
  readonly tokens: readonly number[];
  /** A token begins where the atom does, and none reaches across. */
  readonly begins: boolean;
  /** Some rows cut here and others do not. */
  readonly differs: boolean;
}

export interface Atom {
  readonly start: number;
  readonly end: number;
  /** One per row. */
  readonly cells: readonly Cell[];
}

export interface Alignment {
  readonly atoms: readonly Atom[];
  /** Places inside the text where at least one row cuts, and those of them where not all do. */
  readonly boundaries: number;
  readonly differing: number;
}

export function align(length: number, rows: readonly (EncodedText | null)[]): Alignment {
  const places = new Set([0, length]);
  for (const row of rows) {
    for (const place of row?.start ?? []) places.add(place);
    for (const place of row?.end ?? []) places.add(place);
  }
  const ordered = [...places].filter((place) => place <= length).sort((a, b) => a - b);
  const cuts = rows.map((row) => (row ? cutsOf(row) : null));
  const first = rows.map(() => 0);
  let [boundaries, differing] = [0, 0];
  const atoms: Atom[] = [];
  for (let i = 0; i + 1 < ordered.length; i++) {
    const [start, end] = [ordered[i]!, ordered[i + 1]!];
    const known = cuts.filter((row) => row !== null);
    const cutting = known.filter((row) => row.has(start)).length;
    const differs = start > 0 && cutting > 0 && cutting < known.length;
    if (start > 0 && cutting > 0) boundaries++;
    if (differs) differing++;
    const cells = rows.map((row, r): Cell => {
      if (!row) return { tokens: [], begins: false, differs: false };
      const tokens: number[] = [];
      let at = first[r]!;
      while (at < row.ids.length && row.end[at]! <= start) at++;
      first[r] = at;
      // Spans of the pieces of one character overlap, and never reach back behind a whole token.
      for (let token = at; token < row.ids.length && row.start[token]! < end; token++) if (row.end[token]! > start) tokens.push(token);
      return { tokens, begins: start === 0 || cuts[r]!.has(start), differs };
    });
    atoms.push({ start, end, cells });
  }
  return { atoms, boundaries, differing };
}

/** Where one token ends and the next begins, between characters: not inside one that both have bytes of. */
function cutsOf(row: EncodedText): Set<number> {
  const cuts = new Set<number>();
  let reached = 0;
  for (let i = 0; i < row.ids.length; i++) {
    if (row.start[i]! >= reached) cuts.add(row.start[i]!);
    reached = Math.max(reached, row.end[i]!);
  }
  return cuts;
}
