/** The optimiser in one call, and whole training steps, on our backend: against the reference, and against themselves on other numbers of threads. */
import { createHash } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { openBackend } from '../../../src/backend/open';
import { disposeParameters, initialise, readParameters } from '../../../src/core/model/parameters';
import { Rng } from '../../../src/core/rng';
import * as tf from '../../../src/core/tf';
import { AdamW } from '../../../src/core/train/adamw';
import { trainingBatch } from '../../../src/core/train/batches';
import { addGradients, disposeGradients, type Gradients, globalNorm } from '../../../src/core/train/gradients';
import { arraySource } from '../../../src/core/train/source';
import { assets, openTestBackend } from '../../support/backend';
import { greatestDifference, tinyConfig } from '../../support/model';

afterAll(() => openTestBackend('cpu').then(() => undefined));

// Odd sizes on purpose; a table of more than one piece.
const config = tinyConfig({ vocabSize: 67, dModel: 20, nHeads: 5, nKvHeads: 1, headDim: 4, dFf: 37, contextLength: 70, nLayers: 2 });
const source = arraySource(Int32Array.from({ length: 3000 }, (_, i) => Rng.from(5).below(i, config.vocabSize)));

interface Run {
  readonly numbers: number[];
  readonly weights: Float32Array[];
  readonly moments: Float32Array[];
}

/** Steps of training with dropout, clipping and two micro-batches. */
async function train(backend: 'loupe' | 'cpu', threads: number, steps: number, exact = false): Promise<Run> {
  await openBackend({ name: backend, assets, threads, exact });
  const params = initialise(config, 3);
  const optimizer = new AdamW(params, { beta1: 0.9, beta2: 0.99, weightDecay: 0.1 });
  const numbers: number[] = [];
  const counts = new Set<number>();
  for (let step = 1; step <= steps; step++) {
    const gradients: Gradients = new Map();
    for (let micro = 0; micro < 2; micro++) {
      const batch = await trainingBatch(source, Rng.from(step), micro, 3, config.contextLength);
      numbers.push(await addGradients(params, batch, gradients, 0.5, { rate: 0.1, rng: Rng.from(step).split(micro) }));
    }
    const norm = globalNorm(gradients);
    numbers.push(norm);
    optimizer.apply(gradients, step, 1e-2, Math.min(1, 0.5 / norm));
    disposeGradients(gradients);
    counts.add(tf.memory().numTensors);
  }
  expect(counts.size, 'tensors left behind by a step').toBe(1);
  const weights = [...(await readParameters(params)).values()].map(({ data }) => data);
  const moments = [...optimizer.tensors().values()].map(({ data }) => data);
  optimizer.dispose();
  disposeParameters(params);
  return { numbers, weights, moments };
}

describe('training steps', () => {
  test('equal those of the reference', async () => {
    const [found, expected] = [await train('loupe', 1, 4), await train('cpu', 1, 4)];
    expect(greatestDifference(found.numbers, expected.numbers)).toBeLessThan(2e-4);
    expected.weights.forEach((values, i) => {
      expect(greatestDifference(found.weights[i] ?? [], values)).toBeLessThan(2e-3);
    });
    expected.moments.forEach((values, i) => {
      expect(greatestDifference(found.moments[i] ?? [], values)).toBeLessThan(1e-4);
    });
  });

  test('are the same bits on one, two and three threads', async () => {
    const one = await train('loupe', 1, 3);
    for (const threads of [2, 3]) expect(await train('loupe', threads, 3)).toEqual(one);
  });

  // Recorded on x64; another processor must give the same. A kernel that adds in another order changes it: then it is recorded anew.
  test('without relaxed operations are the bits that were recorded', async () => {
    const { numbers, weights, moments } = await train('loupe', 2, 30, true);
    const hash = createHash('sha256');
    hash.update(new Float64Array(numbers));
    for (const values of [...weights, ...moments]) hash.update(values);
    expect(hash.digest('hex')).toBe('b167507d41ce4d614fc1fad5ee36877633bfadfc25568a220e523d94f3c70719');
  });
});
