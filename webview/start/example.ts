/**
 * Attention worked out by hand (Vaswani et al. 2017), small enough to follow every number: three tokens, two dimensions, no mask.
 * Plain loops and nothing else: whoever reads this has read the formula. Matrices are lists of rows.
 */
export type Matrix = readonly (readonly number[])[];

export const q: Matrix = [
  [1, 0],
  [0, 1],
  [1, 1],
];
export const k: Matrix = q;
export const v: Matrix = [
  [1, 2],
  [3, 4],
  [5, 6],
];

export interface Worked {
  /** Q Kᵀ, [T, T]: each query against each key. */
  readonly scores: Matrix;
  /** Divided by √d_k. */
  readonly scaled: Matrix;
  /** e to the power of each. */
  readonly powers: Matrix;
  /** Sum of the powers of a row, [T, 1]. */
  readonly sums: Matrix;
  /** Powers divided by their sum: each row sums to 1. */
  readonly weights: Matrix;
  /** weights V, [T, d_v]. */
  readonly output: Matrix;
}

/** q and k [T, d], v [T, d_v]. */
export function workOut(q: Matrix, k: Matrix, v: Matrix): Worked {
  const root = Math.sqrt(q[0]?.length ?? 0);
  const scores = q.map((query) => k.map((key) => dot(query, key)));
  const scaled = scores.map((row) => row.map((score) => score / root));
  const powers = scaled.map((row) => row.map(Math.exp));
  const sums = powers.map((row) => [row.reduce((sum, power) => sum + power, 0)]);
  const weights = powers.map((row, i) => row.map((power) => power / sums[i]![0]!));
  const columns = (v[0] ?? []).map((_, d) => v.map((value) => value[d]!));
  const output = weights.map((row) => columns.map((column) => dot(row, column)));
  return { scores, scaled, powers, sums, weights, output };
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
}
