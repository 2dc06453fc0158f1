import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ByteLevelTokenizer, createTokenizer } from '../../../src/core/tokenizer/encode';
import { scanners } from '../../../src/core/tokenizer/pretokenize';
import { vocabularyFromRanks } from '../../../src/core/tokenizer/ranks';
import { trainTokenizer } from '../../../src/core/tokenizer/train';
import { utf8 } from '../../../src/core/tokenizer/unicode';
import type { Vocabulary } from '../../../src/core/tokenizer/vocabulary';
import { repetitiveText, trickyCharacters, trickyText, wellFormed } from './texts';

/** Lowest rank first, looking at every pair of a word each time. */
function slowEncode(vocabulary: Vocabulary, text: string): number[] {
  const bytes = utf8(text);
  const ids: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = scanners[vocabulary.pattern](bytes, at, bytes.length);
    const word = Array.from(bytes.subarray(at, end), (byte) => vocabulary.byteIds[byte]!);
    for (;;) {
      let best: { at: number; rank: number } | undefined;
      for (let i = 0; i + 1 < word.length; i++) {
        const rank = vocabulary.left.findIndex((left, merge) => left === word[i] && vocabulary.right[merge] === word[i + 1]);
        if (rank >= 0 && (best === undefined || rank < best.rank)) best = { at: i, rank };
      }
      if (best === undefined) break;
      word.splice(best.at, 2, vocabulary.merged[best.rank]!);
    }
    ids.push(...word);
    at = end;
  }
  return ids;
}

let tokenizer: ByteLevelTokenizer;
let whole: ByteLevelTokenizer;

beforeAll(async () => {
  const texts = [trickyCharacters.join('').repeat(3), 'the theatre of the abbey; aaaaaaaaaaaaaaaa '.repeat(4), '👨‍👩‍👧 é '.repeat(5)];
  tokenizer = createTokenizer((await trainTokenizer(texts, { vocabSize: 400, pattern: 'llama3' })).vocabulary, 'test');
  whole = createTokenizer((await trainTokenizer(texts, { vocabSize: 400, pattern: 'none' })).vocabulary, 'test, no words');
});

describe('encoding', () => {
  it('merges the lowest rank first, as the slow encoder does', () => {
    fc.assert(
      fc.property(fc.oneof(trickyText, repetitiveText), (text) => {
        expect([...tokenizer.encode(text)]).toEqual(slowEncode(tokenizer.vocabulary, text));
      }),
      { numRuns: 400 },
    );
  });

  it('gives long words the tokens that short ones get', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(trickyText, repetitiveText), { minLength: 8, maxLength: 14 }), (parts) => {
        const text = parts.join('');
        expect([...whole.encode(text)]).toEqual(slowEncode(whole.vocabulary, text));
      }),
      { numRuns: 60 },
    );
  });

  it('gives any bytes back exactly, without <unk>', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), trickyText.map(utf8)), (bytes) => {
        for (const one of [tokenizer, whole]) {
          const ids = one.encodeBytes(bytes);
          expect(one.decodeBytes(ids)).toEqual(Uint8Array.from(bytes));
          expect(ids.every((id) => id >= 4)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives any text back, lone surrogates as U+FFFD', () => {
    fc.assert(
      fc.property(trickyText, (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(wellFormed(text));
      }),
    );
    expect(tokenizer.decode(tokenizer.encode('\ufeffa'))).toBe('\ufeffa');
  });

  it('is near-linear in a word of a megabyte', () => {
    const text = 'a'.repeat(1e6);
    const began = performance.now();
    const ids = tokenizer.encode(text);
    // A quarter of a second; with quadratic work it would be hours.
    expect(performance.now() - began).toBeLessThan(5000);
    expect(ids.length).toBeLessThanOrEqual(1e6 / 8);
    expect(tokenizer.decodeBytes(ids).length).toBe(1e6);
  });

  it('goes on rightly when its cache of words overflows', () => {
    const text = Array.from({ length: 60_000 }, (_, i) => `w${i.toString(36)}x${i}`).join(' ');
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    expect([...tokenizer.encode('the abbey')]).toEqual(slowEncode(tokenizer.vocabulary, 'the abbey'));
  });

  it('takes special tokens for such only when asked', () => {
    expect([...tokenizer.encode('<bos>the<eos>', { special: true })]).toEqual([2, ...tokenizer.encode('the'), 3]);
    const plain = tokenizer.encode('<bos>the<eos>');
    expect(plain.every((id) => id >= 4)).toBe(true);
    expect(tokenizer.decode(tokenizer.encode('a<pad><unk>b', { special: true }))).toBe('a<pad><unk>b');
    expect(tokenizer.encode('', { special: true }).length).toBe(0);
  });

  it('knows ranks and parents of its entries', () => {
    expect(tokenizer.rank(260)).toBe(0);
    expect(tokenizer.rank(3)).toBeUndefined();
    expect(tokenizer.rank(100)).toBeUndefined();
    expect(tokenizer.parents(100)).toBeUndefined();
    for (let id = 260; id < tokenizer.vocabSize; id++) {
      const [left, right] = tokenizer.parents(id)!;
      expect([...tokenizer.tokenBytes(left), ...tokenizer.tokenBytes(right)]).toEqual([...tokenizer.tokenBytes(id)]);
    }
    for (const id of [-1, 1.5, tokenizer.vocabSize]) {
      expect(() => tokenizer.tokenBytes(id)).toThrow(expect.objectContaining({ code: 'tokenizer.badId' }));
      expect(() => tokenizer.rank(id)).toThrow(expect.objectContaining({ code: 'tokenizer.badId' }));
    }
  });

  it('shows the merges of any vocabulary as encoding makes them, of equal ranks the left one first', () => {
    const letters = fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 24 }).map((parts) => parts.join(''));
    const entries = fc.uniqueArray(fc.array(fc.constantFrom('a', 'b'), { minLength: 2, maxLength: 5 }).map((parts) => parts.join('')));
    fc.assert(
      fc.property(letters, entries, (text, learnt) => {
        const ranked = vocabularyFromRanks(['a', 'b', ...learnt].map(utf8), [], 'none', {});
        const one = createTokenizer({ ...ranked, wholeWords: false }, 'ranked');
        const { start, steps, tokens } = one.merges(text);
        expect(steps.at(-1)?.tokens ?? start).toEqual([...one.encode(text)]);
        expect(tokens).toEqual([...one.encode(text)]);
      }),
      { numRuns: 100 },
    );
  });

  it('says what a whole word is where no merges lead to it', () => {
    const whole = createTokenizer(vocabularyFromRanks(['a', 'b', 'c', 'abc'].map(utf8), [], 'none', {}), 'whole');
    expect(whole.merges('abc')).toMatchObject({ start: [0, 1, 2], steps: [], tokens: [3] });
  });

  it('shows the merges step by step, ending where encoding ends', () => {
    fc.assert(
      fc.property(fc.oneof(trickyText, repetitiveText), (text) => {
        const { steps, start, words } = tokenizer.merges(text);
        let tokens: readonly number[] = start;
        expect(start).toEqual(Array.from(utf8(text), (byte) => byte + 4));
        expect(words.length === 0 ? start.length : words[0]).toBe(0);
        for (const step of steps) {
          for (const at of step.at) expect([tokens[at], tokens[at + 1]]).toEqual(step.pair);
          expect(step.tokens.length).toBe(tokens.length - step.at.length);
          tokens = step.tokens;
        }
        expect(tokens).toEqual([...tokenizer.encode(text)]);
        expect(steps.map((step) => step.rank)).toEqual(steps.map((step) => step.rank).sort((a, b) => a - b));
      }),
      { numRuns: 300 },
    );
  });
});
