/** Loss and gradients of one micro-batch, and their sum over micro-batches. */
import { fused } from '../model/fused';
import { finalStates } from '../model/gpt';
import { type Dropout, headCrossEntropy } from '../model/ops';
import { headWeight, type Parameters, parameterSpecs, weightOf } from '../model/parameters';
import * as tf from '../tf';
import type { Batch } from './batches';

/** By parameter name, of its shape. They belong to whoever made the map: `disposeGradients`. */
export type Gradients = Map<string, tf.Tensor>;

/** Adds the gradients of the mean loss of a batch, times `share`, into `sum`; gives the mean loss in nats per token. */
export async function addGradients(
  params: Parameters,
  batch: Batch,
  sum: Gradients,
  share: number,
  dropout: Dropout | null,
): Promise<number> {
  const names = parameterSpecs(params.config).map(({ name }) => name);
  const weights = names.map((name) => weightOf(params, name).value());
  const { value, grads } = nothingKept(() => tf.valueAndGrads(() => lossOf(params, batch, dropout))(weights));
  for (const [index, name] of names.entries()) {
    const gradient = grads[index] as tf.Tensor;
    const before = sum.get(name);
    if (!before && share === 1) {
      sum.set(name, gradient);
      continue;
    }
    sum.set(
      name,
      tf.tidy(() => (before ? tf.add(before, tf.mul(gradient, share)) : tf.mul(gradient, share))),
    );
    tf.dispose([gradient, before ?? []]);
  }
  try {
    return (await value.data())[0] as number;
  } finally {
    value.dispose();
  }
}

/** What was kept for the backward pass is disposed where that is not reached: tfjs forgets it when memory runs out on the way. */
function nothingKept<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { state } = tf.engine();
    for (const { saved } of state.activeTape ?? []) tf.dispose(saved ?? []);
    state.activeTape = [];
    throw error;
  }
}

export function disposeGradients(gradients: Gradients): void {
  tf.dispose([...gradients.values()]);
  gradients.clear();
}

/** Mean cross entropy of a batch, in nats per token: a scalar with a gradient. */
export function lossOf(params: Parameters, batch: Batch, dropout: Dropout | null = null): tf.Scalar {
  const x = finalStates(params, batch.inputs, dropout ? { dropout } : {});
  return headCrossEntropy(x, headWeight(params), flatTargets(batch));
}

/** [B * T] int32. */
export function flatTargets(batch: Batch): tf.Tensor1D {
  const length = batch.targets[0]?.length ?? 0;
  const all = new Int32Array(batch.targets.length * length);
  batch.targets.forEach((row, index) => {
    all.set(row, index * length);
  });
  return tf.tensor1d(all, 'int32');
}

/** Euclidean norm over all gradients, summed in f64. */
export function globalNorm(gradients: Gradients): number {
  const own = fused('LoupeSquaredNorm');
  if (own) {
    const [squares] = own(Object.fromEntries(gradients)) as [tf.Tensor];
    const [sum] = new Float64Array(Int32Array.from(squares.dataSync()).buffer);
    squares.dispose();
    return Math.sqrt(sum as number);
  }
  let sum = 0;
  for (const gradient of gradients.values()) {
    const values = gradient.dataSync();
    for (let i = 0; i < values.length; i++) sum += (values[i] as number) * (values[i] as number);
  }
  return Math.sqrt(sum);
}
