import { beforeAll, describe, expect, test } from 'vitest';
import type { Dropout } from '../../../src/core/model/ops';
import { disposeParameters, initialise, type Parameters, parameterSpecs, weightOf } from '../../../src/core/model/parameters';
import { Rng } from '../../../src/core/rng';
import * as tf from '../../../src/core/tf';
import { AdamW } from '../../../src/core/train/adamw';
import type { Batch } from '../../../src/core/train/batches';
import { addGradients, disposeGradients, type Gradients, globalNorm, lossOf } from '../../../src/core/train/gradients';
import { openTestBackend } from '../../support/backend';
import { normals } from '../../support/gradients';
import { greatestDifference, tinyConfig } from '../../support/model';

const batch: Batch = {
  inputs: [Int32Array.of(1, 4, 7, 7, 2), Int32Array.of(0, 3, 3, 9, 11)],
  targets: [Int32Array.of(4, 7, 7, 2, 5), Int32Array.of(3, 3, 9, 11, 1)],
};
const lossNow = (params: Parameters, dropout: Dropout | null = null) =>
  tf.tidy(() => lossOf(params, batch, dropout).dataSync()[0] as number);

describe.each(['loupe', 'wasm', 'cpu'] as const)('gradients of the whole model on %s', (backend) => {
  beforeAll(() => openTestBackend(backend).then(() => undefined));

  test.each([
    ['tied, one head each', {}],
    ['its own head, grouped', { tieEmbeddings: false, nHeads: 4, nKvHeads: 2 }],
  ])('equal finite differences of the loss, parameter by parameter: %s', async (_, over) => {
    const params = initialise(tinyConfig(over), 3);
    // Larger weights than at the start, so that every path carries a gradient worth measuring.
    for (const { name, shape, group } of parameterSpecs(params.config)) {
      if (group !== 'norm') weightOf(params, name).assign(normals(name, [...shape], 0.3));
    }
    const dropout = { rate: 0.25, rng: Rng.from(4) };
    const gradients: Gradients = new Map();
    const loss = await addGradients(params, batch, gradients, 1, dropout);
    expect(loss).toBeCloseTo(lossNow(params, dropout), 5);
    for (const { name, shape } of parameterSpecs(params.config)) {
      const weight = weightOf(params, name);
      const original = weight.value().dataSync().slice();
      const gradient = gradients.get(name)?.dataSync() as Float32Array;
      // Along the gradient itself (its norm) and along a random direction of length 1.
      const norm = Math.hypot(...gradient);
      const random = normals(`direction ${name}`, [gradient.length]).dataSync();
      const size = Math.hypot(...random);
      for (const direction of [gradient.map((g) => g / norm), random.map((x) => x / size)] as Float32Array[]) {
        const h = 2e-2;
        const at = (sign: number) => {
          weight.assign(
            tf.tensor(
              Float32Array.from(original, (x, i) => x + sign * h * (direction[i] as number)),
              [...shape],
            ),
          );
          return lossNow(params, dropout);
        };
        const measured = (at(1) - at(-1)) / (2 * h);
        const expected = gradient.reduce((sum, g, i) => sum + g * (direction[i] as number), 0);
        expect(Math.abs(measured - expected), `${name}: ${measured} and ${expected}`).toBeLessThan(1e-4 + 0.02 * norm);
      }
      weight.assign(tf.tensor(Float32Array.from(original), [...shape]));
    }
    disposeParameters(params);
  });

  test('a model learns one batch by heart', async () => {
    const params = initialise(tinyConfig(), 1);
    const optimizer = new AdamW(params, { beta1: 0.9, beta2: 0.99, weightDecay: 0 });
    let loss = Number.POSITIVE_INFINITY;
    for (let step = 1; step <= 150; step++) {
      const gradients: Gradients = new Map();
      loss = await addGradients(params, batch, gradients, 1, null);
      optimizer.apply(gradients, step, 1e-2, 1);
      disposeGradients(gradients);
    }
    disposeParameters(params);
    expect(loss).toBeLessThan(0.05);
  });

  test('micro-batches add up to the whole batch', async () => {
    const params = initialise(tinyConfig(), 2);
    const [whole, parts]: [Gradients, Gradients] = [new Map(), new Map()];
    const loss = await addGradients(params, batch, whole, 1, null);
    let sum = 0;
    for (let i = 0; i < 2; i++) {
      const part = { inputs: batch.inputs.slice(i, i + 1), targets: batch.targets.slice(i, i + 1) };
      sum += (await addGradients(params, part, parts, 0.5, null)) / 2;
    }
    disposeParameters(params);
    expect(sum).toBeCloseTo(loss, 5);
    for (const [name, values] of whole) expect(greatestDifference(parts.get(name)?.dataSync() ?? [], values.dataSync())).toBeLessThan(1e-6);
    expect(globalNorm(parts)).toBeCloseTo(globalNorm(whole), 5);
  });
});
