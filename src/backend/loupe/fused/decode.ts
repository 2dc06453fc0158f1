/** Room for keys and values that are written in place, and one token through the whole model. Shapes as in `src/core/model/cache.ts`. */
import type { ModelConfig } from '../../../core/model/config';
import type * as tf from '../../../core/tf';
import { kernel } from '../registry';

/** Memory for [B, Hkv, capacity, d], with the first `held` positions of an older one (input `cache`) in it. The rest is whatever was there. */
kernel('LoupeCacheRoom', ({ inputs, attrs, backend }) => {
  const { shape, held } = attrs as { shape: [number, number, number, number]; held: number };
  const out = backend.output(shape);
  const { cache } = inputs;
  if (cache) {
    const [batch, heads, capacity, d] = shape;
    const [from, to] = [backend.view(cache), backend.view(out)];
    const before = cache.shape[2] as number;
    for (let head = 0; head < batch * heads; head++) {
      to.set(from.subarray(head * before * d, (head * before + held) * d), head * capacity * d);
    }
  }
  return out;
});

/** rows [B, Hkv, T, d] into cache [B, Hkv, capacity, d], from position `at` on. */
kernel('LoupeCacheWrite', ({ inputs, attrs, backend }) => {
  const { cache, rows } = inputs as { cache: tf.TensorInfo; rows: tf.TensorInfo };
  const [batch, heads, count, d] = rows.shape as [number, number, number, number];
  const capacity = cache.shape[2] as number;
  const [from, to] = [backend.view(rows), backend.view(cache)];
  for (let head = 0; head < batch * heads; head++) {
    to.set(from.subarray(head * count * d, (head + 1) * count * d), (head * capacity + (attrs.at as number)) * d);
  }
  return [];
});

/** Multiplications that a unit is worth: 10 to 20 microseconds. */
const unitWork = 65_536;

/** How many heads or rows, `work` multiplications each, make a unit: a multiple of 4 where there are so many. */
function eachOf(work: number, count: number): number {
  const wanted = Math.max(1, Math.round(unitWork / work));
  return wanted >= count ? count : wanted > 4 ? wanted & -4 : wanted;
}

const layerWeights = 9;

/**
 * Inputs in order: embedding; of each layer its norm, q, k, v, output, norm, gate, up, down; the last norm; the head; then keys and
 * values [1, Hkv, capacity, d] of each layer, which grow by this position. Logits [1, V].
 */
kernel('LoupeDecode', ({ inputs, attrs, backend }) => {
  const { config, id, position, cos, sin } = attrs as {
    config: ModelConfig;
    id: number;
    position: number;
    cos: Float32Array;
    sin: Float32Array;
  };
  const { dModel: D, nHeads: H, nKvHeads, headDim: d, dFf: F, vocabSize: V, nLayers, normEps } = config;
  const tensors = inputs as unknown as readonly tf.TensorInfo[];
  const address = (index: number) => backend.address(tensors[index] as tf.TensorInfo);
  const cacheAt = 1 + nLayers * layerWeights + 2;
  const capacity = (tensors[cacheAt] as tf.TensorInfo).shape[2] as number;
  const seen = position + 1;
  const out = backend.output([1, V]);
  const logits = backend.address(out);

  // One piece of memory for all that lies between: x, q, what attention gives, hidden, cos, sin, scores.
  const sizes = [D, H * d, H * d, F, d, d, H * seen].map((size) => Math.ceil(size / 16) * 64);
  const workspace = backend.allocate(sizes.reduce((sum, bytes) => sum + bytes, 0));
  let next = workspace;
  const [x, q, mixed, hidden, cosAt, sinAt, scores] = sizes.map((bytes) => {
    next += bytes;
    return next - bytes;
  }) as [number, number, number, number, number, number, number];
  const memory = new Float32Array(backend.buffer);
  memory.copyWithin(x / 4, address(0) / 4 + id * D, address(0) / 4 + (id + 1) * D);
  memory.set(cos, cosAt / 4);
  memory.set(sin, sinAt / 4);

  const scale = 1 / Math.sqrt(d);
  const heads = H + 2 * nKvHeads;
  const [headsEach, queriesEach] = [eachOf(d * D, heads), eachOf(2 * seen * d, H)];
  const [outEach, gateEach, downEach, logitsEach] = [eachOf(H * d, D), eachOf(2 * D, F), eachOf(F, D), eachOf(D, V)];
  const units = (count: number, each: number) => Math.ceil(count / each);
  for (let layer = 0; layer < nLayers; layer++) {
    const w = 1 + layer * layerWeights;
    const [k, v] = [address(cacheAt + 2 * layer), address(cacheAt + 2 * layer + 1)];
    backend.run(
      'decodeProject',
      units(heads, headsEach),
      [
        x,
        address(w),
        address(w + 1),
        address(w + 2),
        address(w + 3),
        q,
        k,
        v,
        cosAt,
        sinAt,
        D,
        H,
        nKvHeads,
        d,
        position,
        capacity,
        headsEach,
      ],
      [normEps, scale],
    );
    backend.run('decodeAttend', units(H, queriesEach), [q, k, v, mixed, H, nKvHeads, d, seen, capacity, queriesEach, scores]);
    backend.run('decodeAdd', units(D, outEach), [mixed, address(w + 4), x, H * d, D, outEach]);
    backend.run('decodeGate', units(F, gateEach), [x, address(w + 5), address(w + 6), address(w + 7), hidden, D, F, gateEach], [normEps]);
    backend.run('decodeAdd', units(D, downEach), [hidden, address(w + 8), x, F, D, downEach]);
  }
  backend.run('decodeHead', units(V, logitsEach), [x, address(cacheAt - 2), address(cacheAt - 1), logits, D, V, logitsEach], [normEps]);
  backend.free(workspace);
  return out;
});
