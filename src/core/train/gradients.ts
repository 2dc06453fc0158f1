/** Loss and gradients of one micro-batch, and their sum over micro-batches as plain arrays. */
import { forward } from '../model/gpt';
import { crossEntropy } from '../model/ops';
import { type Parameters, parameterSpecs, weightOf } from '../model/parameters';
import type { Rng } from '../rng';
import * as tf from '../tf';
import type { Batch } from './batches';

/** By parameter name, of its size. */
export type Gradients = Map<string, Float32Array>;

export interface DropoutSettings {
  readonly rate: number;
  /** Belongs to this micro-batch. */
  readonly rng: Rng;
}

/** Adds the gradients of the mean loss of a batch, times `share`, into `sum`; gives the mean loss in nats per token. */
export async function addGradients(
  params: Parameters,
  batch: Batch,
  sum: Gradients,
  share: number,
  dropout: DropoutSettings | null,
): Promise<number> {
  const names = parameterSpecs(params.config).map(({ name }) => name);
  const { value, grads } = tf.valueAndGrads(() => lossOf(params, batch, dropout))(names.map((name) => weightOf(params, name).value()));
  try {
    for (const [index, name] of names.entries()) {
      const gradient = (await (grads[index] as tf.Tensor).data()) as Float32Array;
      const into = sum.get(name);
      if (!into) sum.set(name, share === 1 ? gradient : gradient.map((x) => x * share));
      else for (let i = 0; i < into.length; i++) into[i] = (into[i] as number) + (gradient[i] as number) * share;
    }
    return (await value.data())[0] as number;
  } finally {
    tf.dispose([value, grads]);
  }
}

/** Mean cross entropy of a batch, in nats per token: a scalar with a gradient. */
export function lossOf(params: Parameters, batch: Batch, dropout: DropoutSettings | null = null): tf.Scalar {
  const { logits } = forward(params, batch.inputs, dropout ? { dropout: masks(dropout, params.config.dModel) } : {});
  return crossEntropy(tf.reshape(logits, [-1, params.config.vocabSize]), flatTargets(batch));
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

/** Euclidean norm over all gradients, in f64. */
export function globalNorm(gradients: Gradients): number {
  let sum = 0;
  for (const values of gradients.values()) {
    for (let i = 0; i < values.length; i++) sum += (values[i] as number) * (values[i] as number);
  }
  return Math.sqrt(sum);
}

function masks({ rate, rng }: DropoutSettings, width: number) {
  return (place: string, rows: number): tf.Tensor2D => {
    const values = rng.split(place).fillUniform(new Float32Array(rows * width));
    const kept = 1 / (1 - rate);
    for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) < rate ? 0 : kept;
    return tf.tensor2d(values, [rows, width]);
  };
}
