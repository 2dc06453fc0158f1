import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { DocumentTokens } from '../../../src/core/tokenizer/document';
import { type ByteLevelTokenizer, createTokenizer } from '../../../src/core/tokenizer/encode';
import { parseTokenizerJson } from '../../../src/core/tokenizer/load';
import { trainTokenizer } from '../../../src/core/tokenizer/train';
import type { EncodedText, PatternName } from '../../../src/core/tokenizer/types';
import { foreign } from './golden';
import { trickyCharacters, trickyText } from './texts';

const patterns = ['llama3', 'gpt2', 'cl100k', 'o200k', 'none'] as const;
const tokenizers = new Map<PatternName, ByteLevelTokenizer>();

beforeAll(async () => {
  const texts = [trickyCharacters.join('').repeat(3), 'the theatre of the abbey; aaaaaaaaaaaa\n  if (x) { y(); }\n'.repeat(6)];
  for (const pattern of patterns) {
    tokenizers.set(pattern, createTokenizer((await trainTokenizer(texts, { vocabSize: 380, pattern })).vocabulary, pattern));
  }
});

/** The tokens of the whole text that touch a range. */
function expected(whole: EncodedText, start: number, end: number): EncodedText {
  const keep = Array.from(whole.ids, (_, i) => whole.end[i]! > start && whole.start[i]! < Math.max(end, start + 1));
  const pick = <T extends Uint32Array | Uint8Array>(column: T) => column.filter((_, i) => keep[i]) as T;
  return {
    ids: pick(whole.ids),
    start: pick(whole.start),
    end: pick(whole.end),
    byteStart: pick(whole.byteStart),
    byteEnd: pick(whole.byteEnd),
    fragment: pick(whole.fragment),
  };
}

const edit = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat({ max: 12 }), text: trickyText });
const look = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat({ max: 30 }) });

describe('tokens of a document', () => {
  it.each(patterns)('equal those of the whole document after any edits (%s)', (pattern) => {
    const tokenizer = tokenizers.get(pattern)!;
    fc.assert(
      fc.property(fc.array(trickyText, { maxLength: 12 }), fc.array(fc.tuple(edit, look), { maxLength: 8 }), (parts, moves) => {
        let text = parts.join('');
        const document = new DocumentTokens(text);
        for (const [{ at, length, text: inserted }, range] of moves) {
          const offset = Math.floor(at * text.length);
          const removed = Math.min(length, text.length - offset);
          text = text.slice(0, offset) + inserted + text.slice(offset + removed);
          document.edit([{ offset, length: removed, text: inserted }]);
          expect(document.length).toBe(text.length);
          const start = Math.floor(range.at * text.length);
          const end = Math.min(text.length, start + range.length);
          expect(document.tokens(tokenizer, start, end)).toEqual(expected(tokenizer.encodeSpans(text), start, end));
        }
      }),
      { numRuns: 120 },
    );
  });

  it('equal those of the whole document where the model composes text first', async () => {
    const json = foreign('nfc').tokenizer;
    const tokenizer = await parseTokenizerJson(JSON.stringify({ ...json, added_tokens: [] }), 'nfc');
    expect(tokenizer.isSafeCut).toBeDefined();
    fc.assert(
      fc.property(fc.array(trickyText, { maxLength: 12 }), edit, look, (parts, { at, length, text: inserted }, range) => {
        const before = parts.join('');
        const offset = Math.floor(at * before.length);
        const document = new DocumentTokens(before);
        document.edit([{ offset, length, text: inserted }]);
        const text = before.slice(0, offset) + inserted + before.slice(offset + length);
        const start = Math.floor(range.at * text.length);
        const end = Math.min(text.length, start + range.length);
        expect(document.tokens(tokenizer, start, end).ids).toEqual(expected(tokenizer.encodeSpans(text), start, end).ids);
      }),
      { numRuns: 200 },
    );
  });

  it('stay right across pieces and in kept stretches of a long text', () => {
    const tokenizer = tokenizers.get('llama3')!;
    let text = `${'word é 👨‍👩‍👧 '.repeat(3000)}${'x'.repeat(70_000)} ${'tail, '.repeat(9000)}`;
    const document = new DocumentTokens(text);
    const longWord = text.indexOf('xxxx') + 40_000;
    const check = (at: number) => {
      const start = Math.max(0, at - 50);
      const end = Math.min(text.length, at + 50);
      expect(document.tokens(tokenizer, start, end)).toEqual(expected(tokenizer.encodeSpans(text), start, end));
    };
    const change = (offset: number, length: number, inserted: string) => {
      text = text.slice(0, offset) + inserted + text.slice(offset + length);
      document.edit([{ offset, length, text: inserted }]);
    };
    check(longWord);
    change(10, 3, '\ud83d');
    check(longWord);
    change(11, 0, '\ude00 more');
    check(longWord);
    change(text.length - 100, 20, '');
    check(longWord);
    check(text.length);
    change(longWord, 1, 'y');
    check(longWord);
    change(8192, 9000, '');
    check(8192);
    change(0, text.length, '');
    expect(document.tokens(tokenizer, 0, 0).ids.length).toBe(0);
  });

  it('applies several changes of one event in order', () => {
    const document = new DocumentTokens('one two three');
    document.edit([
      { offset: 8, length: 5, text: '3' },
      { offset: 0, length: 3, text: '1' },
    ]);
    const tokenizer = tokenizers.get('gpt2')!;
    expect(document.tokens(tokenizer, 0, 99)).toEqual(tokenizer.encodeSpans('1 two 3'));
  });

  it('costs what is looked at, in a file of 10 MB and in a line of 2 MB', () => {
    const tokenizer = tokenizers.get('llama3')!;
    for (const text of ['const answer = await call(42, "é");\n'.repeat(290_000), '{"key":[1,22,333],"autre":"é"},'.repeat(66_000)]) {
      const document = new DocumentTokens(text);
      const middle = text.length >> 1;
      document.tokens(tokenizer, middle, middle + 5000);
      const began = performance.now();
      for (let i = 0; i < 20; i++) {
        document.edit([{ offset: middle + i, length: 0, text: 'k' }]);
        expect(document.tokens(tokenizer, middle - 2000, middle + 3000).ids.length).toBeGreaterThan(1000);
      }
      // A few milliseconds; the whole text would take a second or more.
      expect((performance.now() - began) / 20).toBeLessThan(200);
    }
  });
});
