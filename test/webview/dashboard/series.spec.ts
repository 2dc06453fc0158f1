import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History } from '../../../webview/dashboard/history';
import {
  atStep,
  lossRange,
  lossSeries,
  panned,
  range,
  smooth,
  thin,
  trainingFactor,
  wholeSpan,
  zoomed,
} from '../../../webview/dashboard/series';
import { simulate } from '../../../webview/dashboard/simulate';

const all = { min: 1, max: 1e9 };

describe('smooth', () => {
  it('is a weighted mean of what came before, weights summing to one', () => {
    // The weights are what each single 1 among zeros leaves at the end.
    for (const span of [2, 5, 50]) {
      const weights = Array.from({ length: 40 }, (_, at) => smooth(Array(40).fill(0).with(at, 1), span)[39]!);
      expect(weights.every((weight) => weight >= 0)).toBe(true);
      expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
      const values = Array.from({ length: 40 }, (_, i) => Math.sin(i));
      expect(smooth(values, span)[39]).toBeCloseTo(
        weights.reduce((sum, weight, i) => sum + weight * values[i]!, 0),
        12,
      );
    }
  });
  it('forgets by the same factor at every step once it is old enough', () => {
    const last = (at: number) => smooth(Array(400).fill(0).with(at, 1), 10)[399]!;
    expect(last(398) / last(399)).toBeCloseTo(0.9, 12);
    expect(last(350) / last(351)).toBeCloseTo(0.9, 12);
  });
  it('starts at the first value, and leaves a constant alone', () => {
    expect(smooth([3, 100], 50)[0]).toBeCloseTo(3, 12);
    for (const value of smooth(Array(40).fill(2.5), 10)) expect(value).toBeCloseTo(2.5, 12);
  });
  it('leaves out what is not a number', () => {
    const [a, b, c] = smooth([2, Number.NaN, 2], 5);
    expect(a).toBeCloseTo(2, 12);
    expect(b).toBeNaN();
    expect(c).toBeCloseTo(2, 12);
  });
});

describe('thin', () => {
  it('loses no extreme and keeps the last point, whatever the limit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, min: -50, max: 50 }), { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 400 }),
        (values, limit) => {
          const x = values.map((_, i) => i + 1);
          const out = thin(x, values, values, limit);
          expect(out.x.length).toBe(Math.min(limit, values.length));
          expect(out.x.at(-1)).toBe(values.length);
          expect(Math.min(...(out.low as number[]))).toBe(Math.min(...values));
          expect(Math.max(...(out.high as number[]))).toBe(Math.max(...values));
          out.x.forEach((_, i) => {
            expect(out.line[i]).toBeGreaterThanOrEqual(out.low[i]!);
            expect(out.line[i]).toBeLessThanOrEqual(out.high[i]!);
          });
        },
      ),
    );
  });
  it('draws 50,000 steps as a thousand points', () => {
    const history = new History(simulate({ steps: 50_000, evalEvery: 250 }));
    const series = lossSeries(history, 'nats', 500, 800, all);
    expect(series.x.length).toBeLessThanOrEqual(1_000);
    expect(series.x).toEqual([...series.x].sort((a, b) => a - b));
    expect(new Set(series.x).size).toBe(series.x.length);
  });
});

describe('thin on a logarithmic axis', () => {
  it('keeps the first steps one by one, loses no extreme and ends at the last', () => {
    const history = new History(simulate({ steps: 20_000, evalEvery: 1000 }));
    const { step, loss } = history.steps;
    const out = thin(step, loss, loss, 400, 1, 0, step.length, true);
    expect(out.x.slice(0, 10)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(out.x.at(-1)).toBe(20_000);
    expect(out.x.length).toBeLessThanOrEqual(400);
    expect(Math.min(...(out.low as number[]))).toBe(Math.min(...loss));
    expect(Math.max(...(out.high as number[]))).toBe(Math.max(...loss));
  });
});

describe('units', () => {
  const history = new History(simulate({ steps: 100 }));
  it('turns nats into bits per byte by the bytes of a token of the training text, where the run says it', () => {
    expect(trainingFactor(history)).toBeCloseTo(1 / (Math.LN2 * 3.42), 10);
    expect(trainingFactor(new History())).toBeNull();
    const silent = new History(simulate({ steps: 100 }).filter(({ type }) => type !== 'tokenizer'));
    expect(trainingFactor(silent)).toBeCloseTo(silent.evals.bitsPerByte[0]! / silent.evals.valLoss[0]!, 6);
    const denser = simulate({ steps: 100 }).map((event) => (event.type === 'tokenizer' ? { ...event, bytesPerToken: 5 } : event));
    expect(trainingFactor(new History(denser))).toBeCloseTo(1 / (Math.LN2 * 5), 10);
  });
  it('gives validation in bits per byte exactly as measured', () => {
    const series = lossSeries(history, 'bitsPerByte', 1, 1000, all);
    expect(series.validation.filter((value) => value !== null)).toEqual(history.evals.bitsPerByte);
  });
});

describe('lossRange', () => {
  const history = new History(simulate({ steps: 400 }));
  const series = lossSeries(history, 'nats', 8, 800, all);
  it('holds the lines and the baselines near them', () => {
    const found = lossRange(series, [8.318, 6.21])!;
    expect(found.places.map((place) => place.inside)).toEqual([true, true]);
    const lines = range([...series.line, ...series.validation])!;
    expect(found.min).toBeLessThanOrEqual(lines.min);
    expect(found.max).toBeGreaterThanOrEqual(lines.max);
  });
  it('names at the edge a baseline that would flatten the curve', () => {
    const flat = { x: [1, 2], line: [1.2, 1.1], low: [1.2, 1.1], high: [1.2, 1.1], validation: [null, 1.15] };
    const found = lossRange(flat, [8, 1.25])!;
    expect(found.places.map((place) => place.inside)).toEqual([false, true]);
    expect(found.max).toBeLessThan(2);
  });
  it('says that there is nothing to draw', () => {
    expect(lossRange(lossSeries(new History(), 'nats', 1, 10, all), [8])).toBeNull();
  });
});

describe('atStep', () => {
  it('finds the last step at or before', () => {
    expect([0, 1, 4, 9].map((step) => atStep([1, 3, 5], step))).toEqual([-1, 0, 1, 2]);
  });
});

describe('the x axis', () => {
  it('grows by doubling up to the planned steps', () => {
    const max = (step: number, steps: number) => wholeSpan(new History(simulate({ steps: 1000, until: step })), steps).max;
    expect([max(0, 1000), max(30, 1000), max(51, 1000), max(401, 1000), max(801, 1000), max(60, 70)]).toEqual([50, 50, 100, 800, 1000, 70]);
  });
  it('zooms around the pointer and never leaves what there is', () => {
    const whole = { min: 1, max: 1001 };
    expect(zoomed(whole, whole, 201, 0.5)).toEqual({ min: 101, max: 601 });
    expect(zoomed({ min: 101, max: 601 }, whole, 201, 4)).toBeNull();
    expect(panned({ min: 101, max: 601 }, whole, -500)).toEqual({ min: 1, max: 501 });
    expect(panned({ min: 101, max: 601 }, whole, 5000)).toEqual({ min: 501, max: 1001 });
  });
  it('draws only what is in sight, and one point beyond on each side', () => {
    const history = new History(simulate({ steps: 1000, evalEvery: 50 }));
    const series = lossSeries(history, 'nats', 1, 800, { min: 200, max: 300 });
    expect([series.x[0], series.x.at(-1)]).toEqual([150, 350]);
    expect(series.line.filter((value) => value !== null)).toHaveLength(103);
  });
});
