/** Attention that is looked at, or that follows what a cache holds. Shapes as in `src/core/model/attention.ts`. */
import type * as tf from '../../../core/tf';
import { scratchBytes } from '../layout';
import { kernel } from '../registry';

/** x [B * T, n * d] -> [B, n, T, d]; with cos and sin [T, d], turned. */
kernel('LoupeTurnedHeads', ({ inputs, attrs, backend }) => {
  const { x, cos, sin } = inputs as { x: tf.TensorInfo; cos?: tf.TensorInfo; sin?: tf.TensorInfo };
  const shape = attrs.shape as [number, number, number, number];
  const [batch, n, length, d] = shape;
  const out = backend.output(shape);
  const addresses = [x, cos, sin, out].map((tensor) => (tensor ? backend.address(tensor) : 0));
  backend.run('turnedHeads', batch * n, [...addresses, n, length, d]);
  return out;
});

/** Queries of a block: as many, up to 32, as the working memory holds beside a tile of 64 keys. */
function rowsFor(headDim: number, positions: number): number {
  const [width, all] = [headDim, positions].map((size) => Math.ceil(size / 8) * 8) as [number, number];
  const room = scratchBytes / 4 - 2 * 64 * width;
  return Math.max(0, Math.min(32, Math.floor(room / (2 * width + all)) & -4));
}

/** q [B, H, T, d], k and v [B, Hkv, capacity, d], of which `positions` are seen. Heads [B, H, T, d]; then scores and pattern [B, H, T, S] if wanted. */
kernel('LoupeSeenAttention', ({ inputs, attrs, backend }) => {
  const { q, k, v } = inputs as { q: tf.TensorInfo; k: tf.TensorInfo; v: tf.TensorInfo };
  const { positions, scores, pattern } = attrs as { positions: number; scores: boolean; pattern: boolean };
  const [batch, heads, length, d] = q.shape as [number, number, number, number];
  const [, kvHeads, capacity] = k.shape as [number, number, number];
  const rows = rowsFor(d, positions);
  const wide = [batch, heads, length, positions];
  const out = [backend.output(q.shape), ...[scores, pattern].flatMap((wanted) => (wanted ? [backend.output(wide)] : []))];
  const at = out.map((tensor) => backend.address(tensor));
  const [scoresAt, patternAt] = [scores ? at[1] : 0, pattern ? at.at(-1) : 0] as [number, number];
  const ints = [heads, kvHeads, length, positions, capacity, d, rows];
  const inputsAt = [q, k, v].map((tensor) => backend.address(tensor));
  const units = batch * heads * Math.ceil(length / rows);
  backend.run('seenAttention', units, [...inputsAt, at[0] as number, scoresAt, patternAt, ...ints], [1 / Math.sqrt(d)]);
  return out;
});
