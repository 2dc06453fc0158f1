import '@tensorflow/tfjs-backend-cpu';
import { expect, it } from 'vitest';
import {
  type ComputedBy,
  checkpointFiles,
  differences,
  parseTrainerState,
  readCheckpoint,
  type TrainerState,
  trainerStateBytes,
} from '../../../src/core/formats/checkpoint';
import type { ReadFile } from '../../../src/core/formats/huggingFace';
import { disposeParameters, initialise, readParameters } from '../../../src/core/model/parameters';

const state: TrainerState = {
  training: {
    version: 1,
    step: 12,
    settings: {
      seed: 5,
      steps: 100,
      batch: 4,
      accumulate: 1,
      learningRate: 1e-3,
      minLearningRate: 1e-4,
      warmup: 10,
      weightDecay: 0.1,
      beta1: 0.9,
      beta2: 0.95,
      gradClip: 1,
      dropout: 0,
      evalEvery: 10,
      sampleEvery: 10,
      checkpointEvery: 10,
      keep: 2,
    },
    elapsedSeconds: 3.25,
    evaluation: { step: 10, loss: 1 / 3, valLoss: 0.1 + 0.2, bitsPerByte: 2.5 },
    best: { step: 10, valLoss: 0.1 + 0.2 },
  },
  config: {
    vocabSize: 12,
    dModel: 8,
    nLayers: 1,
    nHeads: 2,
    nKvHeads: 2,
    headDim: 4,
    dFf: 10,
    contextLength: 16,
    ropeTheta: 10000,
    normEps: 1e-5,
    tieEmbeddings: true,
  },
  from: null,
  computedBy: { backend: 'wasm', build: '0.1.0', cpuFeatures: ['simd'], threads: 1 },
  digests: { corpus: 'abc' },
};

it('gives back everything, bit for bit', async () => {
  const params = initialise(state.config, 3);
  const moment = Float32Array.of(1e-30, -0, 3.4e38, 1 / 3);
  const optimizer = new Map([['m.model.norm.weight', { shape: [4], data: moment }]]);
  const tokenizer = new Map([['tokenizer.json', new Uint8Array(2)]]);
  const files = await checkpointFiles({ params, optimizer, state, tokenizer });
  expect([...files.keys()]).toEqual([
    'tokenizer.json',
    'config.json',
    'generation_config.json',
    'model.safetensors',
    'optimizer.safetensors',
    'trainer_state.json',
  ]);
  const read: ReadFile = async (name) => files.get(name);
  const back = await readCheckpoint(read, '/c');
  expect(back.state).toEqual(state);
  expect(back.optimizer).toEqual(optimizer);
  expect(await readParameters(back.params)).toEqual(await readParameters(params));

  files.delete('optimizer.safetensors');
  await expect(readCheckpoint(read, '/c')).rejects.toMatchObject({ code: 'training.nothingToResume' });
  disposeParameters(params);
  disposeParameters(back.params);
});

it('refuses a state that is not one', () => {
  const parse = (changes: object) => {
    const json = JSON.parse(new TextDecoder().decode(trainerStateBytes(state)));
    return parseTrainerState(new TextEncoder().encode(JSON.stringify({ ...json, ...changes })), 'trainer_state.json');
  };
  expect(parse({})).toEqual(state);
  expect(() => parse({ format: undefined, global_step: 3 })).toThrow(/another program/);
  expect(() => parse({ version: 2 })).toThrow(/version 2/);
  const training = (changes: object) => parse({ training: { ...state.training, ...changes } });
  expect(() => training({ step: '3' })).toThrow(/"step"/);
  expect(() => training({ step: -1 })).toThrow(/"step"/);
  expect(() => training({ elapsedSeconds: null })).toThrow(/"elapsedSeconds"/);
  expect(() => training({ settings: { batch: 'x' } })).toThrow(/"batch"/);
  expect(() => training({ settings: [] })).toThrow(/"settings"/);
  expect(() => parse({ config: null })).toThrow(/"config"/);
});

it('names what makes a resumed run differ', () => {
  const here: ComputedBy = { ...state.computedBy, cpuFeatures: ['simd', 'relaxed'], threads: 3 };
  expect(differences(state.computedBy, state.computedBy)).toEqual([]);
  expect(differences(state.computedBy, here)).toEqual(['cpuFeatures', 'threads']);
});
