import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CharClass, readUtf8, textOf, unicodeTable, utf8, validTextOf } from '../../../src/core/tokenizer/unicode';
import { unicodeVersion } from '../../../src/core/tokenizer/unicode.generated';
import { classes } from './golden';
import { trickyText, wellFormed } from './texts';

describe('characters', () => {
  it('have the classes that the reference libraries give them', () => {
    expect(unicodeVersion).toBe('16.0.0');
    const wanted = new Uint8Array(0x110000);
    for (const name of ['upper', 'lower', 'letter', 'mark', 'number', 'space'] as const) {
      const ranges = classes[name]!;
      for (let i = 0; i < ranges.length; i += 2) wanted.fill(CharClass[name], ranges[i], ranges[i + 1]! + 1);
    }
    for (const newline of [10, 13]) wanted[newline] = CharClass.newline;
    expect(
      Buffer.compare(
        unicodeTable.map((entry) => entry & 7),
        wanted,
      ),
    ).toBe(0);
  });

  it('fold three ways into s: the contraction scanner counts on it', () => {
    expect(classes.s).toEqual([0x53, 0x53, 0x73, 0x73, 0x17f, 0x17f]);
  });

  it('are read from UTF-8 as the platform reads them', () => {
    fc.assert(
      fc.property(trickyText.map(wellFormed), (text) => {
        const bytes = utf8(text);
        const read: number[] = [];
        for (let at = 0; at < bytes.length; ) {
          const one = readUtf8(bytes, at, bytes.length);
          read.push(one >> 3);
          at += one & 7;
        }
        expect(read).toEqual(Array.from(text, (character) => character.codePointAt(0)));
      }),
    );
  });

  it('that are not valid UTF-8 count byte by byte', () => {
    const likely = fc.constantFrom(0x41, 0x80, 0xbf, 0xc0, 0xc2, 0xe0, 0xa0, 0xed, 0x9f, 0xef, 0xf0, 0x90, 0xf4, 0x8f, 0xf5, 0xff);
    fc.assert(
      fc.property(fc.array(likely, { maxLength: 8 }), (values) => {
        const bytes = Uint8Array.from(values);
        for (let at = 0; at < bytes.length; ) {
          const one = readUtf8(bytes, at, bytes.length);
          const part = bytes.subarray(at, at + (one & 7));
          const text = validTextOf(part);
          if (text === null) expect([part.length, one >> 3]).toEqual([1, 0xfffd]);
          else expect([...text].map((character) => character.codePointAt(0))).toEqual([one >> 3]);
          // Nothing valid was taken for invalid.
          for (let end = at + 1; end <= Math.min(bytes.length, at + 4) && text === null; end++) {
            expect(validTextOf(bytes.subarray(at, end))).toBeNull();
          }
          at += one & 7;
        }
      }),
      { numRuns: 1000 },
    );
    expect(textOf(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa');
  });
});
