/**
 * A whole small training (batches, dropout, two micro-batches, clipping, warm-up, evaluation) and what its model writes, as
 * digests: for tests that hold them equal over threads, runs and processors. Shapes that fit no tile, jobs of many units.
 */
import { createHash } from 'node:crypto';
import { disposeParameters, initialise, readParameters } from '../../src/core/model/parameters';
import { trainSettings } from '../../src/core/model/presets';
import { Rng } from '../../src/core/rng';
import { generate } from '../../src/core/sample/generate';
import type { Tokenizer } from '../../src/core/tokenizer/types';
import { TrainControl } from '../../src/core/train/control';
import { trainLoop } from '../../src/core/train/loop';
import { arraySource } from '../../src/core/train/source';
import { tinyConfig } from './model';

const config = tinyConfig({ vocabSize: 131, dModel: 36, nHeads: 3, nKvHeads: 1, headDim: 12, dFf: 77, contextLength: 41 });
const rng = Rng.from(11);
/** Mostly three more than before, sometimes anything. */
const ids = (() => {
  const all = [0];
  for (let i = 1; i < 6000; i++)
    all.push(rng.uniform(i) < 0.1 ? rng.below(i, config.vocabSize) : ((all[i - 1] as number) + 3) % config.vocabSize);
  return all;
})();

/** One letter for each id. */
const letters: Tokenizer = {
  name: 'letters',
  vocabSize: config.vocabSize,
  special: {},
  encode: (text) => Uint32Array.from(text, (letter) => letter.charCodeAt(0) - 256),
  encodeSpans: () => {
    throw new Error('not needed here');
  },
  decodeBytes: (given) => new TextEncoder().encode(String.fromCharCode(...Array.from(given, (id) => id + 256))),
  decode: (given) => String.fromCharCode(...Array.from(given, (id) => id + 256)),
  tokenBytes: (id) => new TextEncoder().encode(String.fromCharCode(id + 256)),
  rank: () => undefined,
  parents: () => undefined,
};

export interface Curve {
  readonly losses: number[];
  /** Of losses, learning rates and norms, the weights and the moments. */
  readonly training: string;
  /** Of what was drawn, and its probabilities. */
  readonly writing: string;
}

/** On the backend that is open. */
export async function curve(steps: number, tokens: number): Promise<Curve> {
  const params = initialise(config, 5);
  try {
    const losses: number[] = [];
    const training = createHash('sha256');
    const job = {
      params,
      settings: trainSettings({
        steps,
        batch: 3,
        learningRate: 1e-2,
        accumulate: 2,
        dropout: 0.1,
        seed: 9,
        evalEvery: 100,
        checkpointEvery: steps,
      }),
      train: arraySource(ids.slice(0, 5000)),
      validation: arraySource(ids.slice(5000)),
      byteLengths: new Uint8Array(config.vocabSize).fill(2),
      tokenBytes: (id: number) => [id, id],
      origin: { backend: 'test', threads: 1, from: null },
      control: new TrainControl(),
      now: () => 0,
    };
    for await (const event of trainLoop(job)) {
      if (event.type === 'step') {
        losses.push(event.loss);
        training.update(JSON.stringify([event.loss, event.learningRate, event.gradNorm]));
      }
      if (event.type === 'eval') training.update(JSON.stringify([event.loss, event.valLoss, event.bitsPerByte]));
      if (event.type === 'checkpointDue') for (const { data } of event.snapshot.moments.values()) training.update(data);
    }
    for (const { data } of (await readParameters(params)).values()) training.update(data);

    const writing = createHash('sha256');
    const settings = { temperature: 0.9, topK: 40, topP: 0.95, minP: 0, seed: 3 };
    for await (const { id, logprob, top, mass } of generate(params, letters, Uint32Array.from(ids.slice(0, 17)), {
      settings,
      maxTokens: tokens,
    })) {
      writing.update(JSON.stringify([id, logprob, top, mass]));
    }
    return { losses, training: training.digest('hex'), writing: writing.digest('hex') };
  } finally {
    disposeParameters(params);
  }
}
