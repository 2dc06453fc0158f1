/** Ours: training steps of a task, and products of matrices, on our backend. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoupeBackend } from '../../../src/backend/loupe/backend';
import { openBackend } from '../../../src/backend/open';
import { readModel } from '../../../src/core/formats/huggingFace';
import * as tf from '../../../src/core/tf';
import { AdamW } from '../../../src/core/train/adamw';
import type { Batch } from '../../../src/core/train/batches';
import { addGradients, disposeGradients, type Gradients, globalNorm } from '../../../src/core/train/gradients';
import { Counters } from '../lib/counters';
import { seconds, serve, settings } from '../lib/serve';
import { clip, learningRate, readTask } from '../lib/tasks';

interface Request {
  readonly count: number;
  /** Instead of steps: products of [m, k] and [k, n]. */
  readonly product?: readonly [number, number, number];
  readonly profile?: boolean;
}

const { folder, threads, assets } = settings<{ folder: string; threads: number; assets: string }>();
const { batches } = readTask(folder);
await openBackend({ name: 'loupe', assets, threads });
const backend = tf.backend() as LoupeBackend;
const { params } = await readModel((name) => readFile(join(folder, name)).catch(() => undefined), folder);
const optimizer = new AdamW(params, { beta1: 0.9, beta2: 0.999, weightDecay: 0 });
let steps = 0;

async function step(batch: Batch): Promise<number> {
  const gradients: Gradients = new Map();
  const loss = await addGradients(params, batch, gradients, 1, null);
  const norm = globalNorm(gradients);
  optimizer.apply(gradients, ++steps, learningRate, norm > clip ? clip / norm : 1);
  disposeGradients(gradients);
  return loss;
}

async function products([m, k, n]: readonly [number, number, number], count: number): Promise<number> {
  const [a, b] = [tf.randomUniform([m, k], -1, 1, 'float32', 1), tf.randomUniform([k, n], -1, 1, 'float32', 2)];
  const took = await seconds(() => {
    for (let i = 0; i < count; i++) tf.matMul(a, b).dispose();
    backend.pool.finish();
  });
  tf.dispose([a, b]);
  return took;
}

await serve<Request>('LLM Loupe', async ({ count, product, profile }) => {
  if (product) return { seconds: await products(product, count) };
  const counters = profile ? new Counters() : null;
  if (counters) backend.profile = counters.count;
  const losses: number[] = [];
  const took = await seconds(async () => {
    for (let i = 0; i < count; i++) losses.push(await step(batches[steps % batches.length] as Batch));
    backend.pool.finish();
  });
  backend.profile = null;
  return { seconds: took, loss: losses[0], counters: counters?.rows() };
});
