import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { groupNearDuplicates, signature, similarity } from '../../../src/core/corpus/nearDuplicates';
import { splitDocuments } from '../../../src/core/corpus/split';

const words = (from: number, count: number) => Array.from({ length: count }, (_, i) => `w${(from + i) * 7919}`);
const document = (id: string, bytes: number, group: number, heldOut = false) => ({ id, bytes, group, heldOut });
const documents = (count: number, bytes = (_: number) => 100) => Array.from({ length: count }, (_, i) => document(`r/f${i}`, bytes(i), i));

describe('near-copies', () => {
  test('estimates the Jaccard similarity of the shingles', () => {
    // n words share n - 3 shingles of four; half of the words in common give (n / 2 - 3) of (3n / 2 - 3).
    for (const [common, expected] of [
      [1000, 1],
      [900, 0.816],
      [500, 0.33],
      [0, 0],
    ] as const) {
      const a = signature(words(0, 1000).join(' '))!;
      const b = signature(words(1000 - common, 1000).join(' '))!;
      expect(Math.abs(similarity(a, b) - expected)).toBeLessThan(0.17);
    }
  });

  test('groups a text with its edited copies and with nothing else, layout aside', () => {
    const text = words(0, 400);
    const edited = text.map((word, i) => (i === 200 ? 'changed' : word));
    const other = words(5000, 400);
    const signatures = [other, text, edited, text].map((list, i) => signature(list.join(i === 3 ? '\n\t' : ' ')));
    expect(groupNearDuplicates([...signatures, null, null])).toEqual([0, 1, 1, 1, 4, 5]);
  });

  test('short texts have no signature; languages without spaces do no harm', () => {
    expect(signature('only a few words here')).toBeNull();
    expect(signature('吾輩は猫である。名前はまだ無い。'.repeat(30))).toBeInstanceOf(Uint32Array);
  });
});

describe('split', () => {
  test('every group is on one side, and the share is near what was asked for', () => {
    const arbitrary = fc.record({
      sizes: fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 60, maxLength: 200 }),
      seed: fc.nat(),
      share: fc.constantFrom(0.05, 0.1, 0.2),
    });
    fc.assert(
      fc.property(arbitrary, ({ sizes, seed, share }) => {
        const list = sizes.map((bytes, i) => document(`r/${i}`, bytes, Math.floor(i / 2)));
        const { parts, cut } = splitDocuments(list, seed, share);
        expect(cut).toBeNull();
        for (let i = 0; i + 1 < list.length; i += 2) expect(parts[i]).toBe(parts[i + 1]);
        const total = sizes.reduce((a, b) => a + b, 0);
        const held = list.reduce((sum, { bytes }, i) => sum + (parts[i] === 'validation' ? bytes : 0), 0);
        expect(held / total).toBeGreaterThan(share * 0.4);
        expect(held / total).toBeLessThan(share * 2.6);
      }),
      { numRuns: 40 },
    );
  });

  test('adding a document moves only a few others', () => {
    const before = splitDocuments(documents(200), 7, 0.1).parts;
    const after = splitDocuments([...documents(200), document('r/new', 100, 200)], 7, 0.1).parts;
    expect(before.filter((part, i) => part !== after[i]).length).toBeLessThanOrEqual(2);
  });

  test('the order of the documents does not matter, the seed does', () => {
    const list = documents(50);
    const forth = splitDocuments(list, 3, 0.2).parts;
    expect(splitDocuments(list.toReversed(), 3, 0.2).parts.toReversed()).toEqual(forth);
    expect(splitDocuments(list, 4, 0.2).parts).not.toEqual(forth);
  });

  test('what is named is held out with its near-copies', () => {
    const list = documents(30).map((entry, i) => ({ ...entry, group: i === 5 ? 4 : i, heldOut: i === 4 }));
    const { parts } = splitDocuments(list, 1, 0.1);
    expect([parts[4], parts[5]]).toEqual(['validation', 'validation']);
    expect(splitDocuments(list, 1, 0).parts.filter((part) => part === 'validation')).toHaveLength(2);
  });

  test('too few documents: the end of the largest without copies is held out', () => {
    expect(splitDocuments(documents(1), 0, 0.1)).toEqual({ parts: ['train'], cut: { index: 0, share: 0.1 } });
    const three = [document('a', 900, 0), document('b', 900, 0), document('c', 700, 2)];
    const { parts, cut } = splitDocuments(three, 0, 0.1);
    expect(parts).toEqual(['train', 'train', 'train']);
    expect(cut!.index).toBe(2);
    expect(cut!.share * 700).toBeCloseTo(250);
    expect(splitDocuments([], 0, 0.1)).toEqual({ parts: [], cut: null });
  });

  test('one huge document neither becomes the validation part nor pushes all others into it', () => {
    const list = documents(40, (i) => (i === 0 ? 100_000 : 100));
    for (let seed = 0; seed < 20; seed++) {
      const { parts, cut } = splitDocuments(list, seed, 0.1);
      expect(parts[0]).toBe('train');
      expect(parts.filter((part) => part === 'validation').length).toBeLessThan(15);
      expect(cut?.index).toBe(0);
    }
  });
});
