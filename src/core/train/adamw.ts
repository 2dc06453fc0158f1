/**
 * AdamW (Loshchilov & Hutter 2019): Adam with decoupled weight decay, none on norms and embeddings. Plain loops over
 * the numbers: one pass reads a gradient and writes two moments and a weight, where tensor operations would make twelve;
 * and the moments are ready to be saved as they are.
 */
import { type Parameters, parameterSpecs, weightOf } from '../model/parameters';
import * as tf from '../tf';
import type { Gradients } from './gradients';

export interface AdamWSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly weightDecay: number;
}

/** Named arrays: `exp_avg.NAME` and `exp_avg_sq.NAME`, of the weight's shape. */
export type OptimizerTensors = Map<string, { shape: readonly number[]; data: Float32Array }>;

const epsilon = 1e-8;

export class AdamW {
  private readonly moments: ReadonlyMap<string, { shape: readonly number[]; decays: boolean; first: Float32Array; second: Float32Array }>;

  constructor(
    private readonly params: Parameters,
    private readonly settings: AdamWSettings,
  ) {
    this.moments = new Map(
      parameterSpecs(params.config).map(({ name, shape, group }) => {
        const size = shape.reduce((product, axis) => product * axis, 1);
        const decays = group !== 'norm' && group !== 'embedding';
        return [name, { shape, decays, first: new Float32Array(size), second: new Float32Array(size) }];
      }),
    );
  }

  /** One step, `step` from 1 (it corrects the bias of the moments); gradients are multiplied by `scale` (clipping). */
  async apply(gradients: Gradients, step: number, learningRate: number, scale: number): Promise<void> {
    const { beta1, beta2, weightDecay } = this.settings;
    const correction1 = 1 - beta1 ** step;
    const correction2 = Math.sqrt(1 - beta2 ** step);
    for (const [name, { shape, decays, first, second }] of this.moments) {
      const gradient = gradients.get(name) as Float32Array;
      const weight = weightOf(this.params, name);
      const values = (await weight.value().data()) as Float32Array;
      const next = new Float32Array(values.length);
      const kept = decays ? 1 - learningRate * weightDecay : 1;
      const rate = learningRate / correction1;
      for (let i = 0; i < values.length; i++) {
        const g = (gradient[i] as number) * scale;
        first[i] = beta1 * (first[i] as number) + (1 - beta1) * g;
        second[i] = beta2 * (second[i] as number) + (1 - beta2) * g * g;
        const size = Math.sqrt(second[i] as number) / correction2 + epsilon;
        next[i] = (values[i] as number) * kept - (rate * (first[i] as number)) / size;
      }
      weight.assign(tf.tensor(next, [...shape], 'float32'));
    }
  }

  /** The moments themselves, not copies: write them before the next step. */
  tensors(): OptimizerTensors {
    const out: OptimizerTensors = new Map();
    for (const [name, { shape, first, second }] of this.moments) {
      out.set(`exp_avg.${name}`, { shape, data: first });
      out.set(`exp_avg_sq.${name}`, { shape, data: second });
    }
    return out;
  }

  /** Takes moments back. Returns the name of the first that is missing or has another size, or null when all is well. */
  restore(tensors: ReadonlyMap<string, { readonly data: Float32Array }>): string | null {
    for (const [name, { data }] of this.tensors()) {
      const saved = tensors.get(name)?.data;
      if (saved?.length !== data.length) return name;
      data.set(saved);
    }
    return null;
  }
}
