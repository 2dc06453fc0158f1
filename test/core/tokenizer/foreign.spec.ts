import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentTokens } from '../../../src/core/tokenizer/document';
import { ByteLevelTokenizer } from '../../../src/core/tokenizer/encode';
import { parseTokenizerJson } from '../../../src/core/tokenizer/load';
import { NormalizedTokenizer } from '../../../src/core/tokenizer/normalized';
import type { Tokenizer } from '../../../src/core/tokenizer/types';
import { utf8 } from '../../../src/core/tokenizer/unicode';
import { type ForeignKind, foreign, strings } from './golden';
import { trickyText } from './texts';

const kinds = ['nfc', 'smolLm', 'split', 'metaspace', 'wordPiece', 'unigram'] as const;

async function open(kind: ForeignKind): Promise<Tokenizer> {
  return parseTokenizerJson(JSON.stringify(foreign(kind).tokenizer), kind);
}

describe('tokenizers of others', () => {
  it.each(kinds)('%s gives the ids of Hugging Face’s own library', async (kind) => {
    const tokenizer = await open(kind);
    const golden = foreign(kind).ids;
    for (const [i, text] of strings.entries()) {
      // Its JavaScript form does not take ideographs beyond the first plane for such.
      if (kind === 'wordPiece' && text.includes('\u{20000}')) continue;
      expect([...tokenizer.encode(text, { special: true })], JSON.stringify(text)).toEqual(golden[i]);
    }
  });

  it.each(kinds)('%s: spans follow the text without overlap', async (kind) => {
    const tokenizer = await open(kind);
    fc.assert(
      fc.property(trickyText, (text) => {
        const spans = tokenizer.encodeSpans(text);
        const bytes = utf8(text);
        expect([...spans.ids]).toEqual([...tokenizer.encode(text)]);
        for (let i = 0; i < spans.ids.length; i++) {
          expect(spans.byteStart[i]).toBeGreaterThanOrEqual(i === 0 ? 0 : spans.byteEnd[i - 1]!);
          expect(spans.byteEnd[i]).toBeGreaterThanOrEqual(spans.byteStart[i]!);
          expect(spans.byteEnd[i]).toBeLessThanOrEqual(bytes.length);
          expect(spans.end[i]).toBeGreaterThanOrEqual(spans.start[i]!);
          if (i > 0) expect(spans.start[i]).toBeGreaterThanOrEqual(spans.start[i - 1]!);
          if (i > 0) expect(spans.end[i]).toBeGreaterThanOrEqual(spans.end[i - 1]!);
          expect(spans.end[i]).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each(['nfc', 'smolLm'] as const)('%s is encoded by our own encoder', async (kind) => {
    const tokenizer = await open(kind);
    expect(tokenizer instanceof NormalizedTokenizer || tokenizer instanceof ByteLevelTokenizer).toBe(true);
    expect(tokenizer.merges?.('The reader').steps.at(-1)?.tokens).toEqual([...tokenizer.encode('The reader')]);
  });

  it('finds tokens of a byte-level tokenizer exactly', async () => {
    const tokenizer = await open('split');
    const text = 'l’été 123 x';
    const { ids, byteStart, byteEnd } = tokenizer.encodeSpans(text);
    for (let i = 0; i < ids.length; i++)
      expect([...utf8(text).subarray(byteStart[i], byteEnd[i])]).toEqual([...tokenizer.tokenBytes(ids[i]!)]);
    expect(tokenizer.decode(ids)).toBe(text);
  });

  it('finds words that were lowered and stripped of accents', async () => {
    const tokenizer = await open('wordPiece');
    const text = 'The  ÉLÈVE,  text';
    const { ids, start, end } = tokenizer.encodeSpans(text);
    const pieces = Array.from(ids, (_, i) => text.slice(start[i], end[i]));
    expect(pieces.join('')).toBe('TheÉLÈVE,text');
    expect(tokenizer.special).toMatchObject({ pad: 0, unk: 1 });
  });

  it('leaves the space that SentencePiece adds out of the spans', async () => {
    const tokenizer = await open('metaspace');
    const { ids, start, end, byteStart, byteEnd } = tokenizer.encodeSpans('The reader 字');
    expect(byteStart[0]).toBe(0);
    expect(byteEnd.at(-1)).toBe(14);
    expect(end.at(-1)).toBe(12);
    expect(start.every((value, i) => i === 0 || value >= start[i - 1]!)).toBe(true);
    expect(tokenizer.decode(ids)).toBe(' The reader 字');
    expect(tokenizer.decode([tokenizer.special.bos!, ...ids])).toBe('<s>The reader 字');
    expect(tokenizer.parents(ids[0]!)).toBeDefined();
  });

  it('takes special tokens for such only when asked, and added ones always', async () => {
    const tokenizer = await open('nfc');
    expect(tokenizer).toBeInstanceOf(NormalizedTokenizer);
    const id = (content: string) => foreign('nfc').tokenizer.added_tokens!.find((token) => token.content === content)!.id;
    expect([...tokenizer.encode('a<|end|>', { special: true })].at(-1)).toBe(id('<|end|>'));
    expect([...tokenizer.encode('a<|end|>')]).not.toContain(id('<|end|>'));
    expect([...tokenizer.encode('a<tag')].at(-1)).toBe(id('<tag'));
    const metaspace = await open('metaspace');
    expect([...metaspace.encode('</s>', { special: true })]).toContain(2);
    expect([...metaspace.encode('</s>')]).not.toContain(2);
  });

  it('finds tokens of composed text in decomposed text', async () => {
    const tokenizer = await open('nfc');
    const text = 'e\u0301le\u0300ve x';
    const { ids, start, end } = tokenizer.encodeSpans(text);
    expect([...ids]).toEqual([...tokenizer.encode('\u00e9l\u00e8ve x')]);
    expect([start[0], end.at(-1)]).toEqual([0, text.length]);
  });

  it('keeps a document whole where words are not known', async () => {
    const tokenizer = await open('unigram');
    const document = new DocumentTokens('The reader reads the text.');
    document.edit([{ offset: 4, length: 6, text: 'élève' }]);
    const { ids, start, end } = tokenizer.encodeSpans('The élève reads the text.');
    // The space put before the text is a token with nothing to show.
    const shown = ids.filter((_, i) => end[i]! > start[i]!);
    expect(document.tokens(tokenizer, 0, 99).ids).toEqual(shown);
    expect(document.tokens(tokenizer, 4, 9).end.at(-1)).toBe(9);
  });

  it('refuses ids that are not there', async () => {
    for (const kind of kinds) {
      const tokenizer = await open(kind);
      expect(() => tokenizer.decode([tokenizer.vocabSize])).toThrow(expect.objectContaining({ code: 'tokenizer.badId' }));
    }
  });
});
