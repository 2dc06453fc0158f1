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
  const key = `${d}/${config.ropeTheta}`;
  let table = tables.get(key);
  if (!table || table.positions < start + length) {
    table = compute(d, config.ropeTheta, powerOfTwoFrom(start + length));
    tables.set(key, table);
  }
  const rows = (values: Float32Array) => tf.tensor2d(values.slice(start * d, (start + length) * d), [length, d]);
  return { cos: rows(table.cos), sin: rows(table.sin) };
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
