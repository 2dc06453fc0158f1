import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLlama2cTokenizer } from '../../../src/core/tokenizer/llama2cTokenizer';
import { textOf, utf8 } from '../../../src/core/tokenizer/unicode';
import { trickyText, wellFormed } from './texts';

/** A file of that format: special tokens, bytes, then pieces of falling score. */
function file(pieces: readonly (readonly [string, number])[]): Uint8Array {
  const entries: (readonly [string, number])[] = [
    ['<unk>', 0],
    ['\n<s>\n', 0],
    ['\n</s>\n', 0],
    ...Array.from({ length: 256 }, (_, byte) => [`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`, 0] as const),
    ...pieces,
  ];
  const parts = entries.map(([text, score]) => {
    const bytes = utf8(text);
    const part = new Uint8Array(8 + bytes.length);
    new DataView(part.buffer).setFloat32(0, score, true);
    new DataView(part.buffer).setInt32(4, bytes.length, true);
    part.set(bytes, 8);
    return part;
  });
  return Uint8Array.from([7, 0, 0, 0, ...parts.flatMap((part) => [...part])]);
}

const pieces = [
  [' t', -1],
  ['he', -2],
  [' the', -3],
  ['hehe', -3],
  [' ', -4],
  ['t', -5],
  ['h', -6],
  ['e', -7],
  ['é', -8],
] as const;

describe('the tokenizer of llama2.c', () => {
  const tokenizer = parseLlama2cTokenizer(file(pieces), 'test');
  const text = (ids: ArrayLike<number>) => Array.from(ids, (id) => textOf(tokenizer.tokenBytes(id)));

  it('puts a space before, merges by score, falls back to bytes', () => {
    expect(text(tokenizer.encode('the'))).toEqual([' the']);
    // Equal scores: leftmost first.
    expect(text(tokenizer.encode('thehe'))).toEqual([' the', 'he']);
    expect([...tokenizer.encode('éñ')]).toEqual([263, 267, 3 + 0xc3, 3 + 0xb1]);
    expect(tokenizer.encode('').length).toBe(0);
    expect([...tokenizer.encode('<s>the', { special: true })]).toEqual([1, 261]);
  });

  it('gives every text back after <s>', () => {
    fc.assert(
      fc.property(trickyText, (sample) => {
        const ids = tokenizer.encode(sample);
        expect(tokenizer.decode([1, ...ids])).toBe(`<s>${wellFormed(sample)}`);
        const { byteStart, byteEnd } = tokenizer.encodeSpans(sample);
        for (let i = 0; i < ids.length; i++) expect(byteStart[i]).toBe(i === 0 ? 0 : byteEnd[i - 1]);
        if (ids.length > 0) expect(byteEnd.at(-1)).toBe(utf8(sample).length);
      }),
    );
  });

  it('refuses what is not such a file', () => {
    for (const bytes of [new Uint8Array(0), Uint8Array.of(1, 2, 3, 4, 5, 6), file(pieces).slice(0, -1), file(pieces).slice(0, 600)]) {
      expect(() => parseLlama2cTokenizer(bytes, 'x.bin')).toThrow(expect.objectContaining({ code: 'tokenizer.badFile' }));
    }
  });

  const shared = new URL('../../../../shared/data/models/stories260k/tok512.bin', import.meta.url);
  it.skipIf(!existsSync(shared))('reads that of stories260k (skipped where the shared data are absent)', () => {
    const stories = parseLlama2cTokenizer(readFileSync(shared), 'stories260k');
    expect(stories.vocabSize).toBe(512);
    // The first ids that llama2.c prints for this model, after <s>.
    const ids = [1, 403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315, 421, 395, 317, 426, 338, 401, 396, 267, 337, 410, 408, 419];
    const story = stories.decode(ids).slice('<s>'.length);
    expect(story.startsWith('Once upon a time, there was a little girl named Lily. She loved to play')).toBe(true);
    expect([...stories.encode(story)]).toEqual(ids.slice(1));
  });
});
