/** Causal attention of a whole layer as one kernel, and its gradient. Shapes as in `src/core/model/attention.ts`. */
import { LoupeError } from '../../../core/errors';
import type * as tf from '../../../core/tf';
import type { LoupeBackend } from '../backend';
import { kernel } from '../registry';

/** Queries of a tile. As in `../../assembly/fused/attention.ts`. */
const sideFor = (headDim: number): number => (headDim <= 256 ? 64 : headDim <= 512 ? 32 : headDim <= 1024 ? 16 : 8);
/** What still fits into the working memory of a thread. */
const widest = 2048;

interface Shape {
  readonly batch: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly length: number;
  readonly headDim: number;
}

/** The turns are [T, d], which tells the rest. */
function shapeOf(q: tf.TensorInfo, k: tf.TensorInfo, cos: tf.TensorInfo): Shape {
  const [length, headDim] = cos.shape as [number, number];
  const [rows, width] = q.shape as [number, number];
  if (headDim > widest) throw new LoupeError('internal', { detail: `heads of ${headDim} numbers` });
  return { batch: rows / length, heads: width / headDim, kvHeads: (k.shape[1] as number) / headDim, length, headDim };
}

function run(backend: LoupeBackend, name: string, units: number, tensors: readonly (tf.TensorInfo | null)[], shape: Shape): void {
  const { batch, heads, kvHeads, length, headDim } = shape;
  const addresses = tensors.map((tensor) => (tensor ? backend.address(tensor) : 0));
  backend.run(name, units, [...addresses, batch, heads, kvHeads, length, headDim], [1 / Math.sqrt(headDim)]);
}

kernel('LoupeAttention', ({ inputs, backend }) => {
  const { q, k, v, cos, sin } = inputs as Record<'q' | 'k' | 'v' | 'cos' | 'sin', tf.TensorInfo>;
  const shape = shapeOf(q, k, cos);
  const out = backend.output(q.shape);
  const lse = backend.output([shape.batch, shape.heads, shape.length]);
  const units = shape.batch * shape.heads * Math.ceil(shape.length / sideFor(shape.headDim));
  run(backend, 'attention', units, [q, k, v, cos, sin, out, lse, null, null, null, null], shape);
  return [out, lse];
});

kernel('LoupeAttentionGrad', ({ inputs, backend }) => {
  const { q, k, v, cos, sin, out, lse, dy } = inputs as Record<'q' | 'k' | 'v' | 'cos' | 'sin' | 'out' | 'lse' | 'dy', tf.TensorInfo>;
  const shape = shapeOf(q, k, cos);
  const gradients = [backend.output(q.shape), backend.output(k.shape), backend.output(v.shape)];
  run(backend, 'attentionGrad', shape.batch * shape.kvHeads, [q, k, v, cos, sin, out, lse, dy, ...gradients], shape);
  return gradients;
});
