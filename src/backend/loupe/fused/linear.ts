/** Products with a weight [out, in], and the head's loss, which is two of them with a softmax between. */
import type * as tf from '../../../core/tf';
import { kernel } from '../registry';
import { multiply, multiplyAll } from '../stock/matMul';
import { rowsEach } from './layout';

kernel('LoupeLinear', ({ inputs, backend }) => {
  const { x, w } = inputs as { x: tf.TensorInfo; w: tf.TensorInfo };
  const [m, k] = x.shape as [number, number];
  const n = w.shape[0] as number;
  const y = backend.output([m, n]);
  multiply(backend, { a: backend.address(x), b: backend.address(w), c: backend.address(y), m, k, n, transposeB: true, weight: w.dataId });
  return y;
});

/** dx = dy . W, dW = dy^T . x. */
kernel('LoupeLinearGrad', ({ inputs, backend }) => {
  const { x, w, dy } = inputs as { x: tf.TensorInfo; w: tf.TensorInfo; dy: tf.TensorInfo };
  const [rows, width] = x.shape as [number, number];
  const columns = w.shape[0] as number;
  const [dx, dw] = [backend.output(x.shape), backend.output(w.shape)];
  const at = (tensor: tf.TensorInfo) => backend.address(tensor);
  const forX = { a: at(dy), b: at(w), c: at(dx), m: rows, k: columns, n: width, weight: w.dataId };
  multiplyAll(backend, [[forX, { a: at(dy), b: at(x), c: at(dw), m: columns, k: rows, n: width, transposeA: true }]]);
  return [dx, dw];
});

/** Inputs in order: x, then the weights. One product each. */
kernel('LoupeLinears', ({ inputs, backend }) => {
  const [x, ...weights] = Object.values(inputs) as [tf.TensorInfo, ...tf.TensorInfo[]];
  const [m, k] = x.shape as [number, number];
  const out = weights.map((w) => backend.output([m, w.shape[0] as number]));
  const products = weights.map((w, i) => {
    const y = out[i] as tf.TensorInfo;
    const [a, b, c] = [x, w, y].map((tensor) => backend.address(tensor)) as [number, number, number];
    return { a, b, c, m, k, n: y.shape[1] as number, transposeB: true, weight: w.dataId };
  });
  multiplyAll(backend, [products]);
  return out;
});

/** Inputs in order: x, the weights, as many dy. dx = sum of dy . W, added up in the products; every dW = dy^T . x reads x packed once. */
kernel('LoupeLinearsGrad', ({ inputs, backend }) => {
  const [x, ...others] = Object.values(inputs) as [tf.TensorInfo, ...tf.TensorInfo[]];
  const weights = others.slice(0, others.length / 2);
  const [rows, width] = x.shape as [number, number];
  const at = (tensor: tf.TensorInfo) => backend.address(tensor);
  const dx = backend.output(x.shape);
  const gradients = weights.map((w) => backend.output(w.shape));
  const rounds = weights.map((w, i) => {
    const [a, dw] = [at(others[weights.length + i] as tf.TensorInfo), at(gradients[i] as tf.TensorInfo)];
    const columns = w.shape[0] as number;
    const forX = { a, b: at(w), c: at(dx), m: rows, k: columns, n: width, add: i > 0, weight: w.dataId };
    return [forX, { a, b: at(x), c: dw, m: columns, k: rows, n: width, transposeA: true }];
  });
  multiplyAll(backend, rounds);
  return [dx, ...gradients];
});

/** Logits that exist at once: 16 MB. */
const chunkElements = 2 ** 22;

/**
 * Mean cross entropy of x . W^T, and d loss / dx and d loss / dW, rows in chunks: a chunk's logits become their own gradient
 * in place, and are gone before the next. Attribute `chunk`: rows of one, if not the default.
 */
kernel('LoupeHeadLoss', ({ inputs, attrs, backend }) => {
  const { x, w, targets } = inputs as { x: tf.TensorInfo; w: tf.TensorInfo; targets: tf.TensorInfo };
  const [rows, width] = x.shape as [number, number];
  const vocabulary = w.shape[0] as number;
  const [loss, dx, dw] = [backend.output([]), backend.output(x.shape), backend.output(w.shape)];
  const at = (tensor: tf.TensorInfo) => backend.address(tensor);
  const chunk = (attrs.chunk as number | undefined) ?? Math.min(rows, Math.max(64, Math.floor(chunkElements / vocabulary)));
  const logits = backend.allocate(chunk * vocabulary * 4);
  const losses = backend.allocate(rows * 4);
  try {
    const each = rowsEach(vocabulary);
    for (let from = 0; from < rows; from += chunk) {
      const m = Math.min(chunk, rows - from);
      const [xAt, dxAt] = [at(x) + from * width * 4, at(dx) + from * width * 4];
      multiply(backend, { a: xAt, b: at(w), c: logits, m, k: width, n: vocabulary, transposeB: true, weight: w.dataId });
      const places = [logits, at(targets) + from * 4, losses + from * 4];
      backend.run('softmaxLoss', Math.ceil(m / each), [...places, m, vocabulary, each], [1 / rows]);
      const forX = { a: logits, b: at(w), c: dxAt, m, k: vocabulary, n: width, weight: w.dataId };
      const forW = { a: logits, b: xAt, c: at(dw), m: vocabulary, k: m, n: width, transposeA: true, add: from > 0 };
      multiplyAll(backend, [[forX, forW]]);
    }
    const all = new Float32Array(backend.buffer, losses, rows);
    backend.view(loss)[0] = all.reduce((sum, value) => sum + value, 0) / rows;
  } finally {
    backend.free(logits);
    backend.free(losses);
  }
  return [loss, dx, dw];
});
