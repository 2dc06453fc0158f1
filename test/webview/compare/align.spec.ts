import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EncodedText } from '../../../src/core/tokenizer/types';
import { align } from '../../../webview/compare/align';

/** Whole tokens that end at these places. */
function cut(ends: readonly number[]): EncodedText {
  const end = Uint32Array.from(ends);
  const start = Uint32Array.from(ends, (_, i) => ends[i - 1] ?? 0);
  return { ids: end, start, end, byteStart: start, byteEnd: end, fragment: new Uint8Array(ends.length) };
}

const cuts = (length: number) =>
  fc.uniqueArray(fc.integer({ min: 1, max: length - 1 })).map((places) => [...places.sort((a, b) => a - b), length]);

describe('rows over each other', () => {
  it('cover the text once, and every row says where it cuts', () => {
    fc.assert(
      fc.property(fc.array(cuts(20), { minLength: 1, maxLength: 4 }), (rows) => {
        const { atoms, boundaries, differing } = align(20, rows.map(cut));
        expect(atoms[0]!.start).toBe(0);
        expect(atoms.at(-1)!.end).toBe(20);
        for (const [i, atom] of atoms.entries()) if (i > 0) expect(atom.start).toBe(atoms[i - 1]!.end);
        for (const [r, ends] of rows.entries()) {
          expect(atoms.filter(({ cells }) => cells[r]!.begins).map(({ start }) => start)).toEqual([0, ...ends.slice(0, -1)]);
          for (const { start, cells } of atoms) expect(cells[r]!.tokens).toEqual([ends.findIndex((end) => end > start)]);
        }
        const inner = (places: readonly number[]) => places.slice(0, -1);
        const any = new Set(rows.flatMap(inner));
        const all = [...any].filter((place) => rows.every((row) => row.includes(place)));
        expect([boundaries, differing]).toEqual([any.size, any.size - all.length]);
      }),
    );
  });

  it('does not cut inside a character that several tokens have bytes of', () => {
    // "a🦊b": one row has the fox whole, the other in two tokens of which the first holds the "a" too.
    const whole = cut([1, 3, 4]);
    const pieces = { ...cut([3, 3, 4]), start: Uint32Array.of(0, 1, 3), fragment: Uint8Array.of(1, 1, 0) };
    const { atoms, boundaries, differing } = align(4, [whole, pieces]);
    expect(atoms.map(({ start, end }) => [start, end])).toEqual([
      [0, 1],
      [1, 3],
      [3, 4],
    ]);
    expect(atoms.map(({ cells }) => cells[1]!.tokens)).toEqual([[0], [0, 1], [2]]);
    expect(atoms[1]!.cells.map(({ begins }) => begins)).toEqual([true, false]);
    expect([boundaries, differing]).toEqual([2, 1]);
  });

  it('leaves out a row that could not be read', () => {
    const { atoms, differing } = align(4, [cut([2, 4]), null]);
    expect(differing).toBe(0);
    expect(atoms[0]!.cells[1]).toEqual({ tokens: [], begins: false, differs: false });
    expect(align(0, [cut([])]).atoms).toEqual([]);
  });
});
