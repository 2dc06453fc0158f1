/**
 * What one head's picture is made of, at each stage of the calculation. Pure: no page, no drawing.
 * NaN is "not there": masked, or in the hidden first column.
 */

export type Stage = 'scores' | 'scaled' | 'masked' | 'softmax';
export const STAGES: readonly Stage[] = ['scores', 'scaled', 'masked', 'softmax'];

export interface HeadData {
  /** q.k, [T, T], also where masked. */
  readonly scores: Float32Array;
  /** After scale, mask and softmax, [T, T]. */
  readonly pattern: Float32Array;
}

export interface Cell {
  readonly row: number;
  readonly col: number;
}

export interface Sheet {
  /** T: rows look, columns are looked at. */
  readonly size: number;
  /** [T, T]; NaN where nothing is. */
  readonly values: Float32Array;
  readonly stage: Stage;
  /** Scores are above or below zero, weights are not. */
  readonly kind: 'diverging' | 'sequential';
  /** The end of the scale: the largest size of a value; of scores, masked or not, so that the mask changes no colour. */
  readonly limit: number;
  readonly firstHidden: boolean;
}

/** The matrix of one stage. With the first column hidden the weights of each row are divided by what is left of it. */
export function sheet(data: HeadData, size: number, headDim: number, stage: Stage, hideFirst: boolean): Sheet {
  const values = new Float32Array(size * size);
  const masks = stage === 'masked' || stage === 'softmax';
  const root = stage === 'scores' ? 1 : Math.sqrt(headDim);
  const first = hideFirst ? 1 : 0;
  let limit = 0;
  for (let row = 0; row < size; row++) {
    const at = row * size;
    const left = hideFirst ? 1 - data.pattern[at]! : 1;
    for (let col = 0; col < size; col++) {
      let value = Number.NaN;
      if (col >= first && stage !== 'softmax') value = data.scores[at + col]! / root;
      else if (col >= first && col <= row && left > 1e-6) value = data.pattern[at + col]! / left;
      values[at + col] = masks && col > row ? Number.NaN : value;
      if (Math.abs(value) > limit && Number.isFinite(value)) limit = Math.abs(value);
    }
  }
  return { size, values, stage, kind: stage === 'softmax' ? 'sequential' : 'diverging', limit: limit || 1, firstHidden: hideFirst };
}

/** Place of a value on its scale: 0..1, where a diverging scale has zero at 0.5. NaN stays NaN. */
export function onScale(value: number, { kind, limit }: Pick<Sheet, 'kind' | 'limit'>, squareRoot: boolean): number {
  const share = Math.min(1, Math.abs(value) / limit);
  const shaped = squareRoot ? Math.sqrt(share) : share;
  return kind === 'sequential' ? shaped : 0.5 + (Math.sign(value) * shaped) / 2;
}

/** Column with the largest value of a row; ties go to the earliest, an empty row gives null. */
export function strongest({ values, size }: Pick<Sheet, 'values' | 'size'>, row: number): number | null {
  let best: number | null = null;
  for (let col = 0; col < size; col++) {
    const value = values[row * size + col]!;
    if (!Number.isNaN(value) && (best === null || value > values[row * size + best]!)) best = col;
  }
  return best;
}

/** Places of the `count` values of largest size, in their order; ties go to the earliest. */
export function largest(values: ArrayLike<number>, count: number): number[] {
  const places = Array.from({ length: values.length }, (_, i) => i);
  const bySize = places.toSorted((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!) || a - b);
  return bySize.slice(0, count).toSorted((a, b) => a - b);
}

/**
 * The row from `first` on with the largest weight on a token before its own; the last such row where several have it, the last of all
 * where none looks back. Weights are compared as they are read, in whole percents: differences below are no reason to prefer a row.
 */
export function mostTelling({ values, size }: Pick<Sheet, 'values' | 'size'>, first: number): number {
  let best = size - 1;
  let highest = 0;
  for (let row = Math.max(1, first); row < size; row++) {
    for (let col = 0; col < row; col++) {
      const share = Math.round(100 * values[row * size + col]!);
      if (share >= highest && share > 0) [best, highest] = [row, share];
    }
  }
  return best;
}

/** One weight, step by step, in double precision from the engine's own q and k. */
export interface WeightSteps {
  /** q_c * k_c, [d]. */
  readonly products: Float64Array;
  readonly score: number;
  readonly root: number;
  readonly scaled: number;
  /** Subtracted from every score of the row before the exponential, so that it cannot overflow; 0 where there is no danger. */
  readonly shift: number;
  readonly exp: number;
  /** Sum of the exponentials of the row, over `row + 1` positions. */
  readonly sum: number;
  readonly weight: number;
}

/** `k` holds all positions, [T, d]; the row sees positions 0..row. */
export function weightSteps(q: Float32Array, k: Float32Array, row: number, col: number): WeightSteps {
  const d = q.length;
  const root = Math.sqrt(d);
  const products = Float64Array.from(q, (x, c) => x * k[col * d + c]!);
  const dot = (position: number) => {
    let sum = 0;
    for (let c = 0; c < d; c++) sum += q[c]! * k[position * d + c]!;
    return sum;
  };
  const scores = Float64Array.from({ length: row + 1 }, (_, position) => dot(position) / root);
  const highest = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const shift = highest > 30 || highest < -30 ? highest : 0;
  const score = dot(col);
  const exp = Math.exp(score / root - shift);
  const sum = scores.reduce((total, x) => total + Math.exp(x - shift), 0);
  return { products, score, root, scaled: score / root, shift, exp, sum, weight: exp / sum };
}
