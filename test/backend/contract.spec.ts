/**
 * What every backend owes the model, held against plain JavaScript (`cpu`): the same logits, taps and gradients, the same
 * curve over 50 steps of the real training loop, the same text, and nothing left behind. The native TensorFlow takes part
 * where `LOUPE_TFJS_NODE` says where it is installed.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLoupe } from '../../src/backend/loupe/runtime';
import { forward } from '../../src/core/model/gpt';
import { disposeParameters, initialise, parameterSpecs } from '../../src/core/model/parameters';
import { trainSettings } from '../../src/core/model/presets';
import { layerTaps } from '../../src/core/model/taps';
import { Rng } from '../../src/core/rng';
import { generate } from '../../src/core/sample/generate';
import * as tf from '../../src/core/tf';
import { TrainControl } from '../../src/core/train/control';
import { addGradients, disposeGradients, type Gradients, globalNorm } from '../../src/core/train/gradients';
import { trainLoop } from '../../src/core/train/loop';
import { arraySource } from '../../src/core/train/source';
import { pieceTokenizer } from '../core/sample/toys';
import { assets, openTestBackend } from '../support/backend';
import { greatestDifference, tinyConfig } from '../support/model';

const loupe = (build: 'relaxed' | 'simd' | 'scalar') => () =>
  openLoupe({ assets, threads: 2, build, onLost: (reason) => expect.fail(reason) });
const native = process.env.LOUPE_TFJS_NODE;
/** The native one last: it brings kernels for the others along. */
const backends: readonly [string, (() => Promise<unknown>) | null][] = [
  ['wasm', () => openTestBackend('wasm')],
  ['loupe, relaxed SIMD', loupe('relaxed')],
  ['loupe, SIMD', loupe('simd')],
  ['loupe, scalar', loupe('scalar')],
  ['tensorflow', native ? () => openTestBackend('tensorflow') : null],
];

// Odd sizes, groups of heads, two weights of their own at the ends: nothing that a kernel could take for granted.
const config = tinyConfig({ vocabSize: 29, dModel: 20, nHeads: 5, nKvHeads: 1, headDim: 4, dFf: 37, contextLength: 18, bosId: 0 });
/** For the curve, which plain JavaScript computes too. */
const small = tinyConfig({ ...config, nHeads: 3, dModel: 12, dFf: 17, contextLength: 11 });
const untied = tinyConfig({ ...config, nHeads: 2, nKvHeads: 2, headDim: 6, tieEmbeddings: false });
const ids = (label: number, length: number) => Int32Array.from({ length }, (_, i) => Rng.from(label).below(i, config.vocabSize));
const tokenizer = pieceTokenizer(['<bos>', ...Array.from({ length: config.vocabSize - 1 }, (_, i) => String.fromCharCode(97 + i))], {
  bos: 0,
});

interface Seen {
  readonly logits: Float32Array;
  /** Of every layer, by name. */
  readonly taps: Record<string, Float32Array>;
  readonly loss: number;
  readonly gradients: Record<string, Float32Array>;
  readonly curve: readonly { loss: number; gradNorm: number }[];
  readonly text: string;
  readonly drawn: string;
  /** Tensors left behind by each piece of work. */
  readonly left: Record<string, number>;
}

/** Everything that the contract speaks of, on the backend that is open. */
async function look(): Promise<Seen> {
  const left: Record<string, number> = {};
  /** Weights may keep a transposed copy of themselves from their first use on: only the second time counts. */
  const twice = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    await work();
    const before = tf.memory().numTensors;
    const result = await work();
    left[name] = tf.memory().numTensors - before;
    return result;
  };

  const params = initialise(config, 3);
  const batch = { inputs: [ids(1, 18), ids(2, 18), ids(3, 18)], targets: [ids(4, 18), ids(5, 18), ids(6, 18)] };
  const { logits, taps } = await twice('forward', async () =>
    tf.tidy(() => {
      const result = forward(params, batch.inputs);
      const inside = forward(params, ids(1, 11), { taps: 'all' });
      const read = (tensor: tf.Tensor | undefined) => Float32Array.from(tensor!.dataSync());
      return {
        logits: read(result.logits),
        taps: Object.fromEntries(
          inside.taps.layers.flatMap((layer, index) => layerTaps.map((name) => [`${name} ${index}`, read(layer[name])] as const)),
        ),
      };
    }),
  );

  const other = initialise(untied, 5);
  const { loss, gradients } = await twice('gradients', async () => {
    const found: Record<string, Float32Array> = {};
    let loss = 0;
    for (const [name, model] of [['tied', params] as const, ['untied', other] as const]) {
      const sum: Gradients = new Map();
      loss += await addGradients(model, batch, sum, 0.5, { rate: 0.1, rng: Rng.from(8) });
      loss += await addGradients(model, batch, sum, 0.5, null);
      for (const { name: parameter } of parameterSpecs(model.config)) {
        found[`${name} ${parameter}`] = Float32Array.from(sum.get(parameter)!.dataSync());
      }
      found[`${name} norm`] = Float32Array.of(globalNorm(sum));
      disposeGradients(sum);
    }
    return { loss, gradients: found };
  });
  disposeParameters(other);

  const before = tf.memory().numTensors;
  const curve = await train();
  left.training = tf.memory().numTensors - before;

  const write = async (temperature: number) => {
    const settings = { temperature, topK: 0, topP: 1, minP: 0, seed: 4 };
    let text = '';
    for await (const step of generate(params, tokenizer, Uint32Array.of(0, 5, 9), { settings, maxTokens: 40 })) text += step.text;
    return text;
  };
  const text = await twice('generation', () => write(0));
  const drawn = await twice('sampling', () => write(0.8));
  disposeParameters(params);
  return { logits, taps, loss, gradients, curve, text, drawn, left };
}

/** 50 steps of the loop as the train realm runs it: dropout, accumulation, clipping, warm-up, decay. */
async function train(): Promise<Seen['curve']> {
  const params = initialise(small, 7);
  const settings = trainSettings({ steps: 50, batch: 2, accumulate: 2, learningRate: 5e-3, dropout: 0.1, seed: 3, weightDecay: 0.1 });
  // Something to learn: mostly counting up, sometimes a jump.
  const rng = Rng.from(7);
  const tokens = [0];
  for (let i = 1; i < 900; i++)
    tokens.push(rng.uniform(i) < 0.1 ? rng.below(i, config.vocabSize) : (tokens[i - 1]! + 1) % config.vocabSize);
  const curve: { loss: number; gradNorm: number }[] = [];
  const job = {
    ...{
      params,
      settings,
      validation: null,
      control: new TrainControl(),
      now: () => 0,
      byteLengths: new Uint8Array(config.vocabSize).fill(1),
    },
    train: arraySource(tokens),
    tokenBytes: (id: number) => [id],
    origin: { backend: 'test', threads: 1, from: null },
  };
  for await (const event of trainLoop(job)) {
    if (event.type === 'step') curve.push({ loss: event.loss, gradNorm: event.gradNorm });
  }
  disposeParameters(params);
  return curve;
}

let reference: Seen;
beforeAll(async () => {
  await openTestBackend('cpu');
  reference = await look();
});
afterAll(() => openTestBackend('cpu').then(() => undefined));

const nothing = { forward: 0, gradients: 0, training: 0, generation: 0, sampling: 0 };

test('the reference learns, and leaves nothing behind', () => {
  expect(reference.left).toEqual(nothing);
  expect(reference.curve).toHaveLength(50);
  expect(reference.curve[49]!.loss).toBeLessThan(reference.curve[0]!.loss * 0.95);
  expect(reference.text).toHaveLength(40);
});

for (const [name, open] of backends) {
  describe.skipIf(!open)(open ? name : `${name} (skipped: LOUPE_TFJS_NODE does not say where it is installed)`, () => {
    let seen: Seen;
    beforeAll(async () => {
      await open?.();
      seen = await look();
    });

    test('logits and everything on the way to them', () => {
      expect(greatestDifference(seen.logits, reference.logits)).toBeLessThan(1e-5);
      for (const [tap, values] of Object.entries(reference.taps)) {
        expect(greatestDifference(seen.taps[tap] ?? [], values), tap).toBeLessThan(1e-4);
      }
    });

    test('loss and gradients of every parameter', () => {
      expect(Math.abs(seen.loss - reference.loss)).toBeLessThan(1e-5);
      for (const [parameter, values] of Object.entries(reference.gradients)) {
        expect(greatestDifference(seen.gradients[parameter] ?? [], values), parameter).toBeLessThan(1e-5);
      }
    });

    test('the curve of 50 steps of training', () => {
      const of = (key: 'loss' | 'gradNorm', { curve }: Seen) => curve.map((step) => step[key]);
      expect(greatestDifference(of('loss', seen), of('loss', reference))).toBeLessThan(2e-3);
      expect(greatestDifference(of('gradNorm', seen), of('gradNorm', reference))).toBeLessThan(2e-2);
    });

    test('what it writes, greedy and drawn', () => {
      expect([seen.text, seen.drawn]).toEqual([reference.text, reference.drawn]);
    });

    test('no tensor left behind', () => {
      expect(seen.left).toEqual(nothing);
    });
  });
}
