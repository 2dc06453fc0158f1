import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EncodedText } from '../../src/core/tokenizer/types';
import { clip, type Lines, type Place, type Span } from '../../src/host/services/clip';
import { piece, visible } from '../../src/host/services/piece';
import { words } from '../../src/host/services/words';
import { addBands, emptyPaint } from '../../src/host/tokens/bands';
import { fragmentPlace, statusLines, statusText, tokenLines } from '../../src/host/tokens/text';

const span = (a: number, b: number, c: number, d: number): Span => ({ start: { line: a, character: b }, end: { line: c, character: d } });
const english = words((message, ...args) => message.replace(/\{(\d)\}/g, (_, i) => String(args[Number(i)])), 'en');

/** Tokens of given pieces of a text, none of them a fragment. */
function encoded(pieces: string[], from = 0): EncodedText {
  const ends: number[] = [];
  for (const each of pieces) ends.push((ends.at(-1) ?? from) + each.length);
  const starts = [from, ...ends.slice(0, -1)];
  return {
    ids: Uint32Array.from(pieces, (_, i) => i),
    start: Uint32Array.from(pieces.length ? starts : []),
    end: Uint32Array.from(ends),
    byteStart: Uint32Array.from(pieces.length ? starts : []),
    byteEnd: Uint32Array.from(ends),
    fragment: new Uint8Array(pieces.length),
  };
}

/** Adds bands in one go; gives how many turns it would have taken. */
function paintAll(...args: Parameters<typeof addBands>): number {
  return [...addBands(...args)].length + 1;
}

describe('clip', () => {
  const lines = (...lengths: number[]): Lines => ({ count: lengths.length, length: (line) => lengths[line]! });
  const limits = { margin: 1, around: 1_000, columns: 100, total: 1_000 };

  test('takes what is visible and a margin, as one piece', () => {
    expect(clip([span(2, 0, 3, 4)], lines(5, 5, 5, 5, 5, 5), { line: 0, character: 0 }, limits)).toEqual([span(1, 0, 4, 5)]);
  });

  test('joins overlapping visible ranges (folded editors) and keeps far ones apart', () => {
    const all = lines(...new Array<number>(30).fill(3));
    const folded = [span(20, 0, 21, 0), span(0, 0, 2, 0), span(4, 0, 5, 0)];
    expect(clip(folded, all, { line: 0, character: 0 }, limits)).toEqual([span(0, 0, 6, 3), span(19, 0, 22, 3)]);
  });

  test('takes of a line of 2 MB its beginning and what is around the cursor, the same for near cursors', () => {
    const long = lines(2_000_000);
    const at = (character: number) => clip([span(0, 0, 0, 2_000_000)], long, { line: 0, character });
    const [head, window] = at(1_234_567);
    expect(head).toEqual(span(0, 0, 0, 4_000));
    expect(window!.end.character - window!.start.character).toBe(4_000);
    expect(window!.start.character).toBeLessThanOrEqual(1_234_567 - 1_000);
    expect(window!.end.character).toBeGreaterThanOrEqual(1_234_567 + 1_000);
    expect(at(1_234_570)).toEqual([head, window]);
    expect(at(0)).toEqual([head]);
    expect(at(3_600)).toEqual([span(0, 0, 0, 6_000)]);
    expect(at(2_000_000)).toEqual([head, span(0, 1_996_000, 0, 2_000_000)]);
  });

  test('many long lines share a budget alike, and short ones are whole', () => {
    const lengths = [...new Array<number>(40).fill(2_000), 30, 0, 70];
    const pieces = clip(
      [span(0, 0, 42, 9)],
      lines(...lengths),
      { line: 3, character: 1_500 },
      { ...limits, total: 20_000, columns: 10_000 },
    );
    const total = pieces.reduce((sum, { start, end }) => sum + (start.line === end.line ? end.character - start.character : 100), 0);
    expect(total).toBeGreaterThan(19_000);
    expect(total).toBeLessThanOrEqual(20_000);
    // Beginnings, and the cursor's column in all of them: that is where the editor is scrolled to.
    for (const line of [0, 3, 39]) {
      const own = pieces.filter(({ start }) => start.line === line);
      expect(own[0]).toEqual(span(line, 0, line, 248));
      expect(own[1]!.start.character).toBeLessThan(1_450);
      expect(own[1]!.end.character).toBeGreaterThan(1_550);
    }
    expect(pieces.at(-1)).toEqual(span(40, 0, 42, 70));
  });

  test('what is visible goes before the margin: long lines around it take no room from it', () => {
    const long = { ...limits, margin: 25, around: 300, total: 1_000 };
    const pieces = clip([span(30, 0, 34, 0)], lines(...new Array<number>(60).fill(100)), { line: 0, character: 0 }, long);
    expect(pieces).toEqual([span(28, 0, 36, 100)]);
  });

  test('is inside the document, in order, without overlap, whatever is visible', () => {
    const place: fc.Arbitrary<Place> = fc.record({ line: fc.nat(39), character: fc.nat(300) });
    const visibleRanges = fc.array(fc.tuple(fc.nat(39), fc.nat(5)).map(([line, height]) => span(line, 0, Math.min(39, line + height), 0)));
    fc.assert(
      fc.property(visibleRanges, fc.array(fc.nat(250), { minLength: 40, maxLength: 40 }), place, (ranges, lengths, cursor) => {
        let before: Place = { line: 0, character: -1 };
        for (const { start, end } of clip(ranges, lines(...lengths), cursor, limits)) {
          expect(start.line > before.line || start.character > before.character).toBe(true);
          expect(end.line >= start.line && end.character <= lengths[end.line]!).toBe(true);
          before = end;
        }
      }),
    );
  });
});

describe('bands', () => {
  test('alternate, and start anew on every line', () => {
    const paint = emptyPaint();
    const text = 'ab cd\nef gh';
    paintAll(paint, encoded(['ab', ' cd', '\n', 'ef', ' gh']), { text, offset: 0, start: { line: 3, character: 2 }, glyphs: false });
    expect(paint.bands[0]).toEqual([span(3, 2, 3, 4), span(4, 0, 4, 2)]);
    expect(paint.bands[1]).toEqual([span(3, 4, 3, 7), span(4, 2, 4, 5)]);
    expect(paint.newlines).toEqual([[], []]);
    expect(paint.spaces).toEqual([]);
  });

  test('glyphs stand at the ends of lines (before the carriage return), on spaces and tabs', () => {
    const paint = emptyPaint();
    paintAll(paint, encoded(['a ', '\r\n', '\tb']), { text: 'a \r\n\tb', offset: 0, start: { line: 0, character: 0 }, glyphs: true });
    expect(paint.newlines[1]).toEqual([span(0, 2, 0, 2)]);
    expect(paint.newlines[0]).toEqual([]);
    expect(paint.spaces).toEqual([span(0, 1, 0, 2)]);
    expect(paint.tabs).toEqual([span(1, 0, 1, 1)]);
  });

  test('much text is done in several turns, and comes to the same', () => {
    const pieces = Array.from({ length: 4_000 }, (_, i) => (i % 10 === 9 ? '\n' : ' x'));
    const window = { text: pieces.join(''), offset: 0, start: { line: 0, character: 0 }, glyphs: true };
    const paint = emptyPaint();
    expect(paintAll(paint, encoded(pieces), window)).toBeGreaterThan(3);
    expect(paint.bands[0].length + paint.bands[1].length).toBe(3_600);
    expect(paint.spaces.length).toBe(3_600);
    expect(paint.bands[0].slice(0, 2)).toEqual([span(0, 0, 0, 2), span(0, 4, 0, 6)]);
  });

  test('tokens that reach out of the window are cut to it', () => {
    const paint = emptyPaint();
    paintAll(paint, encoded(['abcd', 'efgh', 'ijkl'], 10), {
      text: 'cdefghij',
      offset: 12,
      start: { line: 0, character: 12 },
      glyphs: false,
    });
    expect(paint.bands).toEqual([[span(0, 12, 0, 14), span(0, 18, 0, 20)], [span(0, 14, 0, 18)]]);
  });

  test('a character cut into several tokens has one outline and no band', () => {
    const paint = emptyPaint();
    const tokens: EncodedText = {
      ids: Uint32Array.of(1, 2, 3),
      start: Uint32Array.of(0, 0, 2),
      end: Uint32Array.of(2, 2, 3),
      byteStart: Uint32Array.of(0, 2, 4),
      byteEnd: Uint32Array.of(2, 4, 5),
      fragment: Uint8Array.of(1, 1, 0),
    };
    paintAll(paint, tokens, { text: '😀a', offset: 0, start: { line: 0, character: 0 }, glyphs: false });
    expect(paint.fragments).toEqual([span(0, 0, 0, 2)]);
    expect([...paint.bands[0], ...paint.bands[1]]).toEqual([span(0, 2, 0, 3)]);
    expect(fragmentPlace(tokens, 1, (start, end) => '😀a'.slice(start, end))).toEqual({ from: 3, to: 4, of: 4 });
    expect(fragmentPlace(tokens, 2, (start, end) => '😀a'.slice(start, end))).toBeNull();
  });

  test('places of fragments that share only part of their span: a space and half of an é', () => {
    // " é" is 20 c3 a9: [20 c3] spans " é", [a9] spans "é".
    const tokens = { ...encoded(['x', 'y']), fragment: Uint8Array.of(1, 1) };
    const shown = {
      ...tokens,
      start: Uint32Array.of(0, 1),
      end: Uint32Array.of(2, 2),
      byteStart: Uint32Array.of(0, 2),
      byteEnd: Uint32Array.of(2, 3),
    };
    const slice = (start: number, end: number) => ' é'.slice(start, end);
    expect(fragmentPlace(shown, 0, slice)).toEqual({ from: 1, to: 2, of: 3 });
    expect(fragmentPlace(shown, 1, slice)).toEqual({ from: 2, to: 2, of: 2 });
  });

  test('every character of a line is covered once, as VS Code counts lines', () => {
    const word = fc.constantFrom('a', 'bc', ' d', '\n', '\r\n', '  ', 'é', '😀', '\n\n');
    fc.assert(
      fc.property(fc.array(word), (pieces) => {
        const text = pieces.join('');
        const lines = text.split('\n');
        const offset = ({ line, character }: Place) => lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0) + character;
        const paint = emptyPaint();
        paintAll(paint, encoded(pieces), { text, offset: 0, start: { line: 0, character: 0 }, glyphs: true });
        const covered = [...paint.bands[0], ...paint.bands[1]].map(({ start, end }) => [offset(start), offset(end)] as const);
        covered.sort((a, b) => a[0] - b[0]);
        expect(covered.map(([start, end]) => text.slice(start, end)).join('')).toEqual(text.replace(/\r?\n/g, ''));
        expect(covered.every(([start, end]) => end > start)).toBe(true);
      }),
    );
  });
});

describe('words', () => {
  const counts = [
    { name: 'starter', tokens: 61 },
    { name: 'GPT-4o', tokens: 42 },
  ];

  test('the status names its tokenizers', () => {
    expect(statusText(counts, english)).toBe('61 starter · 42 GPT-4o');
    expect(statusText([{ name: 'a-workspace-of-a-long-name-nano-2', tokens: 7 }], english)).toBe('7 a-workspa…e-nano-2');
    expect(statusLines(counts, 183, english)[0]).toBe('starter: 61 tokens for 183 characters, 3 characters a token');
  });

  test('white space and control characters are seen', () => {
    expect(visible('a b\t\r\n\u200d')).toBe('a·b⇥⏎⟨U+200D⟩');
    expect(piece(Uint8Array.of(0x20, 0x74))).toBe('·t');
    expect(piece(Uint8Array.of(0xc3))).toBe('⟨c3⟩');
  });

  test('the hover says how a token was merged and what the model gives it', () => {
    const bytes = (text: string) => new TextEncoder().encode(text);
    const info = {
      id: 300,
      bytes: bytes(' th'),
      text: ' th',
      rank: 40,
      special: false,
      path: [
        { left: 36, right: 120, merged: 280, rank: 20, leftBytes: bytes(' '), rightBytes: bytes('t') },
        { left: 280, right: 108, merged: 300, rank: 40, leftBytes: bytes(' t'), rightBytes: bytes('h') },
      ],
    };
    const lines = tokenLines(
      { info, tokenizer: 'starter', fragment: null, probability: { model: 'starter', share: 0.071, rank: 2 } },
      english,
    );
    expect(lines).toEqual([
      ['Token', '`` ·th `` · id 300 of starter'],
      ['Bytes', '`` 20 74 68 ``'],
      ['Rank', 'merge number 41'],
      ['Merged', '`` · `` + `` t `` → `` ·t `` + `` h ``'],
      ['Probability', 'starter gives it 7.1\u202f% here (choice number 3)'],
    ]);
  });
});
