/**
 * Training on and on, and what it takes: tensors, bytes, blocks of the heap, the memory of the threads, of JavaScript and of the
 * process. After the first tenth nothing of it may grow. Also a program: `npm run soak` does 20,000 steps.
 */
import type { LoupeBackend } from '../../src/backend/loupe/backend';
import { openBackend } from '../../src/backend/open';
import { disposeParameters, initialise } from '../../src/core/model/parameters';
import { trainSettings } from '../../src/core/model/presets';
import { Rng } from '../../src/core/rng';
import * as tf from '../../src/core/tf';
import { TrainControl } from '../../src/core/train/control';
import { trainLoop } from '../../src/core/train/loop';
import { arraySource } from '../../src/core/train/source';
import { median } from '../bench/lib/row';
import { tinyConfig } from './model';

export interface SoakOptions {
  readonly assets: string;
  readonly steps: number;
  readonly threads: number;
  /** Frees what JavaScript no longer needs (`--expose-gc`): only with it is the memory of the process looked at. */
  readonly collect?: () => void;
  readonly tell?: (sample: Sample) => void;
}

export interface Sample {
  readonly step: number;
  readonly loss: number;
  readonly numTensors: number;
  readonly numDataBuffers: number;
  readonly numBytes: number;
  /** Bytes and blocks in use in the heap, and what it has grown to. */
  readonly used: number;
  readonly blocks: number;
  readonly reserved: number;
  /** Of JavaScript. */
  readonly heap: number;
  /** Of the process. */
  readonly resident: number;
}

const config = tinyConfig({ vocabSize: 67, dModel: 20, nHeads: 5, nKvHeads: 1, headDim: 4, dFf: 37, contextLength: 19 });

/** `changed`: what was not constant, in words. */
export async function soak({ assets, steps, threads, collect, tell }: SoakOptions): Promise<{ samples: Sample[]; changed: string[] }> {
  await openBackend({ name: 'loupe', assets, threads });
  const { heap } = tf.backend() as LoupeBackend;
  const params = initialise(config, 3);
  const rng = Rng.from(5);
  const ids = Int32Array.from({ length: 3000 }, (_, i) =>
    rng.uniform(i) < 0.2 ? rng.below(i, config.vocabSize) : (i * 7) % config.vocabSize,
  );
  const samples: Sample[] = [];
  const job = {
    params,
    settings: trainSettings({
      steps,
      batch: 3,
      learningRate: 3e-3,
      accumulate: 2,
      dropout: 0.1,
      evalEvery: steps / 5,
      checkpointEvery: steps / 5,
    }),
    train: arraySource(ids.slice(0, 2500)),
    validation: arraySource(ids.slice(2500)),
    byteLengths: new Uint8Array(config.vocabSize).fill(2),
    tokenBytes: (id: number) => [id, id],
    origin: { backend: 'soak', threads, from: null },
    control: new TrainControl(),
    now: () => performance.now(),
  };
  const every = steps / 50;
  for await (const event of trainLoop(job)) {
    if (event.type !== 'step' || event.step % every !== 0) continue;
    collect?.();
    const { numTensors, numDataBuffers, numBytes } = tf.memory();
    const { heapUsed, rss } = process.memoryUsage();
    const { usedBytes: used, blocks, memory } = heap;
    const sample = { numTensors, numDataBuffers, numBytes, used, blocks, reserved: memory.buffer.byteLength };
    samples.push({ step: event.step, loss: event.loss, ...sample, heap: heapUsed, resident: rss });
    tell?.(samples[samples.length - 1] as Sample);
  }
  disposeParameters(params);
  return { samples, changed: changes(samples, collect !== undefined) };
}

const exact = ['numTensors', 'numDataBuffers', 'numBytes', 'used', 'blocks', 'reserved'] as const;

/**
 * How much the median of the later half of a soak may be over that of the earlier one. Between them lie 9,000 of 20,000 steps: so
 * 110 bytes a step are found in the heap, 900 elsewhere. Where nothing leaks the medians are within 0.1 and 3 MB of each other, while
 * single samples of the process lie up to 10 MB above them: V8 gives pages back when it likes.
 */
const graces = [
  ['heap', 1e6],
  ['resident', 8e6],
] as const;

/** What was not constant after the first tenth, in words. `collected`: the memory of the process was looked at. */
export function changes(samples: readonly Sample[], collected: boolean): string[] {
  const later = samples.slice(Math.ceil(samples.length / 10));
  const first = later[0] as Sample;
  const found = later.flatMap((sample) =>
    exact
      .filter((name) => sample[name] !== first[name])
      .map((name) => `${name} ${first[name]} at step ${first.step}, ${sample[name]} at ${sample.step}`),
  );
  if (collected) {
    const half = later.length >> 1;
    for (const [name, grace] of graces) {
      const usual = (part: readonly Sample[]) => median(part.map((sample) => sample[name]));
      const [before, after] = [usual(later.slice(0, half)), usual(later.slice(half))];
      if (after > before + grace) found.push(`${name} ${before} in the first half, ${after} in the second (medians)`);
    }
  }
  return found;
}
