/** Cosines and sines of RoPE, computed once per configuration in float32 steps, as PyTorch does, so that logits agree. */
import { cos as cosine, power, powerOfTwoFrom, sin as sine } from '../math';
import * as tf from '../tf';
import type { ModelConfig } from './config';

interface Table {
  readonly positions: number;
  /** [positions, headDim], both halves equal. */
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}
const tables = new Map<string, Table>();

/** cos and sin of positions start .. start + length - 1, [length, headDim] each. */
export function ropeTables(config: ModelConfig, start: number, length: number): { cos: tf.Tensor2D; sin: tf.Tensor2D } {
  const d = config.headDim;
  const table = tableFor(config, start + length);
  const rows = (values: Float32Array) => tf.tensor2d(values.slice(start * d, (start + length) * d), [length, d]);
  return { cos: rows(table.cos), sin: rows(table.sin) };
}

/** The same for one position, as numbers: [headDim] each. */
export function ropeRow(config: ModelConfig, position: number): { cos: Float32Array; sin: Float32Array } {
  const d = config.headDim;
  const table = tableFor(config, position + 1);
  const row = (values: Float32Array) => values.subarray(position * d, (position + 1) * d);
  return { cos: row(table.cos), sin: row(table.sin) };
}

function tableFor({ headDim, ropeTheta }: ModelConfig, positions: number): Table {
  const key = `${headDim}/${ropeTheta}`;
  let table = tables.get(key);
  if (!table || table.positions < positions) {
    table = compute(headDim, ropeTheta, powerOfTwoFrom(positions));
    tables.set(key, table);
  }
  return table;
}

function compute(d: number, theta: number, positions: number): Table {
  const cos = new Float32Array(positions * d);
  const sin = new Float32Array(positions * d);
  for (let i = 0; i < d / 2; i++) {
    const frequency = Math.fround(1 / Math.fround(power(theta, (2 * i) / d)));
    for (let position = 0; position < positions; position++) {
      const angle = Math.fround(position * frequency);
      const at = position * d + i;
      cos[at] = cos[at + d / 2] = cosine(angle);
      sin[at] = sin[at + d / 2] = sine(angle);
    }
  }
  return { positions, cos, sin };
}
