/**
 * AdamW (Loshchilov & Hutter 2019): Adam with decoupled weight decay, none on norms and embeddings. The reference is plain
 * loops over the numbers: one pass reads a gradient and writes two moments and a weight, where tensor operations would make
 * twelve. The fused kernel does the same for all parameters at once.
 */
import { wholePower } from '../math';
import { type FusedKernel, fused } from '../model/fused';
import { type Parameters, parameterSpecs, type Weight, weightOf } from '../model/parameters';
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
  private readonly moments: ReadonlyMap<string, Moments>;

  constructor(
    private readonly params: Parameters,
    private readonly settings: AdamWSettings,
  ) {
    this.moments = new Map(
      parameterSpecs(params.config).map(({ name, shape, group }) => {
        const zeros = () => tf.keep(tf.zeros([...shape]));
        return [name, { decays: group !== 'norm' && group !== 'embedding', first: zeros(), second: zeros() }];
      }),
    );
  }

  /** One step, `step` from 1 (it corrects the bias of the moments); gradients are multiplied by `scale` (clipping). */
  apply(gradients: Gradients, step: number, learningRate: number, scale: number): void {
    const { beta1, beta2, weightDecay } = this.settings;
    const factors: Factors = {
      ...{ beta1, beta2, scale, epsilon },
      rate: learningRate / (1 - wholePower(beta1, step)),
      correction: Math.sqrt(1 - wholePower(beta2, step)),
      /** What decay leaves of a weight. */
      kept: 1 - learningRate * weightDecay,
    };
    const own = fused('LoupeAdamW');
    if (own) this.applyFused(own, gradients, factors);
    else
      for (const [name, moments] of this.moments)
        updateOne(weightOf(this.params, name), gradients.get(name) as tf.Tensor, moments, factors);
  }

  /** All weights and moments in one call, in place. */
  private applyFused(kernel: FusedKernel, gradients: Gradients, factors: Factors): void {
    const inputs: Record<string, tf.Tensor> = {};
    let count = 0;
    const decays: boolean[] = [];
    for (const [name, moments] of this.moments) {
      inputs[`weight${count}`] = weightOf(this.params, name).value();
      inputs[`gradient${count}`] = gradients.get(name) as tf.Tensor;
      inputs[`first${count}`] = moments.first;
      inputs[`second${count}`] = moments.second;
      decays.push(moments.decays);
      count++;
    }
    tf.dispose(kernel(inputs, { ...factors, decays }));
    for (const name of this.moments.keys()) weightOf(this.params, name).changed();
  }

  /** The moments as they are now. */
  tensors(): OptimizerTensors {
    const out: OptimizerTensors = new Map();
    for (const [name, { first, second }] of this.moments) {
      out.set(`exp_avg.${name}`, { shape: first.shape, data: first.dataSync() as Float32Array });
      out.set(`exp_avg_sq.${name}`, { shape: second.shape, data: second.dataSync() as Float32Array });
    }
    return out;
  }

  /** Takes moments back. Returns the name of the first that is missing or has another size, or null when all is well. */
  restore(tensors: ReadonlyMap<string, { readonly data: Float32Array }>): string | null {
    for (const [name, moments] of this.moments) {
      for (const [which, label] of [['first', 'exp_avg'] as const, ['second', 'exp_avg_sq'] as const]) {
        const saved = tensors.get(`${label}.${name}`)?.data;
        if (saved?.length !== moments[which].size) return `${label}.${name}`;
        replace(moments, which, saved);
      }
    }
    return null;
  }

  dispose(): void {
    for (const { first, second } of this.moments.values()) tf.dispose([first, second]);
  }
}

interface Moments {
  readonly decays: boolean;
  first: tf.Tensor;
  second: tf.Tensor;
}

interface Factors {
  readonly beta1: number;
  readonly beta2: number;
  readonly scale: number;
  readonly epsilon: number;
  readonly rate: number;
  readonly correction: number;
  readonly kept: number;
}

function replace(moments: Moments, which: 'first' | 'second', data: Float32Array): void {
  const old = moments[which];
  moments[which] = tf.keep(tf.tensor(data.slice(), old.shape, 'float32'));
  old.dispose();
}

/** The reference. */
function updateOne(
  weight: Weight,
  gradient: tf.Tensor,
  moments: Moments,
  { beta1, beta2, scale, epsilon, rate, correction, kept }: Factors,
): void {
  const gradients = gradient.dataSync();
  const values = weight.value().dataSync();
  const first = Float32Array.from(moments.first.dataSync());
  const second = Float32Array.from(moments.second.dataSync());
  const next = new Float32Array(values.length);
  const left = moments.decays ? kept : 1;
  for (let i = 0; i < values.length; i++) {
    const g = (gradients[i] as number) * scale;
    first[i] = beta1 * (first[i] as number) + (1 - beta1) * g;
    second[i] = beta2 * (second[i] as number) + (1 - beta2) * g * g;
    const size = Math.sqrt(second[i] as number) / correction + epsilon;
    next[i] = (values[i] as number) * left - (rate * (first[i] as number)) / size;
  }
  replace(moments, 'first', first);
  replace(moments, 'second', second);
  weight.assign(tf.tensor(next, [...weight.shape], 'float32'));
}
