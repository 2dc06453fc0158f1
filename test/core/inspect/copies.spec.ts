import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COPIED_CHARACTERS, CopyFinder, copiedShare } from '../../../src/core/inspect/copies';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function find(written: string, documents: readonly string[], minimum = COPIED_CHARACTERS) {
  const bytes = encoder.encode(written);
  const finder = new CopyFinder(bytes, minimum);
  for (const document of documents) {
    finder.startDocument();
    // Cut anywhere, as a file of tokens is.
    const fed = encoder.encode(document);
    for (let at = 0; at < fed.length; at += 7) finder.feed(fed.subarray(at, at + 7));
  }
  return finder.runs();
}

/** Every character that lies in a substring of `minimum` characters that stands in some document. */
function naive(written: string, documents: readonly string[], minimum: number): Set<number> {
  const characters = [...written];
  const copied = new Set<number>();
  for (let from = 0; from + minimum <= characters.length; from++) {
    const run = characters.slice(from, from + minimum).join('');
    if (documents.some((document) => document.includes(run))) for (let at = from; at < from + minimum; at++) copied.add(at);
  }
  return copied;
}

describe('what was copied from the training text', () => {
  test('a run is found whole, with the place it was copied from', () => {
    const source = 'Maître Corbeau, sur un arbre perché, tenait en son bec un fromage.';
    const written = `On dit que ${source.slice(0, 48)} et puis rien.`;
    const [run, ...others] = find(written, ['Autre chose.', `Fable. ${source}`]);
    expect(others).toEqual([]);
    expect(decoder.decode(encoder.encode(written).subarray(run!.byteStart, run!.byteEnd))).toBe(` ${source.slice(0, 48)}`);
    expect(run).toMatchObject({ document: 1, offset: encoder.encode('Fable.').length });
  });

  test('shorter runs, and white space alone, are nobody’s', () => {
    const source = 'abcdefghijklmnopqrstuvwxyz0123456789';
    expect(find(`... ${source.slice(0, 29)} ...`, [source])).toEqual([]);
    expect(find(' '.repeat(80), [' '.repeat(200)])).toEqual([]);
    expect(find('', [source])).toEqual([]);
    expect(find(source, [])).toEqual([]);
  });

  test('no run goes from one document into the next', () => {
    const source = 'abcdefghijklmnopqrstuvwxyz0123456789';
    expect(find(source, [source.slice(0, 20), source.slice(20)])).toEqual([]);
  });

  test('an end inside a character is cut back to the character before', () => {
    // é and è share their first byte.
    const written = `${'x'.repeat(31)}é`;
    const [run] = find(written, [`${'x'.repeat(31)}è`]);
    expect(run).toMatchObject({ byteStart: 0, byteEnd: 31 });
  });

  test('equals the naive search on random texts of few letters', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é', 'è', '🙂'), maxLength: 60 });
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 4 }), fc.integer({ min: 2, max: 6 }), (written, documents, minimum) => {
        const bytes = encoder.encode(written);
        const covered = new Set<number>();
        for (const run of find(written, documents, minimum)) {
          const copied = decoder.decode(bytes.subarray(run.byteStart, run.byteEnd));
          const at = encoder.encode(documents[run.document]!).subarray(run.offset, run.offset + run.byteEnd - run.byteStart);
          expect(decoder.decode(at)).toBe(copied);
          const first = [...decoder.decode(bytes.subarray(0, run.byteStart))].length;
          for (let character = 0; character < [...copied].length; character++) covered.add(first + character);
        }
        expect([...covered].sort((a, b) => a - b)).toEqual([...naive(written, documents, minimum)].sort((a, b) => a - b));
      }),
      { numRuns: 500 },
    );
  });

  test('the share counts a byte once', () => {
    const at = { document: 0, offset: 0 };
    const runs = [
      { byteStart: 0, byteEnd: 40, ...at },
      { byteStart: 20, byteEnd: 60, ...at },
    ];
    expect(copiedShare(runs, 120)).toBe(0.5);
    expect(copiedShare([], 0)).toBe(0);
  });
});
