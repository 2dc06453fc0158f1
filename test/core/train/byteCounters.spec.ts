/** The counters on windows of tokens, against models of the same documents asked byte by byte (those are held to their definition in kneserNey.spec.ts). */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluationBatches } from '../../../src/core/train/batches';
import { byteBaselines } from '../../../src/core/train/byteCounters';
import { ByteCounter, counterOrders } from '../../../src/core/train/kneserNey';
import { breathe } from '../../../src/core/train/loop';
import { arraySource } from '../../../src/core/train/source';

/** Ids 0 to 3 are special; the others have bytes of different lengths. */
const entries: (readonly number[] | null)[] = [null, null, null, null, [97], [98], [97, 98], [32], [98, 97, 32], [200, 201], [97, 97, 97]];
const tokenBytes = (id: number) => entries[id]!;

/** Each window as the bytes it predicts, with all that its reader knows before them; a special token ends a document. */
function expected(train: readonly number[], windows: readonly (readonly number[])[]): number[] {
  const counter = new ByteCounter();
  counter.begin();
  for (const id of train) {
    const bytes = entries[id];
    if (bytes) counter.add(bytes);
    else counter.begin();
  }
  const models = counter.models();
  return counterOrders.map((order) => {
    let [bits, count] = [0, 0];
    for (const window of windows) {
      let before: number[] = [];
      window.forEach((id, place) => {
        if (!entries[id]) before = [255, 255, 255, 255];
        for (const byte of entries[id] ?? []) {
          const context = before.slice(-4);
          if (place > 0) {
            const able = order === 5 && context.length < 4 ? Math.min(3, context.length + 1) : Math.min(order, context.length + 1);
            const number = context.reduce((sum, each) => sum * 256 + each, 0);
            bits -= Math.log2(models.probability(able as 1 | 2 | 3 | 5, number, byte));
            count++;
          }
          before.push(byte);
        }
      });
    }
    return bits / count;
  });
}

test('equal the models asked byte by byte', async () => {
  const ids = fc.array(fc.integer({ min: 2, max: entries.length - 1 }), { minLength: 2, maxLength: 120 });
  await fc.assert(
    fc.asyncProperty(ids, ids, async (train, held) => {
      const batches = await evaluationBatches(arraySource([...held, 4, 5]), 5, 2, 7);
      const windows = batches.flatMap(({ inputs, targets }) => inputs.map((row, i) => [row[0]!, ...targets[i]!]));
      const result = await byteBaselines(arraySource(train), batches, tokenBytes, breathe);
      const bits = expected(train, windows);
      [result.bytes1, result.bytes2, result.bytes3, result.bytes5].forEach((each, i) => {
        if (Number.isNaN(bits[i])) expect(each).toBeNaN();
        else expect(each).toBeCloseTo(bits[i]!, 9);
      });
    }),
    { numRuns: 60 },
  );
});

test('know more the further they look back', async () => {
  const text = Array.from('the cat sat on the mat and the dog sat on the cat. '.repeat(60), (unit) => unit.charCodeAt(0));
  const batches = await evaluationBatches(arraySource(text.slice(0, 600)), 8, 4, 64);
  const { bytes1, bytes2, bytes3, bytes5 } = await byteBaselines(arraySource(text), batches, (id) => [id], breathe);
  // Of its bytes alone, by frequency, nobody needs fewer than 3.5 bits.
  expect(bytes1).toBeGreaterThan(3);
  expect(bytes2).toBeLessThan(bytes1);
  expect(bytes3).toBeLessThan(1.5);
  expect(bytes5).toBeLessThan(bytes3);
});

test('stop where whoever waits for them gives up', async () => {
  const text = Array.from({ length: 200_000 }, (_, i) => 97 + (i % 7));
  const batches = await evaluationBatches(arraySource(text.slice(0, 600)), 8, 4, 64);
  let pauses = 0;
  const counting = byteBaselines(
    arraySource(text),
    batches,
    (id) => [id],
    async () => {
      if (++pauses === 2) throw new Error('given up');
    },
  );
  await expect(counting).rejects.toThrow('given up');
  expect(pauses).toBe(2);
});
