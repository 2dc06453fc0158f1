import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteCounter, type ByteModels, type CounterOrder, counterOrders } from '../../../src/core/train/kneserNey';

const bytes = (text: string) => new TextEncoder().encode(text);

function count(documents: readonly ArrayLike<number>[], limit?: number): ByteModels {
  const counter = new ByteCounter(limit);
  for (const document of documents) {
    counter.begin();
    counter.add(document);
  }
  return counter.models();
}

/** Symbol before a document, written out. */
const start = [255, 255, 255, 255];

/** Interpolated modified Kneser-Ney by its definition, with lists of sequences as text. */
function slow(documents: readonly (readonly number[])[]) {
  const tally = (sequences: readonly string[]) => {
    const counts = new Map<string, number>();
    for (const sequence of sequences) counts.set(sequence, (counts.get(sequence) ?? 0) + 1);
    return counts;
  };
  const key = (symbols: readonly number[]) => symbols.map((symbol) => `${symbol};`).join('');
  const occurrences = (length: number) =>
    documents.flatMap((document) => {
      const padded = [...start, ...document];
      return document.map((_, i) => padded.slice(i + 5 - length, i + 5));
    });
  const seen = (length: number) => tally(occurrences(length).map(key));
  const continued = (length: number) => tally([...seen(length + 1).keys()].map((each) => each.slice(each.indexOf(';') + 1)));

  const level = (counts: Map<string, number>) => {
    const [n1, n2, n3, n4] = [1, 2, 3, 4].map((wanted) => [...counts.values()].filter((each) => each === wanted).length) as number[];
    const y = n1! / (n1! + 2 * n2!);
    let discounts = [y, 2 - (3 * y * n3!) / n2!, 3 - (4 * y * n4!) / n3!];
    if (!discounts.every((each, i) => each > 0 && each <= i + 1)) discounts = [0.5, 1, 1.5];
    return (context: string, byte: number, lower: number) => {
      const following = [...counts].filter(([each]) => each.startsWith(context) && each.slice(context.length).split(';').length === 2);
      const total = following.reduce((sum, [, each]) => sum + each, 0);
      if (total === 0) return lower;
      const spared = following.reduce((sum, [, each]) => sum + discounts[Math.min(each, 3) - 1]!, 0);
      const own = counts.get(`${context}${byte};`) ?? 0;
      return (own - (own === 0 ? 0 : discounts[Math.min(own, 3) - 1]!) + spared * lower) / total;
    };
  };
  return (order: CounterOrder, context: readonly number[], byte: number) => {
    let probability = 1 / 256;
    for (let length = 1; length <= order; length++) {
      const of = level(length === order ? seen(length) : continued(length));
      probability = of(key(context.slice(5 - length)), byte, probability);
    }
    return probability;
  };
}

const asNumber = (context: readonly number[]) => context.reduce((sum, byte) => sum * 256 + byte, 0);
const document = fc.array(fc.constantFrom(97, 98, 99, 32, 195, 169), { maxLength: 40 });

describe('models of counted bytes', () => {
  test('equal the definition of modified Kneser-Ney', () => {
    fc.assert(
      fc.property(fc.array(document, { minLength: 1, maxLength: 4 }), document, (training, held) => {
        const models = count(training);
        const expected = slow(training);
        const padded = [...start, ...held.slice(0, 8)];
        for (const order of counterOrders) {
          for (let i = 4; i < padded.length; i++) {
            const context = padded.slice(i - 4, i);
            expect(models.probability(order, asNumber(context), padded[i]!)).toBeCloseTo(expected(order, context, padded[i]!), 12);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test('give the 256 bytes probabilities that add up to one, after any context', () => {
    const text = bytes('Il était une fois, dans un pays lointain, une petite fille que tout le monde aimait. '.repeat(3));
    const models = count([text, bytes('const il = 1;\n')]);
    fc.assert(
      fc.property(fc.constantFrom(...counterOrders), fc.nat({ max: text.length - 5 }), fc.boolean(), (order, at, foreign) => {
        const context = foreign ? (at * 2654435761) % 2 ** 32 : asNumber(Array.from(text.slice(at, at + 4)));
        let sum = 0;
        for (let byte = 0; byte < 256; byte++) sum += models.probability(order, context, byte);
        expect(sum).toBeCloseTo(1, 12);
      }),
    );
  });

  test('are the same whatever the pieces in which a document comes', () => {
    const text = bytes('the cat sat on the mat, and the dog sat on the cat. '.repeat(4));
    const counter = new ByteCounter();
    counter.begin();
    for (let at = 0; at < text.length; at += 7) counter.add(text.subarray(at, at + 7));
    const held = bytes('the dog sat on the mat.');
    for (const order of counterOrders) expect(counter.models().bits(order, held)).toBe(count([text]).bits(order, held));
  });

  test('need fewer bits the further they look back, where the text is worth it', () => {
    const text = bytes('the cat sat on the mat, and the dog sat on the cat. '.repeat(40));
    const models = count([text]);
    const bits = counterOrders.map((order) => models.bits(order, text) / text.length);
    expect(bits).toEqual(bits.toSorted((a, b) => b - a));
    expect(bits[0]).toBeGreaterThan(3);
    expect(bits[3]).toBeLessThan(0.6);
  });

  test('hold no more than their limit, and stay probabilities', () => {
    let state = 1;
    const noise = Uint8Array.from({ length: 20_000 }, () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return 97 + ((state >>> 16) % 16);
    });
    const models = count([noise], 500);
    let sum = 0;
    for (let byte = 0; byte < 256; byte++) sum += models.probability(5, asNumber(Array.from(noise.slice(100, 104))), byte);
    expect(sum).toBeCloseTo(1, 12);
    expect(models.bits(5, noise) / noise.length).toBeLessThan(6);
  });

  test('know nothing without a text', () => {
    expect(count([]).bits(5, bytes('ab'))).toBeCloseTo(16, 12);
  });
});
