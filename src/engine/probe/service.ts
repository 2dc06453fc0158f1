/** How fast a backend trains here: whole steps, optimiser and all, of a small model, for half a second. */
import { disposeParameters, initialise } from '../../core/model/parameters';
import { presetConfig } from '../../core/model/presets';
import { Rng } from '../../core/rng';
import { AdamW } from '../../core/train/adamw';
import { trainingBatch } from '../../core/train/batches';
import { addGradients, disposeGradients, type Gradients, globalNorm } from '../../core/train/gradients';
import { arraySource } from '../../core/train/source';
import type { ProbeApi, RealmConfig } from '../../protocol/engine';
import type { Service } from '../../protocol/rpc';
import { backendOf } from '../backend';

/** What trains while one waits. */
const shape = presetConfig('micro');
const batch = 4;
const milliseconds = 500;
/** The first pay for compiling, and for memory that is new. */
const warmUp = 2;

export function probeService(config: RealmConfig): Service<ProbeApi> {
  const open = backendOf(config);
  return {
    async measure() {
      const { description, threads } = await open();
      const times = await timeSteps();
      // The best one: the others had to share the machine.
      return { description, threads, tokensPerSecond: (batch * shape.contextLength * 1000) / Math.min(...times) };
    },
  };
}

/** Milliseconds of each step, at least one: the first ones count only where each takes longer than the whole should. */
async function timeSteps(): Promise<number[]> {
  const params = initialise(shape, 0);
  const optimizer = new AdamW(params, { beta1: 0.9, beta2: 0.99, weightDecay: 0.1 });
  const rng = Rng.from(0);
  const source = arraySource(Int32Array.from({ length: 2 * shape.contextLength }, (_, i) => rng.below(i, shape.vocabSize)));
  const times: number[] = [];
  let spent = 0;
  for (let step = 1; times.length === 0 || spent < milliseconds; step++) {
    const start = performance.now();
    const gradients: Gradients = new Map();
    await addGradients(params, await trainingBatch(source, rng.split(step), 0, batch, shape.contextLength), gradients, 1, null);
    optimizer.apply(gradients, step, 1e-3, 1 / Math.max(1, globalNorm(gradients)));
    disposeGradients(gradients);
    const taken = performance.now() - start;
    if (step <= warmUp && taken < milliseconds) continue;
    times.push(taken);
    spent += taken;
  }
  optimizer.dispose();
  disposeParameters(params);
  return times;
}
