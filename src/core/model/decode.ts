/**
 * One token after those a cache holds, as one op where the backend has it: what generating does thousands of times, when hundreds
 * of small ops would cost more than the arithmetic. The reference is `forward` itself, and a test holds them equal.
 */
import type * as tf from '../tf';
import type { KvCache } from './cache';
import { fused } from './fused';
import { headWeight, type Parameters, parameterSpecs, type Weight, weightOf } from './parameters';
import { ropeRow } from './positions';

/** Looking weights up by name takes as long as a small layer: their handles, in the order the kernel wants. */
const handles = new WeakMap<Parameters, readonly Weight[]>();

/**
 * Logits [1, V] after `id`, which follows what the cache holds; the cache grows by it. They belong to the caller. Null where the
 * backend has no such op. The id and the place in the context were checked.
 */
export function decode(params: Parameters, id: number, cache: KvCache): tf.Tensor2D | null {
  const kernel = fused('LoupeDecode');
  if (!kernel) return null;
  const { config } = params;
  const position = cache.length;
  const inputs: tf.Tensor[] = [];
  for (const weight of weightsOf(params)) inputs.push(weight.value());
  for (let layer = 0; layer < config.nLayers; layer++) {
    const room = cache.room(layer, [1, config.nKvHeads, config.headDim], 1, config.contextLength);
    if (!room) return null;
    inputs.push(room.k, room.v);
  }
  const logits = kernel(inputs, { config, id, position, ...ropeRow(config, position) })[0] as tf.Tensor2D;
  cache.advance(1);
  return logits;
}

/** Embedding, then of each layer in the order of `parameterSpecs`, the last norm, the head (again the embedding where they are tied). */
function weightsOf(params: Parameters): readonly Weight[] {
  let all = handles.get(params);
  if (!all) {
    const named = parameterSpecs(params.config).map(({ name }) => weightOf(params, name));
    all = params.config.tieEmbeddings ? [...named, headWeight(params)] : named;
    handles.set(params, all);
  }
  return all;
}
