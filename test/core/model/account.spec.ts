import { beforeAll, describe, expect, test } from 'vitest';
import { LoupeBackend } from '../../../src/backend/loupe/backend';
import * as account from '../../../src/core/model/account';
import { KvCache } from '../../../src/core/model/cache';
import type { ModelConfig } from '../../../src/core/model/config';
import { forward } from '../../../src/core/model/gpt';
import { disposeParameters, initialise, type Parameters } from '../../../src/core/model/parameters';
import { checkConfig, presetConfig, presetNames, presetSettings } from '../../../src/core/model/presets';
import { Rng } from '../../../src/core/rng';
import * as tf from '../../../src/core/tf';
import { AdamW } from '../../../src/core/train/adamw';
import { trainingBatch } from '../../../src/core/train/batches';
import { evaluate } from '../../../src/core/train/evaluate';
import { addGradients, disposeGradients, type Gradients, globalNorm } from '../../../src/core/train/gradients';
import { arraySource } from '../../../src/core/train/source';
import { openTestBackend } from '../../support/backend';
import { tinyConfig } from '../../support/model';

/** The most that was allocated at once, in bytes, above what was there: counted at the allocator, since tfjs counts views as copies. */
async function peakAllocation(work: () => Promise<void> | void): Promise<number> {
  const backend = tf.backend();
  const names = backend instanceof LoupeBackend ? (['allocate', 'free'] as const) : (['_malloc', '_free'] as const);
  const heap = (backend instanceof LoupeBackend ? backend.heap : (backend as unknown as { wasm: object }).wasm) as Record<
    string,
    (bytesOrAddress: number) => number
  >;
  const [allocate, free] = names.map((name) => (heap[name] as (_: number) => number).bind(heap)) as [
    (_: number) => number,
    (_: number) => number,
  ];
  const sizes = new Map<number, number>();
  let [now, peak] = [0, 0];
  heap[names[0]] = (bytes) => {
    const at = allocate(bytes);
    sizes.set(at, bytes);
    now += bytes;
    peak = Math.max(peak, now);
    return at;
  };
  heap[names[1]] = (at) => {
    now -= sizes.get(at) ?? 0;
    sizes.delete(at);
    return free(at);
  };
  try {
    await work();
  } finally {
    heap[names[0]] = allocate;
    heap[names[1]] = free;
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

  describe.each(['loupe', 'wasm'] as const)('memory on %s', (name) => {
    beforeAll(() => openTestBackend(name).then(() => undefined));
    const fused = name === 'loupe';

    const shapes: [string, ModelConfig, number][] = [
      ['the measured model', config, 4],
      ['a large vocabulary', presetConfig('nano', { vocabSize: 3000 }), 2],
      ['a long context', tinyConfig({ dModel: 32, nHeads: 4, nKvHeads: 2, headDim: 8, dFf: 64, contextLength: 256 }), 2],
      ['a preset', presetConfig('micro'), 4],
    ];

    test.each(shapes)('to run is about what is predicted: %s', async (_, shape) => {
      const ids = Int32Array.from({ length: shape.contextLength }, (__, i) => i % shape.vocabSize);
      let params: Parameters | undefined;
      const peak = await peakAllocation(() => {
        params = initialise(shape, 1);
        const cache = new KvCache();
        forward(params, ids, { cache }).logits.dispose();
        cache.dispose();
      });
      if (params) disposeParameters(params);
      const predicted = account.memoryToRun(shape, shape.contextLength, fused);
      expect(predicted / peak, `${predicted} predicted, ${peak} measured`).toBeGreaterThan(0.65);
      expect(predicted / peak, `${predicted} predicted, ${peak} measured`).toBeLessThan(1.65);
    });

    // All logits of an evaluation at once would be eight times what a chunk has.
    const wide: [string, ModelConfig, number] = ['a wide head', presetConfig('nano', { vocabSize: 32_000, contextLength: 256 }), 4];

    test.each([...shapes, wide])('to train, and evaluate, is predicted within a quarter: %s', async (_, shape, batch) => {
      const source = arraySource(Int32Array.from({ length: 600 }, (__, i) => i % shape.vocabSize));
      const rows = await trainingBatch(source, Rng.from(1), 0, batch, shape.contextLength);
      const kept: { dispose: () => void }[] = [];
      const steps = (count: number, accumulate: number) => async () => {
        const params = initialise(shape, 1);
        const optimizer = new AdamW(params, { beta1: 0.9, beta2: 0.99, weightDecay: 0.1 });
        kept.push({ dispose: () => disposeParameters(params) }, optimizer);
        for (let step = 1; step <= count; step++) {
          const gradients: Gradients = new Map();
          for (let micro = 0; micro < accumulate; micro++) await addGradients(params, rows, gradients, 1 / accumulate, null);
          optimizer.apply(gradients, step, 1e-3, 1 / globalNorm(gradients));
          disposeGradients(gradients);
        }
        await evaluate(params, [rows], new Uint8Array(shape.vocabSize).fill(1), async () => {});
      };
      for (const accumulate of [1, 2]) {
        const peak = await peakAllocation(steps(2, accumulate));
        for (const each of kept.splice(0)) each.dispose();
        const predicted = account.memoryToTrain(shape, { batch, accumulate, fused });
        expect(predicted / peak, `${predicted} predicted, ${peak} measured`).toBeGreaterThan(0.8);
        expect(predicted / peak, `${predicted} predicted, ${peak} measured`).toBeLessThan(1.25);
      }
    });
  });
});
