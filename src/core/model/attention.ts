/**
 * Scaled dot-product attention (Vaswani et al. 2017), causal, with grouped key-value heads (Ainslie et al. 2023):
 * query head h reads key-value head floor(h / (H / Hkv)). The stages are functions of their own, because the
 * inspectors look at (and edit) what is between them; `attend` runs them as one op with one gradient for training.
 *
 * Shapes: q [B, H, T, d], k and v [B, Hkv, S, d]; scores and pattern [B, H, T, S]; heads [B, H, T, d].
 * Queries are the last T of S positions.
 */
import * as tf from '../tf';
import { type FusedKernel, fused } from './fused';
import { matmul, paired, swapLast, withGradient } from './ops';

/** Dot products q . k, neither scaled nor masked: [B, H, T, S]. */
export function attentionScores(q: tf.Tensor4D, k: tf.Tensor4D): tf.Tensor4D {
  const [batch, heads, queries] = q.shape;
  return tf.reshape(matmul(grouped(q, k.shape[1]), swapLast(flat(k))), [batch, heads, queries, k.shape[2]]);
}

/** Softmax over the positions a query may see: scores / sqrt(d) + mask, mask [T, S] or null. */
export function attentionPattern(scores: tf.Tensor4D, headDim: number, mask: tf.Tensor2D | null): tf.Tensor4D {
  const scaled = tf.mul(scores, 1 / Math.sqrt(headDim));
  return tf.softmax(mask ? tf.add(scaled, mask) : scaled) as tf.Tensor4D;
}

/** pattern . v: [B, H, T, d]. */
export function attentionHeads(pattern: tf.Tensor4D, v: tf.Tensor4D): tf.Tensor4D {
  const [batch, heads, queries] = pattern.shape;
  return tf.reshape(matmul(grouped(pattern, v.shape[1]), flat(v)), [batch, heads, queries, v.shape[3]]);
}

/** The three stages at once, with one gradient. */
export function attend(q: tf.Tensor4D, k: tf.Tensor4D, v: tf.Tensor4D, mask: tf.Tensor2D | null): tf.Tensor4D {
  const scale = 1 / Math.sqrt(q.shape[3]);
  return withGradient([q, k, v], (save) => {
    const pattern = attentionPattern(attentionScores(q, k), q.shape[3], mask);
    save([q, k, v, pattern]);
    return {
      value: attentionHeads(pattern, v),
      gradient: (dy, saved) => {
        const [q0, k0, v0, p0] = saved as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
        const kv = k0.shape[1];
        const dOut = grouped(dy, kv);
        const p = grouped(p0, kv);
        const dP = tf.matMul(dOut, swapLast(flat(v0)));
        const weighted = tf.mul(dP, p);
        // d softmax: p (dP - sum(dP p)), then the scale of the scores.
        const dS = tf.mul(tf.sub(weighted, tf.mul(p, tf.sum(weighted, -1, true))), scale);
        return [
          tf.reshape(tf.matMul(dS, flat(k0)), q0.shape),
          tf.reshape(tf.matMul(swapLast(dS), grouped(q0, kv)), k0.shape),
          tf.reshape(tf.matMul(swapLast(p), dOut), v0.shape),
        ];
      },
    };
  });
}

/**
 * All of a layer's attention between its projections, on flat rows, where a backend has it as one kernel: heads apart, RoPE,
 * causal attention, heads together. q [B * T, H * d], k and v [B * T, Hkv * d], cos and sin [T, d] -> [B * T, H * d]. It keeps
 * one number a row where `attend` keeps the pattern, so the inspectors cannot use it.
 */
export function fusedAttention(
  kernel: FusedKernel,
  q: tf.Tensor2D,
  k: tf.Tensor2D,
  v: tf.Tensor2D,
  { cos, sin }: { readonly cos: tf.Tensor2D; readonly sin: tf.Tensor2D },
): tf.Tensor2D {
  return withGradient([q, k, v], (save) => {
    const [value, lse] = kernel({ q, k, v, cos, sin }) as [tf.Tensor2D, tf.Tensor];
    save([q, k, v, cos, sin, value, lse]);
    return {
      value,
      gradient: (dy, saved) => {
        const [q0, k0, v0, cos0, sin0, out, lse0] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        return paired('LoupeAttentionGrad')({ q: q0, k: k0, v: v0, cos: cos0, sin: sin0, out, lse: lse0, dy });
      },
    };
  });
}

/** The kernels of attention that is looked at, or follows what a cache holds; there is no gradient. */
export interface SeenKernels {
  readonly turnedHeads: FusedKernel;
  readonly attention: FusedKernel;
}

/** Where the backend has them, and their working memory holds so much of a row. */
export function seenKernels(headDim: number, positions: number): SeenKernels | null {
  const [turnedHeads, attention] = [fused('LoupeTurnedHeads'), fused('LoupeSeenAttention')];
  return turnedHeads && attention && headDim <= 1024 && positions <= 30_000 ? { turnedHeads, attention } : null;
}

/** The three stages as one op that also gives what is between them: of k and v [B, Hkv, capacity, d], the first `positions` are seen. */
export function seenAttention(
  { attention }: SeenKernels,
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  wanted: { readonly positions: number; readonly scores: boolean; readonly pattern: boolean },
): { heads: tf.Tensor4D; scores: tf.Tensor4D | undefined; pattern: tf.Tensor4D | undefined } {
  const [heads, ...between] = attention({ q, k, v }, wanted) as [tf.Tensor4D, ...tf.Tensor4D[]];
  return { heads, scores: wanted.scores ? between[0] : undefined, pattern: wanted.pattern ? between.at(-1) : undefined };
}

/** Queries of one group side by side, so that nothing is repeated: [B, H, T, x] -> [B * Hkv, (H / Hkv) * T, x]. */
function grouped(x: tf.Tensor4D, kvHeads: number): tf.Tensor3D {
  const [batch, heads, rows, columns] = x.shape;
  return tf.reshape(x, [batch * kvHeads, (heads / kvHeads) * rows, columns]);
}

function flat(x: tf.Tensor4D): tf.Tensor3D {
  const [batch, heads, rows, columns] = x.shape;
  return tf.reshape(x, [batch * heads, rows, columns]);
}

/** Adds -1e9 where a query would see its future; null where it sees nothing of it (one query at the end). */
export function causalMask(queries: number, positions: number): tf.Tensor2D | null {
  if (queries === 1) return null;
  const values = new Float32Array(queries * positions);
  for (let row = 0; row < queries; row++) {
    values.fill(-1e9, row * positions + positions - queries + row + 1, (row + 1) * positions);
  }
  return tf.tensor2d(values, [queries, positions]);
}
