/** What the starter begins from: heads that look at the token before and at what followed a token, and nothing that copies yet. */
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { plantInduction } from '../../scripts/starter/begin';
import { root } from '../../scripts/starter/corpus.mjs';
import { courses, repeatedPhrases } from '../../scripts/starter/lists.mjs';
import { openBackend } from '../../src/backend/open';
import { allHeadMetrics, recordAttention } from '../../src/core/inspect/attention';
import type { ModelConfig } from '../../src/core/model/config';
import { disposeParameters, initialise, parametersFrom, readParameters } from '../../src/core/model/parameters';
import { Rng } from '../../src/core/rng';

const config: ModelConfig = {
  ...{ vocabSize: 2000, dModel: 160, nLayers: 3, nHeads: 5, nKvHeads: 5, headDim: 32, dFf: 448, contextLength: 256 },
  ...{ ropeTheta: 500_000, normEps: 1e-5, tieEmbeddings: true },
};

beforeAll(() => openBackend({ name: 'loupe', assets: join(root, 'build', 'assets'), threads: 1 }));

/** Of each head, by "layer.head": over a sequence of `drawn` random tokens that comes twice. */
async function looking(drawn: number, planted: boolean): Promise<Map<string, { previousToken: number; induction: number }>> {
  const fresh = initialise(config, 3);
  const weights = await readParameters(fresh);
  disposeParameters(fresh);
  if (planted) plantInduction(weights, config, 3);
  const params = parametersFrom(config, (name) => ({ ...weights.get(name)!, dtype: 'f32' }));
  const rng = Rng.from(8);
  const ids = new Set<number>();
  for (let i = 0; ids.size < drawn; i++) ids.add(4 + rng.below(i, config.vocabSize - 4));
  const metrics = await allHeadMetrics(await recordAttention(params, Int32Array.from([2, ...ids, ...ids])));
  disposeParameters(params);
  return new Map(metrics.map((one) => [`${one.layer}.${one.head}`, one]));
}

test('two heads look at the token before, and two at what followed a token when it stood there before', async () => {
  const [planted, fresh] = [await looking(40, true), await looking(40, false)];
  for (const head of ['0.0', '0.1']) {
    expect(planted.get(head)!.previousToken).toBeGreaterThan(0.6);
    expect(fresh.get(head)!.previousToken).toBeLessThan(0.1);
  }
  for (const head of ['1.0', '1.1']) {
    expect(planted.get(head)!.induction).toBeGreaterThan(0.25);
    expect(fresh.get(head)!.induction).toBeLessThan(0.05);
  }
  for (const head of ['0.2', '1.4', '2.0']) expect(planted.get(head)!.induction).toBeLessThan(0.05);
});

test('every component of a head can learn: where its query begins at 0, its key does not', async () => {
  const fresh = initialise(config, 3);
  const weights = await readParameters(fresh);
  disposeParameters(fresh);
  plantInduction(weights, config, 3);
  const { dModel, nHeads, headDim } = config;
  for (let layer = 0; layer < config.nLayers; layer++) {
    const [q, k] = ['q', 'k'].map((name) => weights.get(`model.layers.${layer}.self_attn.${name}_proj.weight`)!.data);
    const zero = (data: Float32Array, row: number) => data.subarray(row * dModel, (row + 1) * dModel).every((value) => value === 0);
    for (let row = 0; row < nHeads * headDim; row++) expect(zero(q!, row) && zero(k!, row), `layer ${layer}, component ${row}`).toBe(false);
  }
});

test('exercises are phrases of two to five words that come again in any order', () => {
  const texts = [Array.from({ length: 9000 }, (_, i) => `word${i % 700} (x${i % 13})`).join(' ')];
  const { few, many } = courses(texts);
  const files = repeatedPhrases(few, 'primer', 40_000, 1);
  expect(files).toEqual(repeatedPhrases(few, 'primer', 40_000, 1));
  expect(repeatedPhrases(few, 'primer', 40_000, 2)).not.toEqual(files);
  const exercises = files.flatMap(({ text }) => text.split('\n'));
  expect(exercises.length).toBe(20 * files.length);
  for (const exercise of exercises) {
    expect(exercise.length).toBeGreaterThanOrEqual(400);
    const words = exercise.split(' ');
    expect(new Set(words).size).toBeLessThanOrEqual(8 * 5);
    // Many words are followed by what followed them before: the others end a phrase, or come for the first time.
    const after = new Map<string, Set<string>>();
    const known = words.slice(1).filter((word, i) => {
      const seen = after.get(words[i]!) ?? new Set();
      after.set(words[i]!, seen);
      const before = seen.has(word);
      seen.add(word);
      return before;
    });
    expect(known.length / words.length).toBeGreaterThan(0.3);
  }
  // Of the larger course, punctuation too.
  expect(repeatedPhrases(many, 'lists', 40_000, 1).some(({ text }) => text.includes('(x'))).toBe(true);
});
