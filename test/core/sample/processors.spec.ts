import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rng } from '../../../src/core/rng';
import {
  type ByPlace,
  type Distribution,
  distribution,
  drawnProbability,
  keepMinP,
  keepTopK,
  keepTopP,
  placeOf,
} from '../../../src/core/sample/processors';
import { Ranking } from '../../../src/core/sample/ranking';

const all = { temperature: 1, topK: 0, topP: 1, minP: 0, seed: 0 };
const logits = fc
  .array(fc.oneof(fc.float({ min: -50, max: 50, noNaN: true }), fc.constantFrom(0, -0, 1, Number.NEGATIVE_INFINITY)), {
    minLength: 1,
    maxLength: 40,
  })
  .filter((values) => values.some(Number.isFinite))
  .map((values) => Float32Array.from(values));
const settings = fc.record({
  temperature: fc.constantFrom(0, 0.1, 0.7, 1, 2),
  topK: fc.integer({ min: 0, max: 50 }),
  topP: fc.double({ min: 0, max: 1, noNaN: true }),
  minP: fc.double({ min: 0, max: 1, noNaN: true }),
  seed: fc.constant(0),
});

/** Hugging Face's warpers, written out id by id: filtered logits, softmax again after each. */
function reference(values: Float32Array, { temperature, topK, topP, minP }: typeof all): number[] {
  const order = [...values.keys()].sort((a, b) => values[b]! - values[a]! || a - b);
  const softmax = (scores: number[]) => {
    const top = Math.max(...scores);
    const exps = scores.map((score) => Math.exp(score - top));
    const total = exps.reduce((a, b) => a + b, 0);
    return exps.map((value) => value / total);
  };
  let scores = Array.from(values, (value) => value / temperature);
  const cut = (keep: (place: number) => boolean) => {
    order.forEach((id, place) => {
      if (!keep(place)) scores[id] = Number.NEGATIVE_INFINITY;
    });
  };
  if (topK > 0) cut((place) => place < topK);
  if (topP < 1) {
    const p = softmax(scores);
    let before = 0;
    const kept = order.map((id, place) => {
      const keep = place === 0 || before < topP;
      before += p[id]!;
      return keep;
    });
    cut((place) => kept[place]!);
  }
  if (minP > 0) {
    const p = softmax(scores);
    cut((place) => p[order[place]!]! >= minP * p[order[0]!]!);
  }
  scores = softmax(scores);
  return scores;
}

const drawn = (made: Distribution) => {
  const byId = new Array<number>(made.order.length);
  made.order.first(made.order.length).forEach((id, place) => {
    byId[id] = drawnProbability(made, place);
  });
  return byId;
};

describe('distribution', () => {
  it('sums to one, before and after the cuts', () => {
    fc.assert(
      fc.property(logits, settings, (values, given) => {
        const made = distribution(values, given);
        const sum = (of: ByPlace) => Array.from(values, (_, place) => of(place)).reduce((a, b) => a + b);
        expect(sum(made.probability)).toBeCloseTo(1, 12);
        expect(sum(made.tempered)).toBeCloseTo(1, 12);
        expect(drawn(made).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
        expect(made.kept).toBeGreaterThan(0);
        expect(made.stages.topP).toBeLessThanOrEqual(made.stages.topK);
        expect(made.kept).toBeLessThanOrEqual(made.stages.topP);
      }),
    );
  });

  it('is what a chain of filters with a softmax after each gives', () => {
    // Cuts at values that are not also sums of probabilities: rounding may decide those either way.
    const cuts = settings.filter(({ temperature, topP, minP }) => temperature > 0 && topP > 0.001 && minP < 0.999);
    fc.assert(
      fc.property(logits, cuts, (values, given) => {
        const expected = reference(values, given);
        drawn(distribution(values, given)).forEach((value, id) => {
          expect(value).toBeCloseTo(expected[id]!, 10);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('is all on the largest logit when greedy, the smallest id among equals', () => {
    const made = distribution(Float32Array.of(1, 3, 3, -1), { ...all, temperature: 0, topK: 3, topP: 0.5, minP: 0.1 });
    expect(drawn(made)).toEqual([0, 1, 0, 0]);
    // The model's own probabilities are there all the same.
    expect(made.probability(0)).toBeCloseTo(Math.exp(3) / (2 * Math.exp(3) + Math.exp(1) + Math.exp(-1)), 12);
  });

  it('refuses what is no distribution', () => {
    for (const values of [[Number.NaN, 1], [Number.NEGATIVE_INFINITY], [Number.POSITIVE_INFINITY, 0]]) {
      expect(() => distribution(Float32Array.from(values), all)).toThrow(expect.objectContaining({ code: 'model.nan' }));
    }
  });
});

describe('order', () => {
  const expected = (given: Float32Array) =>
    [...given.keys()].sort((a, b) => (given[a] === given[b] ? a - b : given[b]! > given[a]! ? 1 : -1));

  it('is by logit, then by id', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true }), { maxLength: 60 }), (values) => {
        const given = Float32Array.from(values);
        expect([...new Ranking(given).first(given.length)]).toEqual(expected(given));
      }),
    );
    expect([...new Ranking(Float32Array.of(-0, 0, 1e-45, -1e-45)).first(4)]).toEqual([2, 0, 1, 3]);
  });

  it('is the same however it is looked at, also of a large vocabulary', () => {
    const draws = Rng.from(6);
    const spread = Float32Array.from({ length: 20_000 }, (_, id) => 20 * draws.uniform(id));
    for (const given of [
      spread,
      // All within a hair; few values; some that cannot come; one far above all others.
      spread.map((logit) => logit * 1e-6),
      spread.map(Math.round),
      spread.map((logit, id) => (id % 3 ? logit : Number.NEGATIVE_INFINITY)),
      spread.map((logit, id) => (id === 77 ? 1e30 : logit)),
    ]) {
      const order = expected(given);
      const places = [0, 5, 4, 300, 19_999, 12_345];
      const ranking = new Ranking(given);
      expect(places.map((place) => ranking.at(place))).toEqual(places.map((place) => order[place]));
      expect([...new Ranking(given).first(1000)]).toEqual(order.slice(0, 1000));
    }
  });
});

describe('cuts', () => {
  const tempered = (place: number) => [0.5, 0.25, 0.125, 0.125][place]!;

  it('top-k keeps k, and all for 0', () => {
    expect([0, 1, 3, 9].map((k) => keepTopK(4, k))).toEqual([4, 1, 3, 4]);
  });

  it('top-p keeps the fewest that reach p', () => {
    expect([0, 0.5, 0.51, 0.75, 0.9, 1].map((p) => keepTopP(tempered, 4, p, 1))).toEqual([1, 1, 2, 2, 4, 4]);
    // After a top-k of 2, 0.6 of what is left is reached by the first alone (2/3).
    expect(keepTopP(tempered, 2, 0.6, 0.75)).toBe(1);
  });

  it('min-p keeps what is not too far below the first', () => {
    expect([0, 0.2, 0.25, 0.3, 0.5, 1].map((p) => keepMinP(tempered, 4, p))).toEqual([4, 4, 4, 2, 2, 1]);
  });
});

describe('drawing', () => {
  it('gives each place its part of [0, 1)', () => {
    const made = distribution(Float32Array.from([0.5, 0.25, 0.125, 0.125].map(Math.log)), { ...all, topK: 3 });
    const parts = [0, 4 / 7 - 1e-6, 4 / 7 + 1e-6, 6 / 7 - 1e-6, 6 / 7 + 1e-6, 1 - 2 ** -24].map((draw) => placeOf(made, draw));
    expect(parts.map(({ place }) => place)).toEqual([0, 0, 1, 1, 2, 2]);
    expect(parts[4]!.before).toBeCloseTo(6 / 7, 6);
  });

  it('never gives what was cut or cannot come', () => {
    fc.assert(
      fc.property(logits, settings, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (values, given, draw) => {
        const made = distribution(values, given);
        const { place, before } = placeOf(made, draw);
        expect(drawnProbability(made, place)).toBeGreaterThan(0);
        expect(before).toBeLessThanOrEqual(draw);
        expect(before + drawnProbability(made, place)).toBeGreaterThan(draw - 1e-9);
      }),
    );
  });
});
