import { beforeAll, describe, expect, test } from 'vitest';
import * as account from '../../../src/core/model/account';
import { disposeParameters, initialise, parameterSpecs } from '../../../src/core/model/parameters';
import { checkConfig, presetConfig, presetNames, presetSettings } from '../../../src/core/model/presets';
import { Rng } from '../../../src/core/rng';
import * as tf from '../../../src/core/tf';
import { trainingBatch } from '../../../src/core/train/batches';
import { lossOf } from '../../../src/core/train/gradients';
import { arraySource } from '../../../src/core/train/source';
import { openTestBackend } from '../../support/backend';
import { tinyConfig } from '../../support/model';

/** The most that tensors held at once, in bytes, above what was there: counted at the allocator, since tfjs counts views as copies. */
function peakAllocation(work: () => void): number {
  const heap = (tf.backend() as unknown as { wasm: { _malloc: (bytes: number) => number; _free: (at: number) => void } }).wasm;
  const { _malloc: malloc, _free: free } = heap;
  const sizes = new Map<number, number>();
  let [now, peak] = [0, 0];
  heap._malloc = (bytes) => {
    const at = malloc(bytes);
    sizes.set(at, bytes);
    now += bytes;
    peak = Math.max(peak, now);
    return at;
  };
  heap._free = (at) => {
    now -= sizes.get(at) ?? 0;
    sizes.delete(at);
    free(at);
  };
  try {
    work();
  } finally {
    heap._malloc = malloc;
    heap._free = free;
  }
  return peak;
}

describe('presets', () => {
  test('have the sizes that their names promise', () => {
    const millions = presetNames.map((name) => account.parameterCount(presetConfig(name)) / 1e6);
    expect(millions.map((size) => size.toPrecision(2))).toEqual(['0.20', '0.80', '3.0', '11']);
    for (const name of presetNames) expect(presetSettings(name).steps).toBeGreaterThan(0);
  });

  test('take another vocabulary, and refuse what cannot be', () => {
    expect(presetConfig('micro', { vocabSize: 700 })).toMatchObject({ vocabSize: 700, dModel: 128, bosId: 2, eosId: 3 });
    expect(presetConfig('micro', { nHeads: 8 })).toMatchObject({ nHeads: 8, nKvHeads: 8, headDim: 16 });
    for (const [over, setting] of [
      [{ dModel: 100, nHeads: 3 }, 'headDim'],
      [{ nKvHeads: 3 }, 'nKvHeads'],
      [{ nLayers: 0 }, 'nLayers'],
      [{ vocabSize: 1 }, 'vocabSize'],
      [{ contextLength: 0.5 }, 'contextLength'],
      [{ normEps: 0 }, 'normEps'],
    ] as const) {
      expect(() => presetConfig('micro', over)).toThrow(
        expect.objectContaining({ code: 'training.badSettings', args: expect.objectContaining({ setting }) }),
      );
    }
    expect(() => checkConfig(tinyConfig())).not.toThrow();
  });
});

describe('accounts', () => {
  // The model of the measurements: 4 layers, d 128, d_ff 352, vocabulary 65, context 64.
  const config = tinyConfig({ vocabSize: 65, dModel: 128, nLayers: 4, nHeads: 4, nKvHeads: 4, headDim: 32, dFf: 352, contextLength: 64 });

  test('count every parameter once, by group', () => {
    const attention = 4 * 4 * 128 * 128;
    const feedForward = 4 * 3 * 128 * 352;
    expect(account.parametersByGroup(config)).toEqual([
      { group: 'embedding', parameters: 65 * 128 },
      { group: 'attention', parameters: attention },
      { group: 'feedForward', parameters: feedForward },
      { group: 'norm', parameters: 9 * 128 },
    ]);
    expect(account.parameterCount(config)).toBe(65 * 128 + attention + feedForward + 9 * 128);
    const untied = { ...config, tieEmbeddings: false, nKvHeads: 1 };
    expect(account.parametersByGroup(untied).at(-1)).toEqual({ group: 'head', parameters: 65 * 128 });
    expect(account.parameterCount(untied)).toBe(account.parameterCount(config) + 65 * 128 - 4 * 2 * 3 * 32 * 128);
  });

  test('FLOPs: 6 a parameter and 6 layers d T a token to train, a third of it to run', () => {
    expect(account.trainingFlopsPerToken(config)).toBe(6 * account.parameterCount(config) + 6 * 4 * 128 * 64);
    expect(account.forwardFlopsPerToken(config, 10)).toBe(2 * account.parameterCount(config) + 2 * 4 * 128 * 10);
    expect(account.forwardFlopsPerToken({ ...config, tieEmbeddings: false })).toBe(account.forwardFlopsPerToken(config));
    expect(account.cacheBytesPerToken({ ...config, nKvHeads: 2 })).toBe(2 * 4 * 4 * 2 * 32);
    expect(account.weightBytes(config, 2)).toBe(2 * account.parameterCount(config));
  });

  describe('memory', () => {
    beforeAll(() => openTestBackend('wasm').then(() => undefined));

    test.each([
      ['the measured model', config, 4],
      ['a large vocabulary', presetConfig('nano', { vocabSize: 3000 }), 2],
      ['a long context', tinyConfig({ dModel: 32, nHeads: 4, nKvHeads: 2, headDim: 8, dFf: 64, contextLength: 256 }), 2],
    ])('of a training pass is predicted within a quarter: %s', async (_, shape, sequences) => {
      const params = initialise(shape, 1);
      const source = arraySource(Int32Array.from({ length: 600 }, (__, i) => i % shape.vocabSize));
      const batch = await trainingBatch(source, Rng.from(1), 0, sequences, shape.contextLength);
      tf.tidy(() => void lossOf(params, batch)); // the handles make their transposes
      const peak = peakAllocation(() => {
        const weights = parameterSpecs(shape).map(({ name }) => params.weights[name]?.value() as tf.Tensor);
        tf.dispose(tf.valueAndGrads(() => lossOf(params, batch))(weights));
      });
      disposeParameters(params);
      const predicted = account.activationBytes(shape, sequences);
      expect(predicted / peak, `${predicted} predicted, ${peak} measured`).toBeGreaterThan(0.8);
      expect(predicted / peak, `${predicted} predicted, ${peak} measured`).toBeLessThan(1.25);
      expect(account.memoryToTrain(shape, sequences)).toBeGreaterThan(predicted + 5 * account.weightBytes(shape));
    });
  });
});
