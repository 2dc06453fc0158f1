/** Peers: the same training with TensorFlow.js as it comes, on its wasm backend or (`tensorflow`: folder of the native package) in C++. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { openBackend } from '../../../src/backend/open';
import { readModel } from '../../../src/core/formats/huggingFace';
import { readParameters } from '../../../src/core/model/parameters';
import * as tf from '../../../src/core/tf';
import type { Batch } from '../../../src/core/train/batches';
import { seconds, serve, settings } from '../lib/serve';
import { readTask } from '../lib/tasks';
import { TfjsModel } from '../lib/tfjsModel';

const { folder, assets, tensorflow } = settings<{ folder: string; assets: string; tensorflow?: string }>();
const { task, batches } = readTask(folder);
// As it comes: without what we change about stock wasm.
const stock = ['BatchMatMul', 'Identity'].map((name) => tf.getKernel(name, 'wasm'));
await openBackend({ name: 'wasm', assets, threads: 1 });
const { params } = await readModel((name) => readFile(join(folder, name)).catch(() => undefined), folder);
const weights = await readParameters(params);
for (const kernel of stock) {
  tf.unregisterKernel(kernel.kernelName, 'wasm');
  tf.registerKernel(kernel);
}
const native = tensorflow === undefined ? null : (createRequire(import.meta.url)(join(tensorflow, 'tfjs-node.cjs')) as typeof tf);
const model = new TfjsModel(native ?? tf, task.config, weights, native !== null);
let steps = 0;

const version = native ? (native as unknown as { version: Record<string, string> }).version['tfjs-node'] : tf.version_core;
await serve<{ count: number }>(native ? `native tfjs-node ${version}` : `stock tfjs wasm ${version}`, async ({ count }) => {
  const losses: number[] = [];
  const took = await seconds(async () => {
    for (let i = 0; i < count; i++) losses.push(await model.step(batches[steps++ % batches.length] as Batch));
  });
  return { seconds: took, loss: losses[0] };
});
