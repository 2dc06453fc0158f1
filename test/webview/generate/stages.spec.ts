import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Candidate, GenerateStep, SampleSettings } from '../../../src/core/sample/types';
import { drawToken } from '../../../webview/generate/simulate';
import { stages } from '../../../webview/generate/stages';

const settings: SampleSettings = { temperature: 0.8, topK: 0, topP: 1, minP: 0, seed: 1 };
const logits = [5, 4.5, 4, 3, 2.5, 2, 1, 0, -1, -2, -3, -4];
const names = logits.map((_, i) => `t${i}`);

function softmax(values: readonly number[]): number[] {
  const top = Math.max(...values);
  const exp = values.map((value) => Math.exp(value - top));
  const sum = exp.reduce((a, b) => a + b, 0);
  return exp.map((value) => value / sum);
}

describe('stages', () => {
  it('rebuilds softmax(logits / T) over the full vocabulary, listed or not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -6, max: 6, noNaN: true }), { minLength: 5, maxLength: 40 }),
        fc.constantFrom(0.5, 0.8, 1, 1.3),
        fc.integer({ min: 0, max: 12 }),
        fc.constantFrom(0.5, 0.9, 1),
        fc.constantFrom(0, 0.05),
        fc.float({ min: 0, max: Math.fround(0.999), noNaN: true }),
        (given, temperature, topK, topP, minP, draw) => {
          const set = { temperature, topK, topP, minP, seed: 1 };
          const step = drawToken(given, given.map(String), set, draw, 8);
          const truth = softmax(given.map((value) => value / temperature));
          const out = stages(step, set);
          expect(out.exact).toBe(true);
          for (const row of out.rows) expect(row.heated).toBeCloseTo(truth[row.candidate.id]!, 9);
          expect(out.rows.reduce((sum, row) => sum + row.heated, 0) + out.otherHeated).toBeCloseTo(1, 9);
          expect(out.rows.reduce((sum, row) => sum + row.candidate.drawn, 0) + out.otherDrawn).toBeCloseTo(1, 9);
          const chosen = out.rows.find((row) => row.chosen)!;
          expect(draw).toBeGreaterThanOrEqual(chosen.from - 1e-9);
          expect(draw).toBeLessThanOrEqual(chosen.to + 1e-9);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('names the stage that crossed a token out', () => {
    const topK = stages(drawToken(logits, names, { ...settings, topK: 3 }, 0.1), { ...settings, topK: 3 });
    expect(topK.rows.map((row) => row.cutBy)).toEqual([null, null, null, ...Array(9).fill('topK')]);
    expect(topK.rows[2]!.cumulative).toBeCloseTo(1, 12);
    const topP = stages(drawToken(logits, names, { ...settings, topP: 0.5 }, 0.1), { ...settings, topP: 0.5 });
    const kept = topP.rows.filter((row) => row.cutBy === null);
    expect(kept.at(-1)!.cumulative).toBeGreaterThanOrEqual(0.5);
    expect(kept.at(-2)?.cumulative ?? 0).toBeLessThan(0.5);
    expect(topP.rows[kept.length]!.cutBy).toBe('topP');
    const minP = stages(drawToken(logits, names, { ...settings, minP: 0.2 }, 0.1), { ...settings, minP: 0.2 });
    for (const row of minP.rows) expect(row.cutBy).toBe(row.relative >= 0.2 ? null : 'minP');
  });

  it('shows a chosen token from far below the list where it lies', () => {
    const flat = Array.from({ length: 60 }, (_, i) => 1 - i / 100);
    const step = drawToken(flat, flat.map(String), settings, 0.9, 20);
    const out = stages(step, settings);
    expect(step.rank).toBeGreaterThan(20);
    expect(out.rows).toHaveLength(21);
    const chosen = out.rows.at(-1)!;
    expect(chosen.chosen).toBe(true);
    expect(chosen.rank).toBe(step.rank);
    expect(chosen.from).toBeLessThanOrEqual(0.9);
    expect(chosen.to).toBeGreaterThan(0.9);
    expect(out.otherKept).toBe(39);
  });

  it('is greedy at temperature 0', () => {
    const step = drawToken(logits, names, { ...settings, temperature: 0 }, 0.4);
    const out = stages(step, { ...settings, temperature: 0 });
    expect(out.greedy).toBe(true);
    expect(out.rows[0]!.chosen).toBe(true);
    expect(out.rows.every((row) => row.cutBy === null)).toBe(true);
  });

  it('admits that it does not know the rest when the sampler did not say it', () => {
    const top: Candidate[] = [
      { id: 1, text: 'a', logit: 2, probability: 0.5, drawn: 0.7 },
      { id: 2, text: 'b', logit: 1, probability: 0.18, drawn: 0.3 },
    ];
    const step: GenerateStep = { id: 1, text: 'a', logprob: Math.log(0.5), rank: 0, kept: 2, draw: 0.2, top };
    expect(stages(step, { ...settings, topK: 2 }).exact).toBe(false);
    expect(stages(step, { ...settings, temperature: 1, topK: 2 }).exact).toBe(true);
  });
});
