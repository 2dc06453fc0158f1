import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { largest, mostTelling, onScale, sheet, strongest, weightSteps } from '../../../webview/attention/numbers';

/** Scores and pattern of T positions with d components, computed the obvious way. */
function head(T: number, d: number, numbers: readonly number[]) {
  const q = Float32Array.from({ length: T * d }, (_, i) => numbers[i % numbers.length]!);
  const k = Float32Array.from({ length: T * d }, (_, i) => numbers[(i * 7 + 3) % numbers.length]!);
  const scores = new Float32Array(T * T);
  const pattern = new Float32Array(T * T);
  for (let i = 0; i < T; i++) {
    for (let j = 0; j < T; j++) for (let c = 0; c < d; c++) scores[i * T + j]! += q[i * d + c]! * k[j * d + c]!;
    const row = Array.from({ length: i + 1 }, (_, j) => scores[i * T + j]! / Math.sqrt(d));
    const most = Math.max(...row);
    const sum = row.reduce((total, x) => total + Math.exp(x - most), 0);
    row.forEach((x, j) => {
      pattern[i * T + j] = Math.exp(x - most) / sum;
    });
  }
  return { q, k, scores, pattern };
}
const components = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 5, maxLength: 40 });

describe('a sheet', () => {
  const T = 5;
  const data = head(T, 4, [0.3, -1.2, 0.8, 2.1, -0.4, 1.1, 0.2]);

  it('shows scores everywhere, and the masked stages only where the past is', () => {
    expect(sheet(data, T, 4, 'scores', false).values).toEqual(data.scores);
    const masked = sheet(data, T, 4, 'masked', false);
    for (let i = 0; i < T; i++)
      for (let j = 0; j < T; j++) {
        const value = masked.values[i * T + j]!;
        if (j > i) expect(value).toBeNaN();
        else expect(value).toBeCloseTo(data.scores[i * T + j]! / 2, 5);
      }
    expect(masked.kind).toBe('diverging');
    // The mask takes cells away, and changes the colour of none.
    expect(masked.limit).toBe(sheet(data, T, 4, 'scaled', false).limit);
  });

  it('renormalises rows without the first column; a row that only saw it is empty', () => {
    const hidden = sheet(data, T, 4, 'softmax', true);
    for (let i = 0; i < T; i++) {
      expect(hidden.values[i * T]).toBeNaN();
      const row = Array.from(hidden.values.subarray(i * T + 1, i * T + i + 1));
      if (i === 0) expect(strongest(hidden, 0)).toBeNull();
      else expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
    }
  });

  it('puts zero of scores in the middle of the scale, and weights from its start', () => {
    const scores = { kind: 'diverging', limit: 4 } as const;
    expect([onScale(0, scores, false), onScale(4, scores, false), onScale(-4, scores, false), onScale(9, scores, false)]).toEqual([
      0.5, 1, 0, 1,
    ]);
    const weights = { kind: 'sequential', limit: 1 } as const;
    expect([onScale(0.25, weights, false), onScale(0.25, weights, true)]).toEqual([0.25, 0.5]);
    expect(onScale(Number.NaN, weights, true)).toBeNaN();
  });
});

it('the largest values, by size whatever their sign, stand in their order', () => {
  expect(largest([1, -5, 0, 5, -2], 3)).toEqual([1, 3, 4]);
  expect(largest([2, 2, 2], 2)).toEqual([0, 1]);
  expect(largest(Float64Array.of(3), 4)).toEqual([0]);
});

it('the row that tells most looks at one token before its own more than the others do', () => {
  // Rows 1 to 3; its own token does not count.
  const values = Float32Array.of(1, 0, 0, 0, 0.2, 0.8, 0, 0, 0.1, 0.7, 0.2, 0, 0.3, 0.3, 0.1, 0.3);
  expect(mostTelling({ values, size: 4 }, 0)).toBe(2);
  expect(mostTelling({ values, size: 4 }, 3)).toBe(3);
  // The hidden first column is no number.
  expect(mostTelling({ values: Float32Array.of(Number.NaN, 0, Number.NaN, 1), size: 2 }, 0)).toBe(1);
});

describe('the steps of a weight', () => {
  it('end at the weight of the pattern, whatever the numbers', () => {
    fc.assert(
      fc.property(components, fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 8 }), (numbers, T, d) => {
        const { q, k, scores, pattern } = head(T, d, numbers);
        for (let row = 0; row < T; row++)
          for (let col = 0; col <= row; col++) {
            const steps = weightSteps(q.subarray(row * d, (row + 1) * d), k, row, col);
            expect(steps.products.reduce((a, b) => a + b, 0)).toBeCloseTo(steps.score, 6);
            expect(steps.score).toBeCloseTo(scores[row * T + col]!, 3);
            expect(steps.scaled * steps.root).toBeCloseTo(steps.score, 6);
            expect(steps.exp / steps.sum).toBe(steps.weight);
            expect(steps.weight).toBeCloseTo(pattern[row * T + col]!, 4);
          }
      }),
      { numRuns: 40 },
    );
  });

  it('do not overflow: a row of huge scores is shifted, and the shift is told', () => {
    const q = Float32Array.of(50, 0);
    const k = Float32Array.of(40, 0, 39.9, 0);
    const steps = weightSteps(q, k, 1, 0);
    expect(steps.shift).toBeCloseTo(2000 / Math.SQRT2, 3);
    expect(steps.weight).toBeCloseTo(1 / (1 + Math.exp(-5 / Math.SQRT2)), 3);
  });
});
