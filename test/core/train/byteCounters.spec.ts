import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluationBatches } from '../../../src/core/train/batches';
import { byteBaselines } from '../../../src/core/train/byteCounters';
import { breathe } from '../../../src/core/train/loop';
import { arraySource } from '../../../src/core/train/source';

/** Ids 0 to 3 are special; the others have bytes of different lengths. */
const entries: (readonly number[] | null)[] = [null, null, null, null, [97], [98], [97, 98], [32], [98, 97, 32], [200, 201], [97, 97, 97]];
const tokenBytes = (id: number) => entries[id]!;

/** The same by its definition: every count by looking through the whole text, one text a document. */
function slow(train: readonly number[], windows: readonly (readonly number[])[]): number[] {
  const texts = (ids: readonly number[]) => {
    const out: number[][] = [[]];
    for (const id of ids) {
      const bytes = entries[id]!;
      if (bytes) out.at(-1)!.push(...bytes);
      else out.push([]);
    }
    return out;
  };
  const corpus = texts(train);
  const followers = (context: readonly number[]) =>
    corpus.flatMap((text) =>
      text.filter((_, at) => at >= context.length && context.every((byte, i) => text[at - context.length + i] === byte)),
    );
  const all = followers([]);
  const probability = (byte: number, context: readonly number[]): number => {
    if (context.length === 0) return (all.filter((each) => each === byte).length + 1) / (all.length + 256);
    const shorter = probability(byte, context.slice(1));
    const seen = followers(context);
    const distinct = new Set(seen).size;
    return seen.length === 0 ? shorter : (seen.filter((each) => each === byte).length + distinct * shorter) / (seen.length + distinct);
  };
  return [2, 4].map((order) => {
    let sum = 0;
    let bytes = 0;
    for (const [first, ...rest] of windows) {
      let before = [...(entries[first!] ?? [])];
      for (const id of rest) {
        if (!entries[id]) before = [];
        for (const byte of entries[id] ?? []) {
          sum -= Math.log2(probability(byte, before.slice(Math.max(0, before.length - order))));
          before.push(byte);
          bytes++;
        }
      }
    }
    return sum / bytes;
  });
}

test('equal the definition', async () => {
  const ids = fc.array(fc.integer({ min: 2, max: entries.length - 1 }), { minLength: 2, maxLength: 120 });
  await fc.assert(
    fc.asyncProperty(ids, ids, async (train, held) => {
      const source = arraySource([...held, 4, 5]);
      const batches = await evaluationBatches(source, 5, 2, 7);
      const windows = batches.flatMap(({ inputs, targets }) => inputs.map((row, i) => [row[0]!, ...targets[i]!]));
      const result = await byteBaselines(arraySource(train), batches, tokenBytes, breathe);
      const expected = slow(train, windows);
      if (expected.some(Number.isNaN)) return;
      [result.trigram, result.fivegram].forEach((bits, i) => {
        expect(bits).toBeCloseTo(expected[i]!, 9);
      });
    }),
    { numRuns: 60 },
  );
});

test('know more the further they look back', async () => {
  const text = Array.from('the cat sat on the mat and the dog sat on the cat. '.repeat(60), (unit) => unit.charCodeAt(0));
  const bytes = (id: number) => [id];
  const batches = await evaluationBatches(arraySource(text.slice(0, 600)), 8, 4, 64);
  const { trigram, fivegram } = await byteBaselines(arraySource(text), batches, bytes, breathe);
  // Of its bytes alone, by frequency, nobody needs fewer than 3.5 bits.
  expect(trigram).toBeLessThan(1.5);
  expect(fivegram).toBeLessThan(trigram);
});
