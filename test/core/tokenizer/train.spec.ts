import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTokenizer } from '../../../src/core/tokenizer/encode';
import { scanners } from '../../../src/core/tokenizer/pretokenize';
import { trainTokenizer } from '../../../src/core/tokenizer/train';
import type { PatternName } from '../../../src/core/tokenizer/types';
import { utf8 } from '../../../src/core/tokenizer/unicode';
import { entryBytes, vocabularySize } from '../../../src/core/tokenizer/vocabulary';
import { repetitiveText, trickyText } from './texts';

/** The slow, obvious trainer: count all pairs of all words, merge the best one everywhere, again. */
function slowMerges(texts: string[], pattern: PatternName, wanted: number): [number, number][] {
  const words: number[][] = [];
  for (const text of texts) {
    const bytes = utf8(text);
    for (let at = 0; at < bytes.length; ) {
      const end = scanners[pattern](bytes, at, bytes.length);
      words.push(Array.from(bytes.subarray(at, end), (byte) => byte + 4));
      at = end;
    }
  }
  const merges: [number, number][] = [];
  const spelt = Array.from({ length: 260 }, (_, id) => String.fromCharCode(Math.max(0, id - 4)));
  while (merges.length < wanted) {
    const counts = new Map<string, number>();
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) counts.set(`${word[i]} ${word[i + 1]}`, (counts.get(`${word[i]} ${word[i + 1]}`) ?? 0) + 1);
    }
    const ordered = [...counts]
      .map(([pair, count]) => ({ pair: pair.split(' ').map(Number) as [number, number], count }))
      .sort((a, b) => b.count - a.count || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1]);
    // An entry that spells a special token is never learnt.
    const best = ordered.find(({ pair }) => !/^<(pad|unk|bos|eos)>$/.test(pair.map((id) => spelt[id]).join('')));
    if (best === undefined || best.count < 2) break;
    const id = 260 + merges.length;
    merges.push(best.pair);
    spelt[id] = best.pair.map((part) => spelt[part]).join('');
    for (const word of words) {
      for (let i = 0; i + 1 < word.length; i++) if (word[i] === best.pair[0] && word[i + 1] === best.pair[1]) word.splice(i, 2, id);
    }
  }
  return merges;
}

async function train(texts: string[], vocabSize: number, pattern: PatternName = 'llama3') {
  return trainTokenizer(texts, { vocabSize, pattern });
}

describe('training a tokenizer', () => {
  it.each(['llama3', 'gpt2', 'o200k', 'none'] as const)('learns the merges of the slow trainer (%s)', async (pattern) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(repetitiveText, trickyText), { maxLength: 6 }),
        fc.integer({ min: 0, max: 60 }),
        async (texts, wanted) => {
          const { vocabulary, stoppedEarly } = await train(texts, 260 + wanted, pattern);
          const expected = slowMerges(texts, pattern, wanted);
          expect(Array.from(vocabulary.left, (left, i) => [left, vocabulary.right[i]])).toEqual(expected);
          expect(stoppedEarly).toBe(expected.length < wanted);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('encodes "abab abab" as [abab][ ][abab]: 9, 5, then 3 tokens', async () => {
    const text = 'abab abab';
    for (const pattern of ['llama3', 'gpt2', 'none'] as const) {
      const { vocabulary, stoppedEarly } = await train([text], 300, pattern);
      // (a, b) occurs 4 times, then (ab, ab) twice, then nothing occurs twice.
      expect(vocabulary.left.length).toBe(2);
      expect(stoppedEarly).toBe(true);
      const tokenizer = createTokenizer(vocabulary, 'test');
      expect([utf8(text).length, ...tokenizer.merges(text).steps.map((step) => step.tokens.length)]).toEqual([9, 5, 3]);
      expect(Array.from(tokenizer.encode(text), (id) => tokenizer.decode([id]))).toEqual(['abab', ' ', 'abab']);
    }
  });

  it('counts a pair at every adjacent position, also where it overlaps itself', async () => {
    // aaaa counts 3 for (a, a): more than the two of (b, c), although it can be merged there only twice.
    const { vocabulary } = await train(['aaaa', 'bc', 'bc'], 261, 'none');
    expect([vocabulary.left[0], vocabulary.right[0]]).toEqual([4 + 0x61, 4 + 0x61]);
  });

  it('breaks ties by the smallest left id, then the smallest right id', async () => {
    const { vocabulary } = await train(['zy', 'zy', 'ac', 'ac', 'ab', 'ab'], 262, 'none');
    expect([...vocabulary.left]).toEqual([4 + 0x61, 4 + 0x61]);
    expect([...vocabulary.right]).toEqual([4 + 0x62, 4 + 0x63]);
  });

  it('never learns an entry twice, nor one that spells a special token', async () => {
    const { vocabulary } = await train(['<pad><pad><pad><bos>'.repeat(20)], 400, 'none');
    const entries = Array.from({ length: vocabularySize(vocabulary) }, (_, id) => entryBytes(vocabulary, id).join());
    expect(new Set(entries).size).toBe(entries.length);
    await fc.assert(
      fc.asyncProperty(repetitiveText, async (text) => {
        const trained = (await train([text, text], 500, 'none')).vocabulary;
        const spelt = Array.from({ length: vocabularySize(trained) }, (_, id) => entryBytes(trained, id).join());
        expect(new Set(spelt).size).toBe(spelt.length);
      }),
      { numRuns: 50 },
    );
  });

  it('tells the tokens of its own text', async () => {
    const texts = ['le chat et le chien', 'le chien et le chat'];
    const { vocabulary, bytes, bytesPerToken, words, distinctWords } = await train(texts, 280);
    const tokenizer = createTokenizer(vocabulary, 'test');
    const tokens = texts.reduce((sum, text) => sum + tokenizer.encode(text).length, 0);
    expect(bytes).toBe(38);
    expect(bytesPerToken).toBeCloseTo(bytes / tokens, 12);
    expect([words, distinctWords]).toEqual([10, 5]);
  });

  it('takes texts one at a time, reports progress and stops when asked', async () => {
    const reports: number[] = [];
    const controller = new AbortController();
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (let i = 0; ; i++) yield utf8(`${'word '.repeat(2000)}${i}`);
    }
    const running = trainTokenizer(endless(), {
      vocabSize: 300,
      pattern: 'llama3',
      signal: controller.signal,
      onProgress: ({ bytes }) => {
        reports.push(bytes);
        if (reports.length === 3) controller.abort(new Error('enough'));
      },
    });
    await expect(running).rejects.toThrow('enough');
    expect(reports).toEqual([...reports].sort((a, b) => a - b));
    const aborted = AbortSignal.abort(new Error('before it began'));
    await expect(trainTokenizer(['a'], { vocabSize: 300, pattern: 'llama3', signal: aborted })).rejects.toThrow('before it began');
  });

  it('refuses a vocabulary that cannot hold the bytes', async () => {
    await expect(train(['a'], 259)).rejects.toMatchObject({ code: 'tokenizer.tooSmall' });
  });

  it('learns from nothing and from one long word', async () => {
    expect((await train([], 300)).vocabulary.left.length).toBe(0);
    const { vocabulary } = await train(['ab'.repeat(200_000)], 270, 'none');
    expect(entryBytes(vocabulary, 269).length).toBe(2 ** 10);
  });
});
