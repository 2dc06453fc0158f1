/**
 * The operations of the model, each with its gradient written out: fewer kernels than a traced gradient, no transposed
 * matrix product (fifteen to fifty times slower than an explicit transpose on stock wasm), no `gather` gradient (absent there).
 * Rows are flat: N = batch x positions.
 */
import type { Rng } from '../rng';
import * as tf from '../tf';
import { type FusedKernel, type FusedName, fused } from './fused';
import type { Weight } from './parameters';

type Save = (tensors: tf.Tensor[]) => void;
/**
 * `tf.customGrad` with its arguments typed. Whatever the gradient needs must be saved, even what is no input: a tensor
 * that a closure merely captures may be gone by then. What was saved, `dy` and all leftovers are freed as soon as the
 * gradient is known: tfjs alone keeps them to the end of the backward pass, several times the memory. So a gradient
 * never returns `dy` itself (a clone will do), and there are no gradients of gradients.
 */
export function withGradient<T extends tf.Tensor>(
  inputs: tf.Tensor[],
  forward: (save: Save) => { value: T; gradient: (dy: T, saved: tf.Tensor[]) => tf.Tensor[] },
): T {
  const op = tf.customGrad((...args) => {
    let needed: tf.Tensor[] = [];
    const { value, gradient } = forward((tensors) => {
      needed = tensors;
    });
    // Only now: what is kept by an op that fails half-way would never be freed.
    (args[args.length - 1] as unknown as Save)(needed);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const gradients = tf.tidy(() => gradient(dy as T, saved));
      tf.dispose([dy, saved]);
      return gradients;
    };
    return { value, gradFunc };
  });
  return op(...inputs) as T;
}

/** The gradient that a backend has with its fused kernel. */
export function paired(name: FusedName): FusedKernel {
  const kernel = fused(name);
  if (!kernel) throw new Error(`${name} is missing`);
  return kernel;
}

/** a [M, K] . b [K, N] -> [M, N]; batched [..., M, K] . [..., K, N]. Gradients by explicit transposes. */
export function matmul(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return withGradient([a, b], (save) => {
    save([a, b]);
    return {
      value: tf.matMul(a, b),
      gradient: (dy, [a0, b0]) => [tf.matMul(dy, swapLast(b0 as tf.Tensor)), tf.matMul(swapLast(a0 as tf.Tensor), dy)],
    };
  });
}

/** a + b of one shape. The stock gradient would keep both alive to learn their shapes. */
export function add<T extends tf.Tensor>(a: T, b: T): T {
  return withGradient([a, b], () => ({ value: tf.add(a, b) as T, gradient: (dy) => [tf.clone(dy), tf.clone(dy)] }));
}

/** The same numbers in another shape. The stock gradient would keep them alive. */
export function reshape<T extends tf.Tensor>(x: tf.Tensor, shape: readonly number[]): T {
  const from = x.shape;
  return withGradient<T>([x], () => ({
    value: tf.clone(tf.reshape(x, [...shape])) as T,
    gradient: (dy) => [tf.reshape(dy, from)],
  }));
}

export function transpose<T extends tf.Tensor>(x: T, axes: readonly number[]): T {
  const back = axes.map((_, axis) => axes.indexOf(axis));
  return withGradient([x], () => ({ value: tf.transpose(x, [...axes]), gradient: (dy) => [tf.transpose(dy, back)] }));
}

/** Swaps the last two axes, as a copy. */
export function swapLast(x: tf.Tensor): tf.Tensor {
  const axes = x.shape.map((_, axis) => axis);
  const last = axes.length - 1;
  axes[last] = last - 1;
  axes[last - 1] = last;
  return transpose(x, axes);
}

/** x [N, in] -> x . W^T [N, out], for W [out, in]. */
export function linear(x: tf.Tensor2D, weight: Weight): tf.Tensor2D {
  const w = weight.value() as tf.Tensor2D;
  const own = fused('LoupeLinear');
  const transposed = own ? null : weight.transposed();
  return withGradient([x, w], (save) => {
    save([x, w]);
    if (own) {
      return {
        value: own({ x, w })[0] as tf.Tensor2D,
        gradient: (dy, [x0, w0]) => paired('LoupeLinearGrad')({ x: x0 as tf.Tensor2D, w: w0 as tf.Tensor2D, dy }),
      };
    }
    return {
      value: tf.matMul(x, transposed as tf.Tensor2D),
      // dX = dY W needs no transpose at all; dW = dY^T X one.
      gradient: (dy, [x0, w0]) => [tf.matMul(dy, w0 as tf.Tensor2D), tf.matMul(tf.transpose(dy), x0 as tf.Tensor2D)],
    };
  });
}

/** Several products with one x: `linear` for each weight. The fused kernel adds up their gradients for x as it goes. */
export function linears(x: tf.Tensor2D, ...weights: Weight[]): tf.Tensor2D[] {
  const own = fused('LoupeLinears');
  if (!own) return weights.map((weight) => linear(x, weight));
  return own([x, ...weights.map((weight) => weight.value())]) as tf.Tensor2D[];
}

// Several results need a registered gradient: `customGrad` has but one. All is computed at once, and what it came from freed.
tf.registerGradient({
  kernelName: 'LoupeLinears' satisfies FusedName,
  saveAllInputs: true,
  gradFunc: (dy, saved) => {
    const gradients = paired('LoupeLinearsGrad')([...saved, ...(dy as tf.Tensor[])]);
    tf.dispose([dy, saved]);
    return Object.fromEntries(gradients.map((gradient, index) => [index, () => gradient]));
  },
});

/** Rows of a table [V, D] by id [N] -> [N, D]. The gradient adds up rows of equal ids. */
export function embedding(weight: Weight, ids: tf.Tensor1D): tf.Tensor2D {
  const table = weight.value() as tf.Tensor2D;
  return withGradient([table], (save) => {
    save([ids]);
    const own = fused('LoupeEmbedding');
    if (own) {
      return {
        value: own({ table, ids })[0] as tf.Tensor2D,
        gradient: (dy, [ids0]) => paired('LoupeEmbeddingGrad')({ dy, ids: ids0 as tf.Tensor1D }, { rows: table.shape[0] }),
      };
    }
    return {
      value: tf.gather(table, ids) as tf.Tensor2D,
      gradient: (dy, [ids0]) => [tf.scatterND(tf.reshape(ids0 as tf.Tensor1D, [-1, 1]), dy, table.shape)],
    };
  });
}

/** RMSNorm (Zhang & Sennrich 2019): x [N, D] / sqrt(mean(x^2) + eps) * w [D]. */
export function rmsNorm(x: tf.Tensor2D, weight: Weight, eps: number): tf.Tensor2D {
  const w = weight.value();
  return withGradient([x, w], (save) => {
    const own = fused('LoupeRmsNorm');
    if (own) {
      const [value, inverse] = own({ x, w }, { eps }) as [tf.Tensor2D, tf.Tensor1D];
      save([x, w, inverse]);
      return {
        value,
        gradient: (dy, saved) => {
          const [x0, w0, r] = saved as [tf.Tensor2D, tf.Tensor1D, tf.Tensor1D];
          return paired('LoupeRmsNormGrad')({ x: x0, w: w0, r, dy });
        },
      };
    }
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), eps)); // [N, 1]
    const normed = tf.mul(x, inverse);
    save([normed, inverse, w]);
    return {
      value: tf.mul(normed, w) as tf.Tensor2D,
      gradient: (dy, saved) => {
        const [n, r, w0] = saved as [tf.Tensor2D, tf.Tensor, tf.Tensor];
        const dn = tf.mul(dy, w0);
        const dx = tf.mul(r, tf.sub(dn, tf.mul(n, tf.mean(tf.mul(dn, n), -1, true))));
        return [dx, tf.reshape(sumRows(tf.mul(dy, n)), w0.shape)];
      },
    };
  });
}

/** [N, D] -> [1, D]: a product with ones, because `sum` over the first axis transposes first on wasm. */
function sumRows(x: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(tf.ones([1, x.shape[0]]), x);
}

/**
 * Rotary positions (Su et al. 2021) as Hugging Face rotates: dimension i turns with i + d/2.
 * x [..., T, d], cos and sin [T, d] -> x * cos + rotate(x) * sin, rotate(x) = [-x2, x1].
 */
export function rope(x: tf.Tensor, cos: tf.Tensor2D, sin: tf.Tensor2D): tf.Tensor {
  const d = x.shape[x.shape.length - 1] as number;
  return withGradient([x], (save) => {
    save([cos, sin]);
    return {
      value: tf.add(tf.mul(x, cos), tf.mul(rowsTimes(x, halfRotation(d, 1)), sin)),
      gradient: (dy, [cos0, sin0]) => [
        tf.add(tf.mul(dy, cos0 as tf.Tensor2D), rowsTimes(tf.mul(dy, sin0 as tf.Tensor2D), halfRotation(d, -1))),
      ],
    };
  });
}

/** R [d, d] with x . R = [-x2, x1], or the opposite turn for sign -1: a signed permutation, so the product is exact; one product is faster than slices. */
function halfRotation(d: number, sign: 1 | -1): tf.Tensor2D {
  const values = new Float32Array(d * d);
  for (let i = 0; i < d / 2; i++) {
    values[i * d + i + d / 2] = sign;
    values[(i + d / 2) * d + i] = -sign;
  }
  return tf.tensor2d(values, [d, d]);
}

function rowsTimes(x: tf.Tensor, matrix: tf.Tensor2D): tf.Tensor {
  return tf.reshape(tf.matMul(tf.reshape(x, [-1, matrix.shape[0]]), matrix), x.shape);
}

/** SwiGLU (Shazeer 2020): silu(gate) * up, all [N, F]; silu(g) = g * sigmoid(g). */
export function swiglu(gate: tf.Tensor2D, up: tf.Tensor2D): tf.Tensor2D {
  return withGradient([gate, up], (save) => {
    const own = fused('LoupeSwiGlu');
    if (own) {
      save([gate, up]);
      return {
        value: own({ gate, up })[0] as tf.Tensor2D,
        gradient: (dy, [gate0, up0]) => paired('LoupeSwiGluGrad')({ gate: gate0 as tf.Tensor2D, up: up0 as tf.Tensor2D, dy }),
      };
    }
    const s = tf.sigmoid(gate);
    const silu = tf.mul(gate, s);
    save([up, s, silu]);
    return {
      value: tf.mul(silu, up) as tf.Tensor2D,
      gradient: (dy, saved) => {
        const [up0, s0, silu0] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
        // d silu / d g = s + silu (1 - s)
        const slope = tf.add(s0, tf.mul(silu0, tf.sub(1, s0)));
        return [tf.mul(tf.mul(dy, up0), slope), tf.mul(dy, silu0)];
      },
    };
  });
}

/** Nats of each row: -log softmax(logits)[target]. logits [N, V], targets int32 [N] -> [N]. No gradient. */
export function tokenLosses(logits: tf.Tensor2D, targets: tf.Tensor1D): tf.Tensor1D {
  return tf.tidy(() => {
    const shifted = tf.sub(logits, tf.max(logits, -1, true));
    return tf.sub(tf.log(tf.sum(tf.exp(shifted), -1)), pick(shifted as tf.Tensor2D, targets)) as tf.Tensor1D;
  });
}

/** Mean cross entropy in nats: logits [N, V], targets int32 [N] -> scalar. */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor1D): tf.Scalar {
  return withGradient([logits], (save) => {
    const shifted = tf.sub(logits, tf.max(logits, -1, true)) as tf.Tensor2D;
    const exps = tf.exp(shifted);
    const sums = tf.sum(exps, -1, true); // [N, 1]
    const losses = tf.sub(tf.log(tf.reshape(sums, [-1])), pick(shifted, targets));
    save([exps, sums, targets]);
    return {
      value: tf.mean(losses) as tf.Scalar,
      gradient: (dy, saved) => {
        const [e, total, ids] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
        const [rows, columns] = e.shape;
        const scale = tf.div(dy, rows);
        const target = tf.reshape(
          tf.scatterND(tf.reshape(flatIndex(ids, columns), [-1, 1]), tf.mul(tf.ones([rows]), scale), [rows * columns]),
          e.shape,
        );
        return [tf.sub(tf.mul(e, tf.div(scale, total)), target)];
      },
    };
  });
}

/** x[i, ids[i]] for every row i. */
function pick(x: tf.Tensor2D, ids: tf.Tensor1D): tf.Tensor1D {
  return tf.gather(tf.reshape(x, [-1]), flatIndex(ids, x.shape[1])) as tf.Tensor1D;
}

function flatIndex(ids: tf.Tensor1D, columns: number): tf.Tensor1D {
  const rows = ids.shape[0];
  return tf.add(tf.mul(tf.range(0, rows, 1, 'int32'), tf.scalar(columns, 'int32')), ids) as tf.Tensor1D;
}

/**
 * Mean cross entropy in nats of the head's logits x . W^T: x [N, D], W [V, D], targets int32 [N] -> scalar. The fused kernel
 * never holds all logits, nor their gradient: it takes rows in chunks and computes the gradients along with the loss.
 */
export function headCrossEntropy(x: tf.Tensor2D, weight: Weight, targets: tf.Tensor1D): tf.Scalar {
  const own = fused('LoupeHeadLoss');
  if (!own) return crossEntropy(linear(x, weight), targets);
  const w = weight.value() as tf.Tensor2D;
  return withGradient([x, w], (save) => {
    const [value, dx, dw] = own({ x, w, targets }) as [tf.Scalar, tf.Tensor2D, tf.Tensor2D];
    save([dx, dw]);
    // A loss that is not scaled, as in training, saves a pass over both.
    const times = (gradient: tf.Tensor, dy: number) => (dy === 1 ? tf.clone(gradient) : tf.mul(gradient, dy));
    return { value, gradient: (dy, saved) => saved.map((gradient) => times(gradient, dy.dataSync()[0] as number)) };
  });
}

/** Logits that exist at once where only their losses are wanted: 16 MB. */
const logitsAtOnce = 2 ** 22;

/** Nats of each row of the head's logits x . W^T, rows in chunks: x [N, D], W [V, D], targets int32 [N] -> [N]. No gradient. */
export function headLosses(x: tf.Tensor2D, weight: Weight, targets: tf.Tensor1D): tf.Tensor1D {
  const [rows, width] = x.shape;
  const chunk = Math.max(64, Math.floor(logitsAtOnce / (weight.value().shape[0] as number)));
  const losses: tf.Tensor1D[] = [];
  for (let from = 0; from < rows; from += chunk) {
    const count = Math.min(chunk, rows - from);
    const part = () => tokenLosses(linear(tf.slice(x, [from, 0], [count, width]), weight), tf.slice(targets, [from], [count]));
    losses.push(tf.tidy(part));
  }
  return losses.length === 1 ? (losses[0] as tf.Tensor1D) : tf.concat(losses);
}

/** Which numbers a dropout drops: element i where `rng.uniform(i)` is below the rate. What stays is divided by 1 - rate. */
export interface Dropout {
  readonly rate: number;
  readonly rng: Rng;
}

export function dropout<T extends tf.Tensor>(x: T, { rate, rng }: Dropout): T {
  const own = fused('LoupeDropout');
  if (own) {
    const apply = (to: tf.Tensor) => own({ x: to }, { rate, key: rng.key }) as [T];
    return withGradient([x], () => ({ value: apply(x)[0], gradient: (dy) => apply(dy) }));
  }
  const mask = tf.tensor(dropoutMask(x.size, { rate, rng }), x.shape);
  return withGradient([x], (save) => {
    save([mask]);
    return { value: tf.mul(x, mask) as T, gradient: (dy, [mask0]) => [tf.mul(dy, mask0 as tf.Tensor)] };
  });
}

/** 0 or 1 / (1 - rate) for every element. */
function dropoutMask(size: number, { rate, rng }: Dropout): Float32Array {
  const values = rng.fillUniform(new Float32Array(size));
  const kept = 1 / (1 - rate);
  for (let i = 0; i < size; i++) values[i] = (values[i] as number) < rate ? 0 : kept;
  return values;
}
