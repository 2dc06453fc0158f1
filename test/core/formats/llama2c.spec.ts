/** The strongest oracle of the model: a real trained Llama, with what llama2.c computes for it. */
import '@tensorflow/tfjs-backend-cpu';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairsToHalves, parseLlama2c } from '../../../src/core/formats/llama2c';
import { loadStored } from '../../../src/core/formats/storedModel';
import { KvCache } from '../../../src/core/model/cache';
import { forward } from '../../../src/core/model/gpt';
import { disposeParameters } from '../../../src/core/model/parameters';
import * as tf from '../../../src/core/tf';

const file = join(import.meta.dirname, '../../../../shared/data/models/stories260k/stories260K.bin');
const there = existsSync(file);

describe.skipIf(!there)(`stories260K${there ? '' : ' (skipped: the shared data is absent)'}`, () => {
  it('computes what llama2.c computes', () => {
    const stored = parseLlama2c(readFileSync(file), file);
    expect(stored.config).toMatchObject({ dModel: 64, nLayers: 5, nHeads: 8, nKvHeads: 4, dFf: 172, vocabSize: 512, contextLength: 512 });
    const params = loadStored(stored, file);
    const cache = new KvCache();
    const ids = [1];
    let sum = 0;
    for (let step = 0; step < 200; step++) {
      const logits = tf.tidy(() => forward(params, Int32Array.of(ids.at(-1)!), { cache }).logits.dataSync() as Float32Array);
      if (step === 0) {
        const expected = [-6.22291, 8.40434, -6.22374, -6.22254, -6.22195, -6.22288];
        expected.forEach((value, id) => {
          expect(Math.abs(logits[id]! - value), `logit ${id}`).toBeLessThan(2e-5);
        });
      }
      const best = logits.reduce((top, value, id) => (value > logits[top]! ? id : top), 0);
      sum += Math.log(logits.reduce((total, value) => total + Math.exp(value - logits[best]!), 0));
      ids.push(best);
    }
    expect(ids.slice(0, 24).join(' ')).toBe(
      '1 403 407 261 378 432 383 286 261 376 298 315 421 395 317 426 338 401 396 267 337 410 408 419',
    );
    expect(sum / 200).toBeCloseTo(0.473418, 5);
    cache.dispose();
    disposeParameters(params);
  });

  it('refuses a file that is cut, or of another kind', () => {
    const bytes = new Uint8Array(readFileSync(file));
    expect(() => parseLlama2c(bytes.subarray(0, bytes.length - 1), 'x.bin')).toThrow(/announced/);
    expect(() => parseLlama2c(bytes.subarray(0, 20), 'x.bin')).toThrow(/too short/);
    expect(() => parseLlama2c(new Uint8Array(64), 'x.bin')).toThrow(/not plausible/);
    const later = bytes.slice();
    later.set([0x32, 0x34, 0x6b, 0x61]);
    expect(() => parseLlama2c(later, 'x.bin')).toThrow(/later version/);
  });
});

it('reads or refuses any header, never crashes', () => {
  const good = new Int32Array(7 + 1000);
  good.set([4, 6, 1, 2, 1, 8, 2]); // dim, hidden, layers, heads, key-value heads, vocabulary, context
  const floats = 8 * 4 + (2 * 4 + 2 * 16 + 2 * 2 * 4 + 3 * 6 * 4) + 4 + 2 * 2;
  const whole = new Uint8Array(good.buffer, 0, 28 + 4 * floats);
  expect(parseLlama2c(whole, 'x.bin').tensors.size).toBe(11);
  fc.assert(
    fc.property(fc.nat(6), fc.oneof(fc.integer(), fc.integer({ min: -9, max: 9 })), fc.nat(40), (at, value, cut) => {
      const bytes = whole.slice(0, whole.length - cut);
      new DataView(bytes.buffer).setInt32(4 * at, value, true);
      try {
        const { config } = parseLlama2c(bytes, 'x.bin');
        expect(config.dModel % config.nHeads).toBe(0);
      } catch (error) {
        expect(error).toMatchObject({ code: 'file.broken' });
      }
    }),
    { numRuns: 500 },
  );
});

it('puts pairs into halves', () => {
  // Two heads of four rows, one column.
  expect([...pairsToHalves(Float32Array.of(0, 1, 2, 3, 10, 11, 12, 13), 4, 1)]).toEqual([0, 2, 1, 3, 10, 12, 11, 13]);
});
