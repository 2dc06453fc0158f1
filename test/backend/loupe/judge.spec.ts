/** Scores of tokens by the kernel against the reference in double precision: vocabularies that fit no vector, ties, what cannot come. */
import { afterAll, describe, expect, test } from 'vitest';
import { openLoupe } from '../../../src/backend/loupe/runtime';
import { judge } from '../../../src/core/inspect/judge';
import type { Scores } from '../../../src/core/inspect/types';
import { Rng } from '../../../src/core/rng';
import * as tf from '../../../src/core/tf';
import { assets, openTestBackend } from '../../support/backend';

afterAll(() => openTestBackend('cpu').then(() => undefined));

interface Rows {
  readonly values: Float32Array;
  readonly size: number;
  readonly targets: Uint32Array;
}

/** Logits of `count` rows; some are equal, some negative infinity. */
function rows(count: number, size: number): Rows {
  const rng = Rng.from(3).split(`${count} ${size}`);
  const values = rng.fillNormal(new Float32Array(count * size), 4);
  for (let i = 0; i < values.length; i++) {
    const drawn = rng.below(i, 10);
    if (drawn < 3) values[i] = Math.round(values[i]!);
    if (drawn === 9 && i % size > 0) values[i] = Number.NEGATIVE_INFINITY;
  }
  const targets = Uint32Array.from({ length: count }, (_, i) => rng.split('targets').below(i, size));
  return { values, size, targets };
}

async function judged({ values, size, targets }: Rows, top: number): Promise<Scores> {
  const before = tf.memory().numTensors;
  const scores = judge(tf.tensor2d(values, [targets.length, size]), targets, top);
  await scores.catch(() => undefined);
  expect(tf.memory().numTensors, 'tensors left behind').toBe(before);
  return scores;
}

const shapes = [1, 2, 3, 4, 5, 8, 31, 103, 4096, 20_000].map((size, i) => rows([1, 3, 70, 200][i % 4]!, size));
const tops = [0, 1, 5, 40];

describe.each(['relaxed', 'simd', 'scalar'] as const)('build %s', (build) => {
  test('scores are those of the reference', async () => {
    for (const each of shapes) {
      for (const top of tops.filter((count) => count <= each.size)) {
        await openTestBackend('cpu');
        const expected = await judged(each, top);
        await openLoupe({ assets, threads: 1, build, onLost: () => undefined });
        const found = await judged(each, top);
        const what = `${each.targets.length} x ${each.size}, top ${top}`;
        expect(found.rank, what).toEqual(expected.rank);
        expect(found.top?.ids, what).toEqual(expected.top?.ids);
        const close = (a: Float32Array, b: Float32Array) =>
          a.forEach((x, i) => void (x !== b[i] && expect(Math.abs(x - b[i]!), what).toBeLessThan(3e-6 * Math.max(1, Math.abs(x)))));
        close(found.logprob, expected.logprob);
        close(found.entropy, expected.entropy);
        if (expected.top) close(found.top!.logprobs, expected.top.logprobs);
      }
    }
  });

  test('what is no number, and what is no token, is refused', async () => {
    await openLoupe({ assets, threads: 1, build, onLost: () => undefined });
    const plain = rows(3, 9);
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const values = plain.values.slice();
      values[12] = bad;
      await expect(judged({ ...plain, values }, 2)).rejects.toMatchObject({ code: 'model.nan' });
    }
    await expect(judged({ ...plain, values: plain.values.map(() => Number.NEGATIVE_INFINITY) }, 0)).rejects.toMatchObject({
      code: 'model.nan',
    });
    await expect(judged({ ...plain, targets: Uint32Array.of(0, 9, 1) }, 0)).rejects.toMatchObject({ code: 'tokenizer.badId' });
  });
});
