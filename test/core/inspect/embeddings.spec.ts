import '@tensorflow/tfjs-backend-cpu';
import { afterAll, expect, it } from 'vitest';
import { analogy, neighbours } from '../../../src/core/inspect/embeddings';
import { disposeParameters, initialise, weightOf } from '../../../src/core/model/parameters';
import * as tf from '../../../src/core/tf';

const config = {
  vocabSize: 7,
  dModel: 4,
  nLayers: 1,
  nHeads: 1,
  nKvHeads: 1,
  headDim: 4,
  dFf: 4,
  contextLength: 4,
  ropeTheta: 100,
  normEps: 1e-5,
  tieEmbeddings: true,
};
const params = initialise(config, 1);
afterAll(() => disposeParameters(params));
// man, woman, king, queen (twice as long), apple, the opposite of apple, nothing
const table = [
  [1, 0, 0, 0],
  [0, 1, 0, 0],
  [1, 0, 1, 0],
  [0, 2, 2, 0],
  [0, 0, 0, 3],
  [0, 0, 0, -1],
  [0, 0, 0, 0],
];
weightOf(params, 'model.embed_tokens.weight').assign(tf.tensor2d(table));

it('finds the nearest rows by direction, not by length', async () => {
  const found = await neighbours(params, 2, 10);
  expect(found.map(({ id }) => id)).toEqual([0, 3, 1, 4, 5, 6]);
  expect(found[0]!.similarity).toBeCloseTo(Math.SQRT1_2, 6);
  expect(found[1]!.similarity).toBeCloseTo(0.5, 6);
  expect((await neighbours(params, 4, 10)).at(-1)).toEqual({ id: 5, similarity: -1 });
  expect(await neighbours(params, 2, 1)).toHaveLength(1);
  expect((await neighbours(params, 6, 2)).map(({ similarity }) => similarity)).toEqual([0, 0]);
});

it('adds and subtracts: king - man + woman is queen', async () => {
  const [queen, ...others] = await analogy(params, 2, 0, 1, 10);
  expect(queen!.id).toBe(3);
  expect(others.map(({ id }) => id)).toEqual([4, 5, 6]);
});

it('does not change the table, and knows no other ids', async () => {
  expect(await weightOf(params, 'model.embed_tokens.weight').value().array()).toEqual(table);
  await expect(neighbours(params, 7, 1)).rejects.toMatchObject({ code: 'tokenizer.badId' });
  await expect(analogy(params, 0, 1, -1, 1)).rejects.toMatchObject({ code: 'tokenizer.badId' });
});
