/** One token as one op, and a cache that is written in place, against the same model as a composition of stock ops over the whole text. */
import { afterAll, describe, expect, test } from 'vitest';
import { type Build, openLoupe } from '../../../src/backend/loupe/runtime';
import { KvCache } from '../../../src/core/model/cache';
import type { ModelConfig } from '../../../src/core/model/config';
import { forward } from '../../../src/core/model/gpt';
import { disposeParameters, type Parameters, parameterSpecs, parametersFrom } from '../../../src/core/model/parameters';
import { Rng } from '../../../src/core/rng';
import * as tf from '../../../src/core/tf';
import { assets, openTestBackend } from '../../support/backend';
import { greatestDifference, tinyConfig } from '../../support/model';

const open = (build: Build = 'relaxed', threads = 1) => openLoupe({ assets, threads, build, onLost: () => undefined });

/** Odd sizes, sizes of whole vectors, groups of heads, one layer, heads wider than the model; several units where it is large. */
const shapes: Record<string, Partial<ModelConfig>> = {
  'all odd': { vocabSize: 13, dModel: 7, nLayers: 1, nHeads: 3, nKvHeads: 1, headDim: 6, dFf: 5 },
  smallest: { vocabSize: 2, dModel: 1, nLayers: 1, nHeads: 1, nKvHeads: 1, headDim: 2, dFf: 1 },
  groups: { vocabSize: 101, dModel: 24, nLayers: 3, nHeads: 6, nKvHeads: 2, headDim: 10, dFf: 33, tieEmbeddings: false },
  'as stories260K': { vocabSize: 512, dModel: 64, nLayers: 2, nHeads: 8, nKvHeads: 4, headDim: 8, dFf: 172 },
  'several units': { vocabSize: 1009, dModel: 260, nLayers: 2, nHeads: 4, nKvHeads: 4, headDim: 68, dFf: 390, tieEmbeddings: false },
};
const configs = Object.entries(shapes).map(([name, over]) => [name, tinyConfig({ contextLength: 40, ...over })] as const);

function model(config: ModelConfig): Parameters {
  const all = new Map(parameterSpecs(config).map(({ name, shape }) => [name, shape]));
  return parametersFrom(config, (name) => {
    const shape = all.get(name) as readonly number[];
    const data = Rng.from(3)
      .split(name)
      .fillNormal(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape.length === 1 ? 0.3 : 1 / Math.sqrt(shape[1] as number));
    return { shape, dtype: 'f32', data: shape.length === 1 ? data.map((x) => x + 1) : data };
  });
}

const textOf = ({ vocabSize, contextLength }: ModelConfig) =>
  Int32Array.from({ length: contextLength }, (_, i) => Rng.from(8).below(i, vocabSize));

/** Logits of every position, the text given in pieces. */
function inPieces(params: Parameters, ids: Int32Array, pieces: readonly number[], options: object = {}): Float32Array[] {
  const cache = new KvCache();
  let at = 0;
  const parts = pieces.map((size) => {
    const { logits } = tf.tidy(() => ({ logits: forward(params, ids.slice(at, at + size), { cache, ...options }).logits }));
    at += size;
    const values = logits.dataSync() as Float32Array;
    logits.dispose();
    return values;
  });
  expect(cache.length).toBe(at);
  cache.dispose();
  return parts;
}

const joined = (parts: readonly Float32Array[]) => Float32Array.from(parts.flatMap((part) => [...part]));
const ones = (count: number) => Array.from({ length: count }, () => 1);

/** The whole text at once, on a backend where nothing is fused. */
async function reference(config: ModelConfig): Promise<Float32Array> {
  await openTestBackend('cpu');
  const params = model(config);
  const logits = tf.tidy(() => forward(params, textOf(config)).logits.dataSync().slice()) as Float32Array;
  disposeParameters(params);
  return logits;
}

afterAll(() => openTestBackend('cpu').then(() => undefined));

describe.each(['relaxed', 'simd', 'scalar'] as const)('a token as one op, build %s', (build) => {
  test.each(configs)('%s: from the first position to the last it is the whole pass', async (_, config) => {
    const expected = await reference(config);
    await open(build);
    const params = model(config);
    const ids = textOf(config);
    const before = tf.memory().numTensors;
    for (const pieces of [ones(40), [1, 38, 1], [17, ...ones(23)], [3, 1, 30, 1, 1, 4]]) {
      expect(greatestDifference(joined(inPieces(params, ids, pieces)), expected), `${pieces}`).toBeLessThan(1e-5);
    }
    // Step by step, what is seen on the way is what the whole pass has.
    const seen = joined(inPieces(params, ids, [20, ...ones(20)], { taps: { names: ['pattern', 'v'] } }));
    expect(greatestDifference(seen, expected)).toBeLessThan(1e-5);
    expect(tf.memory().numTensors).toBe(before);
    disposeParameters(params);
  });
});

test('one, two and three threads give the same bits', async () => {
  const [, config] = configs.at(-1) as (typeof configs)[number];
  const all: Float32Array[] = [];
  for (const threads of [1, 2, 3]) {
    await open('relaxed', threads);
    const params = model(config);
    all.push(joined(inPieces(params, textOf(config), [5, ...ones(20), 15])));
    disposeParameters(params);
  }
  expect(all[1]).toEqual(all[0]);
  expect(all[2]).toEqual(all[0]);
});

test('a weight that is replaced is seen', async () => {
  await open();
  const [, config] = configs[2] as (typeof configs)[number];
  const params = model(config);
  const ids = textOf(config).slice(0, 4);
  const before = joined(inPieces(params, ids, ones(4)));
  const weight = params.weights['model.layers.1.mlp.up_proj.weight'];
  weight?.assign(tf.tidy(() => tf.mul(weight.value(), 2)));
  const after = joined(inPieces(params, ids, ones(4)));
  expect(greatestDifference(after, before)).toBeGreaterThan(1e-3);
  expect(
    greatestDifference(
      after,
      tf.tidy(() => forward(params, ids).logits.dataSync()),
    ),
  ).toBeLessThan(1e-5);
  disposeParameters(params);
});

test('grows beyond what it has room for, and branches go their own ways', async () => {
  await open();
  const config = tinyConfig({ contextLength: 2600, nHeads: 4, nKvHeads: 2 });
  const params = model(config);
  const ids = textOf(config);
  const cache = new KvCache();
  const pass = (of: KvCache, from: number, to: number) =>
    tf.tidy(() => forward(params, ids.slice(from, to), { cache: of, last: 1 }).logits.dataSync().slice()) as Float32Array;
  pass(cache, 0, 1000);
  for (let at = 1000; at < 1030; at++) pass(cache, at, at + 1);
  const branch = cache.clone();
  const other = tf.tidy(() => forward(params, Int32Array.of(3), { cache: branch }).logits.dataSync().slice()) as Float32Array;
  for (let at = 1030; at < 1060; at++) pass(cache, at, at + 1);
  const here = pass(cache, 1060, 2100);
  const whole = (text: Int32Array) => tf.tidy(() => forward(params, text, { last: 1 }).logits.dataSync().slice()) as Float32Array;
  expect(greatestDifference(here, whole(ids.slice(0, 2100)))).toBeLessThan(1e-5);
  expect(greatestDifference(other, whole(Int32Array.from([...ids.slice(0, 1030), 3])))).toBeLessThan(1e-5);
  branch.dispose();
  cache.dispose();
  disposeParameters(params);
});

test('refuses what does not fit, and what is no id', async () => {
  await open();
  const config = tinyConfig({ contextLength: 2 });
  const params = model(config);
  const cache = new KvCache();
  const next = (id: number) => forward(params, Int32Array.of(id), { cache }).logits.dispose();
  next(1);
  expect(() => next(config.vocabSize)).toThrow(expect.objectContaining({ code: 'tokenizer.badId' }));
  next(1);
  expect(() => next(1)).toThrow(expect.objectContaining({ code: 'text.tooLong' }));
  cache.dispose();
  disposeParameters(params);
});
