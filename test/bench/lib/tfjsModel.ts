/**
 * The same model and optimiser as one would write them with TensorFlow.js as it comes: products with `transposeB`, traced
 * gradients, its own Adam, no clipping. It takes the library as an argument, because the native one brings its own copy.
 */
import type { ModelConfig } from '../../../src/core/model/config';
import type * as core from '../../../src/core/tf';
import type { Batch } from '../../../src/core/train/batches';
import { learningRate } from './tasks';

type Tf = typeof core;

export class TfjsModel {
  private readonly weights: Map<string, core.Variable>;
  private readonly optimizer: core.Optimizer;
  private readonly cos: core.Tensor;
  private readonly sin: core.Tensor;
  private readonly mask: core.Tensor;

  /** `gathers`: whether the backend has the gradient of `gather` (wasm has not: the embedding is a product with one-hot rows). */
  constructor(
    private readonly tf: Tf,
    private readonly config: ModelConfig,
    weights: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>,
    private readonly gathers: boolean,
  ) {
    this.weights = new Map([...weights].map(([name, { shape, data }]) => [name, tf.variable(tf.tensor(data, [...shape]))]));
    this.optimizer = tf.train.adam(learningRate, 0.9, 0.999, 1e-8);
    const { contextLength: T, headDim: d } = config;
    const angle = (position: number, i: number) => position * config.ropeTheta ** ((-2 * (i % (d / 2))) / d);
    const grid = (f: (angle: number) => number) =>
      tf.tensor2d(Array.from({ length: T }, (_, t) => Array.from({ length: d }, (_, i) => f(angle(t, i)))));
    this.cos = grid(Math.cos);
    this.sin = grid(Math.sin);
    this.mask = tf.tensor2d(Array.from({ length: T }, (_, t) => Array.from({ length: T }, (_, s) => (s > t ? -1e9 : 0))));
  }

  /** One step; gives the loss before it. */
  async step({ inputs, targets }: Batch): Promise<number> {
    const ids = (rows: readonly Int32Array[]) => this.tf.tensor1d(Int32Array.from(rows.flatMap((row) => [...row])), 'int32');
    const [from, to] = [ids(inputs), ids(targets)];
    const loss = this.optimizer.minimize(() => this.loss(from, to, inputs.length), true, [...this.weights.values()]) as core.Scalar;
    const value = (await loss.data())[0] as number;
    this.tf.dispose([from, to, loss]);
    return value;
  }

  private loss(inputs: core.Tensor1D, targets: core.Tensor1D, sequences: number): core.Scalar {
    const { tf } = this;
    const { contextLength: T, nLayers, nHeads: H, headDim: d, dModel: D, normEps, vocabSize } = this.config;
    const weight = (name: string) => this.weights.get(name) as core.Tensor as core.Tensor2D;
    const norm = (x: core.Tensor, name: string) =>
      tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), normEps))), weight(name)) as core.Tensor2D;
    const linear = (x: core.Tensor2D, name: string) => tf.matMul(x, weight(name), false, true);
    const heads = (x: core.Tensor) => tf.transpose(tf.reshape(x, [sequences, T, H, d]), [0, 2, 1, 3]) as core.Tensor4D;
    const turn = (x: core.Tensor4D) => {
      const [first, second] = tf.split(x, 2, 3) as [core.Tensor4D, core.Tensor4D];
      return tf.add(tf.mul(x, this.cos), tf.mul(tf.concat([tf.neg(second), first], 3), this.sin));
    };
    const table = weight('model.embed_tokens.weight');
    let x = (this.gathers ? tf.gather(table, inputs) : tf.matMul(tf.oneHot(inputs, vocabSize), table)) as core.Tensor2D;
    for (let layer = 0; layer < nLayers; layer++) {
      const at = (name: string) => `model.layers.${layer}.${name}.weight`;
      const n = norm(x, at('input_layernorm'));
      const q = turn(heads(linear(n, at('self_attn.q_proj'))));
      const k = turn(heads(linear(n, at('self_attn.k_proj'))));
      const v = heads(linear(n, at('self_attn.v_proj')));
      const pattern = tf.softmax(tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(d)), this.mask));
      const mixed = tf.reshape(tf.transpose(tf.matMul(pattern, v), [0, 2, 1, 3]), [sequences * T, D]) as core.Tensor2D;
      x = tf.add(x, linear(mixed, at('self_attn.o_proj')));
      const m = norm(x, at('post_attention_layernorm'));
      const gate = linear(m, at('mlp.gate_proj'));
      x = tf.add(x, linear(tf.mul(tf.mul(gate, tf.sigmoid(gate)), linear(m, at('mlp.up_proj'))), at('mlp.down_proj')));
    }
    const logits = tf.matMul(norm(x, 'model.norm.weight'), table, false, true);
    return tf.losses.softmaxCrossEntropy(tf.oneHot(targets, vocabSize), logits) as core.Scalar;
  }
}
