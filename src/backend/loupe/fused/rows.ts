/** Fused operations on rows and elements: RMSNorm, SwiGLU, dropout, the embedding, scores of tokens. */
import type * as tf from '../../../core/tf';
import type { LoupeBackend } from '../backend';
import { kernel, sizeOf } from '../registry';
import { blocksOf, rowsEach } from './layout';

kernel('LoupeRmsNorm', ({ inputs, attrs, backend }) => {
  const { x, w } = inputs as { x: tf.TensorInfo; w: tf.TensorInfo };
  const [rows, width] = x.shape as [number, number];
  const [y, r] = [backend.output(x.shape), backend.output([rows])];
  const each = rowsEach(width);
  const addresses = [x, w, y, r].map((tensor) => backend.address(tensor));
  backend.run('rmsNorm', Math.ceil(rows / each), [...addresses, rows, width, each], [attrs.eps]);
  return [y, r];
});

kernel('LoupeRmsNormGrad', ({ inputs, backend }) => {
  const { x, w, r, dy } = inputs as { x: tf.TensorInfo; w: tf.TensorInfo; r: tf.TensorInfo; dy: tf.TensorInfo };
  const [rows, width] = x.shape as [number, number];
  const [dx, dw] = [backend.output(x.shape), backend.output(w.shape)];
  const each = rowsEach(width);
  const units = Math.ceil(rows / each);
  withPartials(backend, units, width, dw, (partials) => {
    const addresses = [x, w, r, dy, dx].map((tensor) => backend.address(tensor));
    backend.run('rmsNormGrad', units, [...addresses, partials, rows, width, each]);
  });
  return [dx, dw];
});

/** `work` writes `units` partial sums of `width` numbers; they are added up into `out` in order. */
function withPartials(backend: LoupeBackend, units: number, width: number, out: tf.TensorInfo, work: (partials: number) => void): void {
  if (units === 0) {
    backend.view(out).fill(0);
    return;
  }
  const partials = backend.allocate(units * width * 4);
  work(partials);
  backend.run('sumPartials', blocksOf(width), [partials, backend.address(out), units, width]);
  backend.free(partials);
}

kernel('LoupeSwiGlu', ({ inputs, backend }) => {
  const { gate, up } = inputs as { gate: tf.TensorInfo; up: tf.TensorInfo };
  const out = backend.output(gate.shape);
  const size = sizeOf(gate.shape);
  backend.run('swiglu', blocksOf(size), [...[gate, up, out].map((tensor) => backend.address(tensor)), size]);
  return out;
});

kernel('LoupeSwiGluGrad', ({ inputs, backend }) => {
  const { gate, up, dy } = inputs as { gate: tf.TensorInfo; up: tf.TensorInfo; dy: tf.TensorInfo };
  const [dGate, dUp] = [backend.output(gate.shape), backend.output(up.shape)];
  const size = sizeOf(gate.shape);
  backend.run('swigluGrad', blocksOf(size), [...[gate, up, dy, dGate, dUp].map((tensor) => backend.address(tensor)), size]);
  return [dGate, dUp];
});

kernel('LoupeDropout', ({ inputs, attrs, backend }) => {
  const x = inputs.x!;
  const { rate, key } = attrs as { rate: number; key: readonly [number, number] };
  const out = backend.output(x.shape);
  const size = sizeOf(x.shape);
  // u < rate for u = bits / 2^24 is the same as bits < threshold.
  const threshold = Math.ceil(rate * 2 ** 24);
  backend.run('dropout', blocksOf(size), [backend.address(x), backend.address(out), size, ...key, threshold], [1 / (1 - rate)]);
  return out;
});

kernel('LoupeEmbedding', ({ inputs, backend }) => {
  const { table, ids } = inputs as { table: tf.TensorInfo; ids: tf.TensorInfo };
  const [count, width] = [sizeOf(ids.shape), table.shape[1] as number];
  const out = backend.output([count, width]);
  const each = rowsEach(width);
  backend.run('gatherRows', Math.ceil(count / each), [...[table, ids, out].map((tensor) => backend.address(tensor)), count, width, each]);
  return out;
});

kernel('LoupeEmbeddingGrad', ({ inputs, attrs, backend }) => {
  const { dy, ids } = inputs as { dy: tf.TensorInfo; ids: tf.TensorInfo };
  const [count, width] = dy.shape as [number, number];
  const rows = attrs.rows as number;
  const out = backend.output([rows, width]);
  // Every unit reads all ids: not too many of them.
  const each = Math.max(rowsEach(width), Math.ceil(rows / 64));
  const addresses = [dy, ids, out].map((tensor) => backend.address(tensor));
  backend.run('scatterAddRows', Math.ceil(rows / each), [...addresses, count, width, rows, each]);
  return out;
});

/** Attribute `top`: how many of the most probable, from 0 to the vocabulary's size. */
kernel('LoupeJudge', ({ inputs, attrs, backend }) => {
  const { logits, targets } = inputs as { logits: tf.TensorInfo; targets: tf.TensorInfo };
  const [rows, vocabulary] = logits.shape as [number, number];
  const top = attrs.top as number;
  const out = [backend.output([rows, 3]), backend.output([rows, top], 'int32'), backend.output([rows, top])];
  const each = rowsEach(vocabulary);
  const addresses = [logits, targets, ...out].map((tensor) => backend.address(tensor));
  backend.run('judgeRows', Math.ceil(rows / each), [...addresses, rows, vocabulary, top, each]);
  return out;
});
