/**
 * A training step against the same step as stock tfjs wasm gives it: products with `transposeB`, traced gradients, its own
 * Adam. Same model, same weights at the start, same batches; interleaved; medians. A difference of the losses is an error.
 */
import { availableParallelism } from 'node:os';
import type { LoupeBackend } from '../../src/backend/loupe/backend';
import { openBackend } from '../../src/backend/open';
import { KvCache } from '../../src/core/model/cache';
import type { ModelConfig } from '../../src/core/model/config';
import { forward } from '../../src/core/model/gpt';
import { initialise, type Parameters, parameterSpecs, weightOf } from '../../src/core/model/parameters';
import { Rng } from '../../src/core/rng';
import * as tf from '../../src/core/tf';
import { AdamW } from '../../src/core/train/adamw';
import { type Batch, trainingBatch } from '../../src/core/train/batches';
import { addGradients, disposeGradients, type Gradients, globalNorm } from '../../src/core/train/gradients';
import { arraySource } from '../../src/core/train/source';

export interface BenchRow {
  readonly name: string;
  readonly unit: string;
  readonly loupe: number;
  readonly peer: number | null;
  readonly peerName: string | null;
  readonly ratio: number | null;
  readonly goal?: string;
}

const config: ModelConfig = {
  ...{ vocabSize: 65, dModel: 128, nLayers: 4, nHeads: 4, nKvHeads: 4, headDim: 32, dFf: 352, contextLength: 64 },
  ...{ ropeTheta: 10000, normEps: 1e-5, tieEmbeddings: true },
};
const sequences = 12;
const rounds = 5;
/** Steps of ours for one of theirs. */
const repeats = 8;

export async function rows({ assets, profile }: { assets: string; profile: boolean }): Promise<BenchRow[]> {
  // As it comes: without what we changed about stock wasm.
  const stockKernels = ['BatchMatMul', 'Identity'].map((name) => tf.getKernel(name, 'wasm'));
  await openBackend({ name: 'wasm', assets, threads: 1 });
  for (const kernel of stockKernels) {
    tf.unregisterKernel(kernel.kernelName, 'wasm');
    tf.registerKernel(kernel);
  }
  const stock = new StockStep();
  const use = (name: 'loupe' | 'wasm') => openBackend({ name, assets, threads: availableParallelism() });
  const { threads } = await use('loupe');
  const loupe = new LoupeStep();
  const times = { loupe: [] as number[], stock: [] as number[] };
  const source = arraySource(Int32Array.from({ length: 20_000 }, (_, i) => Rng.from(5).below(i, config.vocabSize)));
  let step = 0;
  for (let round = 0; round <= rounds; round++) {
    const batch = await trainingBatch(source, Rng.from(round), 0, sequences, config.contextLength);
    await use('loupe');
    for (let i = 0; i < repeats; i++) {
      const { milliseconds, result } = await timed(() => loupe.step(batch, ++step));
      if (round > 0) times.loupe.push(milliseconds);
      else if (i === 0) await compare(result, batch, stock);
    }
    await use('wasm');
    const theirs = await timed(() => stock.step(batch));
    if (round > 0) times.stock.push(theirs.milliseconds); // the first one compiles
  }
  await use('loupe');
  if (profile)
    await printProfile(async () => loupe.step(await trainingBatch(source, Rng.from(0), 0, sequences, config.contextLength), ++step));
  const perSecond = (milliseconds: number[]) => (sequences * config.contextLength * 1000) / median(milliseconds);
  const [ours, theirs] = [perSecond(times.loupe), perSecond(times.stock)];
  return [
    {
      name: `training step, 0.8 M parameters, ${threads} threads`,
      unit: 'tokens/s',
      loupe: ours,
      peer: theirs,
      peerName: 'stock tfjs wasm',
      ratio: ours / theirs,
      goal: 'ratio 35',
    },
    { name: 'generation, 0.8 M parameters', unit: 'tokens/s', loupe: loupe.generate(), peer: null, peerName: null, ratio: null },
  ];
}

/** Before the first step both have the same weights, so the same loss. */
async function compare(loss: number, batch: Batch, stock: StockStep): Promise<void> {
  await tf.setBackend('wasm');
  const theirs = await stock.step(batch);
  if (Math.abs(loss - theirs) > 1e-3) throw new Error(`losses differ: ${loss} and ${theirs}`);
  await tf.setBackend('loupe');
}

/** Where the time of a step goes: calls, milliseconds and share of each kernel, and what is none. */
async function printProfile(step: () => Promise<unknown>): Promise<void> {
  const steps = 20;
  const backend = tf.backend() as LoupeBackend;
  const counts = new Map<string, { calls: number; milliseconds: number }>();
  backend.profile = counts;
  const { milliseconds: total } = await timed(async () => {
    for (let i = 0; i < steps; i++) await step();
  });
  backend.profile = null;
  const line = (name: string, calls: number | null, milliseconds: number) =>
    console.log(
      `  ${name.padEnd(20)} ${(calls === null ? '' : calls / steps).toString().padStart(5)} ${(milliseconds / steps).toFixed(3).padStart(9)} ms ${((100 * milliseconds) / total).toFixed(1).padStart(5)} %`,
    );
  const kernels = [...counts].sort(([, a], [, b]) => b.milliseconds - a.milliseconds);
  for (const [name, { calls, milliseconds }] of kernels) line(name, calls, milliseconds);
  line('no kernel', null, total - kernels.reduce((sum, [, { milliseconds }]) => sum + milliseconds, 0));
  line('a step', null, total);
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; milliseconds: number }> {
  const start = performance.now();
  const result = await work();
  return { result, milliseconds: performance.now() - start };
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] as number;
}

class LoupeStep {
  private readonly params: Parameters = initialise(config, 1);
  private readonly optimizer = new AdamW(this.params, { beta1: 0.9, beta2: 0.999, weightDecay: 0 });

  async step(batch: Batch, number: number): Promise<number> {
    const gradients: Gradients = new Map();
    const loss = await addGradients(this.params, batch, gradients, 1, null);
    globalNorm(gradients);
    this.optimizer.apply(gradients, number, 1e-3, 1);
    disposeGradients(gradients);
    return loss;
  }

  /** One sequence after another token by token with the cache, greedy. */
  generate(): number {
    const cache = new KvCache();
    let id = 1;
    const next = () => {
      id = tf.tidy(() => tf.argMax(forward(this.params, new Int32Array([id]), { cache }).logits, -1).dataSync()[0] as number);
    };
    for (let i = 0; i < 8; i++) next();
    const start = performance.now();
    for (let i = 8; i < config.contextLength; i++) next();
    const perSecond = ((config.contextLength - 8) * 1000) / (performance.now() - start);
    cache.dispose();
    return perSecond;
  }
}

/** The same model as one would write it with tfjs as it comes. */
class StockStep {
  private readonly weights: Map<string, tf.Variable>;
  private readonly optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-8);
  private readonly cos: tf.Tensor;
  private readonly sin: tf.Tensor;
  private readonly mask: tf.Tensor;

  constructor() {
    const params = initialise(config, 1);
    this.weights = new Map(parameterSpecs(config).map(({ name }) => [name, tf.variable(weightOf(params, name).value())]));
    const { contextLength: T, headDim: d } = config;
    const angle = (position: number, i: number) => position * config.ropeTheta ** ((-2 * (i % (d / 2))) / d);
    const grid = (f: (angle: number) => number) =>
      tf.tensor2d(Array.from({ length: T }, (_, t) => Array.from({ length: d }, (_, i) => f(angle(t, i)))));
    this.cos = grid(Math.cos);
    this.sin = grid(Math.sin);
    this.mask = tf.tensor2d(Array.from({ length: T }, (_, t) => Array.from({ length: T }, (_, s) => (s > t ? -1e9 : 0))));
  }

  async step({ inputs, targets }: Batch): Promise<number> {
    const flat = (rows: readonly Int32Array[]) => tf.oneHot(Int32Array.from(rows.flatMap((row) => [...row])), config.vocabSize);
    const loss = this.optimizer.minimize(() => this.loss(flat(inputs), flat(targets)), true, [...this.weights.values()]) as tf.Scalar;
    const value = (await loss.data())[0] as number;
    loss.dispose();
    return value;
  }

  private loss(inputs: tf.Tensor, targets: tf.Tensor): tf.Scalar {
    const { contextLength: T, nHeads: H, headDim: d, dModel: D } = config;
    const weight = (name: string) => this.weights.get(name) as tf.Tensor2D;
    const norm = (x: tf.Tensor, name: string) =>
      tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), config.normEps))), weight(name)) as tf.Tensor2D;
    const linear = (x: tf.Tensor2D, name: string) => tf.matMul(x, weight(name), false, true);
    const heads = (x: tf.Tensor) => tf.transpose(tf.reshape(x, [sequences, T, H, d]), [0, 2, 1, 3]) as tf.Tensor4D;
    const turn = (x: tf.Tensor4D) => {
      const [first, second] = tf.split(x, 2, 3) as [tf.Tensor4D, tf.Tensor4D];
      return tf.add(tf.mul(x, this.cos), tf.mul(tf.concat([tf.neg(second), first], 3), this.sin));
    };
    const table = weight('model.embed_tokens.weight');
    let x: tf.Tensor2D = tf.matMul(inputs as tf.Tensor2D, table);
    for (let layer = 0; layer < config.nLayers; layer++) {
      const at = (name: string) => `model.layers.${layer}.${name}.weight`;
      const n = norm(x, at('input_layernorm'));
      const q = turn(heads(linear(n, at('self_attn.q_proj'))));
      const k = turn(heads(linear(n, at('self_attn.k_proj'))));
      const v = heads(linear(n, at('self_attn.v_proj')));
      const pattern = tf.softmax(tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(d)), this.mask));
      const mixed = tf.reshape(tf.transpose(tf.matMul(pattern, v), [0, 2, 1, 3]), [sequences * T, D]) as tf.Tensor2D;
      x = tf.add(x, linear(mixed, at('self_attn.o_proj')));
      const m = norm(x, at('post_attention_layernorm'));
      const gate = linear(m, at('mlp.gate_proj'));
      x = tf.add(x, linear(tf.mul(tf.mul(gate, tf.sigmoid(gate)), linear(m, at('mlp.up_proj'))), at('mlp.down_proj')));
    }
    const logits = tf.matMul(norm(x, 'model.norm.weight'), table, false, true);
    return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), targets), -1))) as tf.Scalar;
  }
}
