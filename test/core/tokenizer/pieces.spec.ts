import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTokenizer } from '../../../src/core/tokenizer/encode';
import { pieces } from '../../../src/core/tokenizer/pieces';
import { trainTokenizer } from '../../../src/core/tokenizer/train';
import { trickyCharacters, trickyText } from './texts';

const texts = [trickyCharacters.join('').repeat(3), 'the theatre of the abbey; aaaaaaaaaaaa\n  if (x) { y(); }\n'.repeat(6)];

test.each(['llama3', 'gpt2', 'cl100k', 'o200k'] as const)('tokens of pieces are those of the whole (%s)', async (pattern) => {
  const tokenizer = createTokenizer((await trainTokenizer(texts, { vocabSize: 380, pattern })).vocabulary, pattern);
  let cuts = 0;
  fc.assert(
    fc.property(fc.array(trickyText, { maxLength: 20 }), fc.integer({ min: 1, max: 40 }), (parts, length) => {
      const text = parts.join('');
      const cut = [...pieces(text, tokenizer, length)];
      cuts += cut.length - 1;
      expect(cut.join('')).toBe(text);
      for (const piece of cut.slice(0, -1)) expect(piece.length).toBeGreaterThanOrEqual(length);
      expect(cut.flatMap((piece) => [...tokenizer.encode(piece)])).toEqual([...tokenizer.encode(text)]);
    }),
    { numRuns: 500 },
  );
  expect(cuts).toBeGreaterThan(500);
});

test('a long text is cut every megabyte, and not at all for a tokenizer that knows of no safe place', () => {
  const text = 'a few words '.repeat(400_000);
  expect([...pieces(text, { isSafeCut: (before) => before !== 0x20 })].map(({ length }) => length >> 20)).toEqual([1, 1, 1, 1, 0]);
  expect([...pieces(text, {})]).toEqual([text]);
});
