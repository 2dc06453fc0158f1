import '@tensorflow/tfjs-backend-cpu';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseLlama2c } from '../../../src/core/formats/llama2c';
import { loadStored } from '../../../src/core/formats/storedModel';
import { score, summarise, windows } from '../../../src/core/inspect/surprisal';
import { forward } from '../../../src/core/model/gpt';
import { disposeParameters, initialise } from '../../../src/core/model/parameters';
import { complete } from '../../../src/core/sample/generate';
import * as tf from '../../../src/core/tf';
import { markovModel, pieceTokenizer } from '../sample/toys';

describe('windows', () => {
  it('score each token once, in order, within the context and with half of it before', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 80 }),
        fc.integer({ min: 0, max: 80 }),
        fc.integer({ min: 2, max: 20 }),
        fc.boolean(),
        (count, from, context, bos) => {
          let next = from;
          for (const { start, first, end } of windows(count, from, context, bos)) {
            expect(first).toBe(next);
            expect(end).toBeGreaterThan(first);
            expect(start).toBeGreaterThanOrEqual(0);
            expect(end - 1 - start + (bos ? 1 : 0)).toBeLessThanOrEqual(context);
            if (start > 0) expect(first - start).toBe(Math.floor(context / 2));
            next = end;
          }
          expect(next).toBe(Math.max(count, from));
        },
      ),
    );
  });
});

describe('score', () => {
  it('is the probability, rank and entropy of a known chain', async () => {
    const table = [
      [0.5, 0.25, 0.25],
      [0.1, 0.2, 0.7],
      [1 / 3, 1 / 3, 1 / 3],
    ];
    const params = markovModel(
      table.map((row) => row.map(Math.log)),
      8,
      { bosId: 0 },
    );
    const ids = Uint32Array.of(2, 1, 2, 2, 0, 1, 1, 2, 0, 0, 2, 1, 2, 2, 1, 1, 0, 2);
    const { logprob, rank, entropy, top } = await score(params, ids, { bos: 0, top: 2 });
    ids.forEach((id, at) => {
      const row = table[at === 0 ? 0 : ids[at - 1]!]!;
      expect(logprob[at]).toBeCloseTo(Math.log(row[id]!), 5);
      expect(entropy[at]).toBeCloseTo(-row.reduce((sum, p) => sum + p * Math.log(p), 0), 5);
      if (row !== table[2]) expect(rank[at]).toBe(row.filter((p, other) => p > row[id]! || (p === row[id]! && other < id)).length);
      const best = [0, 1, 2].sort((a, b) => row[b]! - row[a]! || a - b).slice(0, 2);
      if (row !== table[2]) expect([...top!.ids.subarray(2 * at, 2 * at + 2)]).toEqual(best);
      expect(top!.logprobs[2 * at]).toBeCloseTo(Math.log(Math.max(...row)), 5);
    });
    const total = -logprob.reduce((a, b) => a + b);
    const summary = summarise({ logprob, rank, entropy }, 30);
    expect(summary.nll).toBeCloseTo(total / 18, 6);
    expect(summary.perplexity).toBeCloseTo(Math.exp(total / 18), 5);
    expect(summary.bitsPerByte).toBeCloseTo(total / Math.log(2) / 30, 6);
    disposeParameters(params);
  });

  it('reads the context and does not score it; windows are what they say', async () => {
    const config = {
      vocabSize: 15,
      dModel: 12,
      nLayers: 2,
      nHeads: 2,
      nKvHeads: 1,
      headDim: 6,
      dFf: 16,
      contextLength: 10,
      ropeTheta: 100,
      normEps: 1e-5,
      tieEmbeddings: true,
    };
    const params = initialise(config, 4);
    for (const weight of Object.values(params.weights)) weight.assign(tf.mul(weight.value(), 3));
    const ids = Uint32Array.from({ length: 33 }, (_, i) => (i * i + 3 * i) % 15);
    for (const [bos, from] of [
      [2, 0],
      [2, 12],
      [undefined, 0],
      [undefined, 7],
    ] as const) {
      const before = tf.memory().numTensors;
      const { logprob } = await score(params, ids, { bos, from });
      expect(tf.memory().numTensors - before).toBeLessThanOrEqual(Object.keys(params.weights).length); // transposed weights stay
      expect(logprob.length).toBe(33 - from);
      for (const { start, first, end } of windows(33, from, 10, bos !== undefined)) {
        for (let at = first; at < end; at++) {
          const read = [...(bos === undefined ? [] : [bos]), ...ids.subarray(start, at)];
          if (read.length === 0) expect(logprob[at - from]).toBeNaN();
          else {
            const logits = tf.tidy(() => forward(params, Int32Array.from(read), { last: 1 }).logits.dataSync() as Float32Array);
            const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
            expect(logprob[at - from]).toBeCloseTo(logits[ids[at]!]! - Math.log(total), 4);
          }
        }
      }
      if (bos === undefined && from === 0) expect(summarise({ logprob, rank: new Uint32Array(), entropy: logprob }, 1).nll).not.toBeNaN();
    }
    disposeParameters(params);
  });

  it('refuses what it cannot score', async () => {
    const damaged = markovModel(
      [
        [0, Number.NaN],
        [0, 1],
      ],
      8,
    );
    await expect(score(damaged, Uint32Array.of(1), { bos: 0 })).rejects.toMatchObject({ code: 'model.nan' });
    disposeParameters(damaged);

    const params = markovModel(
      [
        [0, 2],
        [0, 1],
      ],
      8,
    );
    await expect(score(params, Uint32Array.of(2), { bos: 1 })).rejects.toMatchObject({ code: 'tokenizer.badId' });
    const abort = new AbortController();
    abort.abort();
    await expect(score(params, Uint32Array.of(1), { bos: 1, signal: abort.signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect((await score(params, new Uint32Array(), { bos: 1 })).logprob.length).toBe(0);
    disposeParameters(params);
  });
});

const file = join(import.meta.dirname, '../../../../shared/data/models/stories260k/stories260K.bin');
const there = existsSync(file);

it.skipIf(!there)(
  `gives stories260K's own story 0.473418 nats per token${there ? '' : ' (skipped: the shared data is absent)'}`,
  async () => {
    const params = loadStored(parseLlama2c(readFileSync(file), file), file);
    const tokenizer = pieceTokenizer(Array.from({ length: 512 }, () => 'x'));
    const settings = { temperature: 0, topK: 0, topP: 1, minP: 0, seed: 0 };
    const { ids } = await complete(params, tokenizer, Uint32Array.of(1), { settings, maxTokens: 200, candidates: 1 });
    const scores = await score(params, ids, { bos: 1 });
    expect(summarise(scores, 200).nll).toBeCloseTo(0.473418, 5);
    expect(scores.rank.every((rank) => rank === 0)).toBe(true);
    disposeParameters(params);
  },
);
