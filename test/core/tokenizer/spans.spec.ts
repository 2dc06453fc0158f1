import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ByteLevelTokenizer, createTokenizer } from '../../../src/core/tokenizer/encode';
import { graphemeEnd } from '../../../src/core/tokenizer/graphemes';
import { trainTokenizer } from '../../../src/core/tokenizer/train';
import { utf8 } from '../../../src/core/tokenizer/unicode';
import { platformAgrees, trickyCharacters, trickyText, wellFormed } from './texts';

/** Offsets (UTF-16) where graphemes begin, and the end of the text. */
function boundaries(text: string): number[] {
  const bytes = utf8(text);
  const offsets = [0];
  for (let at = 0; at < bytes.length; ) {
    const end = graphemeEnd(bytes, at, bytes.length);
    offsets.push(offsets.at(-1)! + new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(at, end)).length);
    at = end;
  }
  return offsets;
}

let bytesOnly: ByteLevelTokenizer;
let tokenizer: ByteLevelTokenizer;

beforeAll(async () => {
  bytesOnly = createTokenizer((await trainTokenizer([], { vocabSize: 260, pattern: 'llama3' })).vocabulary, 'bytes');
  const texts = [trickyCharacters.join('').repeat(3), 'é👨‍👩‍👧 the theatre '.repeat(9)];
  tokenizer = createTokenizer((await trainTokenizer(texts, { vocabSize: 330, pattern: 'llama3' })).vocabulary, 'test');
});

describe('graphemes', () => {
  it.each([
    ['abc', [0, 1, 2, 3]],
    ['\r\n\n', [0, 2, 3]],
    ['e\u0301x', [0, 2, 3]],
    ['👨‍👩‍👧!', [0, 8, 9]],
    ['🇫🇷🇬🇧🇫', [0, 4, 8, 10]],
    ['👍🏽', [0, 4]],
    ['1️⃣2', [0, 3, 4]],
    ['각각', [0, 1, 3]],
    ['\u1100\u1161\u11a8', [0, 3]],
    ['क्षि', [0, 4]],
    ['कि', [0, 2]],
    ['\u0600a', [0, 2]],
    ['a\u200db', [0, 2, 3]],
    ['น้ำ', [0, 3]],
  ])('cuts %j', (text, expected) => {
    expect(boundaries(text)).toEqual(expected);
  });

  it('agrees with the platform, whose Unicode is near ours', () => {
    const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
    const text = trickyText.map(wellFormed).filter((candidate) => platformAgrees(candidate) && !/\p{Cn}/u.test(candidate));
    fc.assert(
      fc.property(text, (sample) => {
        expect(boundaries(sample)).toEqual([...[...segmenter.segment(sample)].map(({ index }) => index), sample.length]);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('spans', () => {
  it('covers whole graphemes, and says where a token is only part of one', () => {
    fc.assert(
      fc.property(trickyText, fc.boolean(), (text, trained) => {
        const one = trained ? tokenizer : bytesOnly;
        const spans = one.encodeSpans(text);
        const bytes = utf8(text);
        const edges = new Set(boundaries(text));
        const unitsBefore = (byte: number) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, byte)).length;
        expect([...spans.ids]).toEqual([...one.encode(text)]);
        let at = 0;
        for (let i = 0; i < spans.ids.length; i++) {
          const [start, end, from, to] = [spans.start[i]!, spans.end[i]!, spans.byteStart[i]!, spans.byteEnd[i]!];
          expect(from).toBe(at);
          at = to;
          expect([...bytes.subarray(from, to)]).toEqual([...one.tokenBytes(spans.ids[i]!)]);
          expect(edges.has(start) && edges.has(end) && start < end).toBe(true);
          if (spans.fragment[i] === 0) expect([start, end]).toEqual([unitsBefore(from), unitsBefore(to)]);
          else expect(utf8(wellFormed(text).slice(start, end)).length).toBeGreaterThan(to - from);
        }
        expect(at).toBe(bytes.length);
      }),
      { numRuns: 500 },
    );
  });

  it('gives a lone surrogate its one unit', () => {
    const { start, end, fragment } = bytesOnly.encodeSpans('a\ud83dz');
    expect([...start]).toEqual([0, 1, 1, 1, 2]);
    expect([...end]).toEqual([1, 2, 2, 2, 3]);
    expect([...fragment]).toEqual([0, 1, 1, 1, 0]);
  });

  it('gives special tokens their text', () => {
    const { ids, start, end } = tokenizer.encodeSpans('é<bos>x', { special: true });
    const at = ids.indexOf(2);
    expect([start[at], end[at]]).toEqual([1, 6]);
  });
});
