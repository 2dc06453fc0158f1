/** The counters of `npm run bench -- --profile`: what they read off the arguments of kernels is what the formula of a step says. */
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { LoupeBackend } from '../../src/backend/loupe/backend';
import { openBackend } from '../../src/backend/open';
import { parameterCount, trainingFlopsPerToken } from '../../src/core/model/account';
import { disposeParameters, initialise } from '../../src/core/model/parameters';
import * as tf from '../../src/core/tf';
import { AdamW } from '../../src/core/train/adamw';
import { addGradients, disposeGradients, type Gradients } from '../../src/core/train/gradients';
import { Counters } from './lib/counters';
import { small } from './lib/tasks';

afterAll(() => tf.removeBackend('loupe'));

test('a training step has the operations that its shape announces, and AdamW goes over all parameters', async () => {
  await openBackend({ name: 'loupe', assets: join(import.meta.dirname, '../../build/assets'), threads: 1 });
  const { config, sequences } = small;
  const params = initialise(config, 1);
  const optimizer = new AdamW(params, { beta1: 0.9, beta2: 0.999, weightDecay: 0 });
  const row = new Int32Array(config.contextLength).fill(7);
  const rows = Array.from({ length: sequences }, () => row);
  const counters = new Counters();
  (tf.backend() as LoupeBackend).profile = counters.count;
  const gradients: Gradients = new Map();
  await addGradients(params, { inputs: rows, targets: rows }, gradients, 1, null);
  optimizer.apply(gradients, 1, 1e-3, 1);
  (tf.backend() as LoupeBackend).profile = null;

  const counted = counters.rows();
  const flops = counted.reduce((sum, entry) => sum + entry.flops, 0);
  const expected = sequences * config.contextLength * trainingFlopsPerToken(config);
  expect(flops / expected).toBeGreaterThan(0.99);
  expect(flops / expected).toBeLessThan(1.01);
  // Weight, gradient and two moments read, all but the gradient written.
  expect(counted.find(({ kernel }) => kernel === 'adamW')?.bytes).toBe(7 * 4 * parameterCount(config));
  expect(counted.every(({ seconds, calls }) => seconds >= 0 && calls > 0)).toBe(true);
  disposeGradients(gradients);
  optimizer.dispose();
  disposeParameters(params);
});
