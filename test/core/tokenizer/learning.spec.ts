import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learningSteps, ranking } from '../../../src/core/tokenizer/learning';
import { mergedAt, sequenceOf } from '../../../src/core/tokenizer/sequence';
import { trainTokenizer } from '../../../src/core/tokenizer/train';
import { utf8 } from '../../../src/core/tokenizer/unicode';
import { repetitiveText, trickyText } from './texts';

describe('training step by step', () => {
  it.each(['llama3', 'none'] as const)('learns what the real trainer learns (%s)', async (pattern) => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(trickyText, repetitiveText), fc.integer({ min: 0, max: 40 }), async (text, most) => {
        const { vocabulary } = await trainTokenizer([text], { vocabSize: 260 + most, pattern });
        const { steps, entries } = learningSteps(text, pattern, most);
        expect(steps.map(({ pair, merged }) => [...pair, merged])).toEqual(
          Array.from(vocabulary.left, (left, i) => [left, vocabulary.right[i], vocabulary.merged[i]]),
        );
        for (const { merged } of steps) {
          expect(entries.get(merged)).toEqual(vocabulary.bytes.slice(vocabulary.offsets[merged], vocabulary.offsets[merged + 1]));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('keeps the text, and says where and how often', () => {
    fc.assert(
      fc.property(fc.oneof(trickyText, repetitiveText), (text) => {
        const { start, words, steps, entries } = learningSteps(text, 'llama3', 20);
        let sequence = sequenceOf(start, words);
        for (const step of steps) {
          const best = ranking(sequence).find(({ pair }) => pair.join() === step.pair.join())!;
          expect(best.at.length).toBe(step.count);
          expect(ranking(sequence)[0]!.at.length).toBe(step.count);
          sequence = mergedAt(sequence, step.at, step.merged);
          expect(sequence.tokens).toEqual(step.tokens);
          expect(sequence.tokens.flatMap((id) => [...entries.get(id)!])).toEqual([...utf8(text)]);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('counts overlapping places, merges the left ones, and breaks ties by the smallest ids', () => {
    const [first, second] = learningSteps('aaaa ab', 'none', 2).steps;
    expect(first).toMatchObject({ pair: [101, 101], count: 3, ties: 0, at: [0, 2], merged: 260 });
    // (a, a) is gone; nothing else stands there twice.
    expect(second).toBeUndefined();
    expect(learningSteps('ba ba', 'none', 1).steps[0]).toMatchObject({ pair: [102, 101], count: 2, ties: 0 });
    expect(learningSteps('xyzxyz', 'none', 1).steps[0]).toMatchObject({ pair: [124, 125], count: 2, ties: 1 });
  });
});
