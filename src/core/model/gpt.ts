/**
 * The forward pass of a Llama-shaped GPT: embedding, N x (RMSNorm, attention, residual, RMSNorm, SwiGLU, residual), RMSNorm, head.
 * It knows nothing of training, files or sampling.
 */
import { LoupeError } from '../errors';
import * as tf from '../tf';
import {
  attend,
  attentionHeads,
  attentionPattern,
  attentionScores,
  causalMask,
  fusedAttention,
  type SeenKernels,
  seenAttention,
  seenKernels,
} from './attention';
import { firstPositions, type KvCache } from './cache';
import { decode } from './decode';
import { type FusedKernel, fused } from './fused';
import * as ops from './ops';
import { headWeight, type Parameters, weightOf } from './parameters';
import { ropeTables } from './positions';
import type { Edit, GlobalTap, LayerTap, TapName, TapRequest, Taps } from './taps';

export interface ForwardOptions {
  readonly taps?: TapRequest;
  readonly edits?: readonly Edit[];
  /** The ids follow the positions it holds; it grows by them. */
  readonly cache?: KvCache;
  /** Training only: every place ('embedding', 'attention 0', 'mlp 3' ...) has the numbers of its name. */
  readonly dropout?: ops.Dropout;
  /** Logits of so many last positions only (the T of the result): the head costs as much as a layer or two; half of the last layer is saved too. */
  readonly last?: number;
}

export interface ForwardResult {
  /** [T, V] for one sequence, [B, T, V] for a batch. Belongs to the caller. */
  readonly logits: tf.Tensor;
  readonly taps: Taps;
}

/**
 * Runs the model on token ids: one sequence, or a batch of sequences of equal length.
 * Intermediate tensors are released; logits and taps belong to the caller (call it inside `tf.tidy`, or dispose them).
 * Throws `text.empty`, `text.tooLong` (beyond the context, cache included) and `tokenizer.badId`.
 */
export function forward(params: Parameters, ids: Int32Array | readonly Int32Array[], options: ForwardOptions = {}): ForwardResult {
  const { config } = params;
  const single = ids instanceof Int32Array;
  if (isPlain(options) && single && ids.length === 1 && options.cache) {
    checkIds([ids], config.vocabSize, config.contextLength - options.cache.length, options.cache.length);
    const logits = decode(params, ids[0] as number, options.cache);
    if (logits) return { logits, taps: { global: {}, layers: Array.from({ length: config.nLayers }, () => ({})) } };
  }
  const result = tf.tidy(() => {
    const { x, batch, shown, taps } = trunk(params, ids, options);
    const value = ops.linear(x, headWeight(params)); // [B * T, V]
    const flat = taps.pass(null, 'logits', value, [batch, shown, config.vocabSize]);
    const logits = single ? tf.clone(flat) : ops.reshape(flat, [batch, shown, config.vocabSize]);
    return { logits, global: taps.global, layers: taps.layers };
  });
  options.cache?.advance(single ? ids.length : (ids[0] as Int32Array).length);
  return { logits: result.logits as tf.Tensor, taps: { global: result.global, layers: result.layers } };
}

/** The batch as the head sees it: [B * T, D]. Call it inside `tf.tidy`. Throws what `forward` does. */
export function finalStates(params: Parameters, ids: readonly Int32Array[], options: Pick<ForwardOptions, 'dropout'> = {}): tf.Tensor2D {
  return trunk(params, ids, options).x;
}

/** Nobody looks inside or changes anything there. */
function isPlain({ taps, edits, dropout }: ForwardOptions): boolean {
  return taps === undefined && !edits?.length && !dropout;
}

/** Everything but the head. */
function trunk(params: Parameters, ids: Int32Array | readonly Int32Array[], options: ForwardOptions) {
  const { config } = params;
  const single = ids instanceof Int32Array;
  const rows = single ? [ids] : ids;
  const past = options.cache?.length ?? 0;
  checkIds(rows, config.vocabSize, config.contextLength - past, past);
  const batch = rows.length;
  const length = (rows[0] as Int32Array).length; // T
  const taps = collector(options, single, config.nLayers);
  const whole = options.cache || taps.touchesAttention() ? null : fused('LoupeAttention');
  const seen = taps.changes(['scores', 'pattern']) ? null : seenKernels(config.headDim, past + length);
  const shown = Math.min(options.last ?? length, length);
  const pass: Pass = {
    params,
    batch,
    length,
    leaves: isPlain(options) ? shown : length,
    tables: ropeTables(config, past, length),
    fusedAttention: whole,
    seenAttention: seen,
    mask: whole || seen ? null : causalMask(length, past + length),
    cache: options.cache,
    taps,
    drop: (place, value) => (options.dropout ? ops.dropout(value, { ...options.dropout, rng: options.dropout.rng.split(place) }) : value),
  };
  const wide = (name: GlobalTap, value: tf.Tensor2D, positions: number) =>
    taps.pass(null, name, value, [batch, positions, value.shape[1]]) as tf.Tensor2D;

  let x = wide('embedding', ops.embedding(weightOf(params, 'model.embed_tokens.weight'), flatIds(rows)), length); // [B * T, D]
  x = pass.drop('embedding', x);
  for (let layer = 0; layer < config.nLayers; layer++) {
    // A scope of its own: what a block leaves behind is freed before the next one. The record keeps its taps.
    const before = x;
    x = tf.tidy(() => ({ x: block(pass, layer, before), kept: taps.layers[layer] as Record<string, tf.Tensor> })).x;
  }
  if (pass.leaves > shown) x = lastPositions(x, batch, shown);
  x = wide('final_norm', ops.rmsNorm(x, weightOf(params, 'model.norm.weight'), config.normEps), shown);
  return { x, batch, shown, taps };
}

/** What every block of one pass shares. */
interface Pass {
  readonly params: Parameters;
  readonly batch: number;
  readonly length: number;
  /** How many last positions the last layer gives: those before count for its keys and values only. */
  readonly leaves: number;
  readonly tables: { cos: tf.Tensor2D; sin: tf.Tensor2D };
  /** All of attention at once, where the backend has it and nobody looks inside. */
  readonly fusedAttention: FusedKernel | null;
  /** The same where somebody looks, but changes nothing. */
  readonly seenAttention: SeenKernels | null;
  readonly mask: tf.Tensor2D | null;
  readonly cache: KvCache | undefined;
  readonly taps: ReturnType<typeof collector>;
  readonly drop: (place: string, value: tf.Tensor2D) => tf.Tensor2D;
}

/** The last `count` positions of each sequence: [B * T, D] -> [B * count, D]. */
function lastPositions(x: tf.Tensor2D, batch: number, count: number): tf.Tensor2D {
  const [rows, width] = x.shape;
  const length = rows / batch;
  const all = tf.reshape(x, [batch, length, width]);
  return tf.reshape(tf.slice(all, [0, length - count, 0], [batch, count, width]), [batch * count, width]);
}

/** One layer: x [B * T, D] -> [B * T, D], or fewer positions of the last one. */
function block(pass: Pass, layer: number, input: tf.Tensor2D): tf.Tensor2D {
  const { params, batch, length, tables, taps, drop } = pass;
  const { normEps } = params.config;
  const weight = (name: string) => weightOf(params, `model.layers.${layer}.${name}.weight`);
  const note = (name: LayerTap, value: tf.Tensor2D) => taps.pass(layer, name, value, [batch, length, value.shape[1]]) as tf.Tensor2D;

  let x = note('input', input);
  const normed = note('attention_norm', ops.rmsNorm(x, weight('input_layernorm'), normEps));
  const projections = ops.linears(normed, weight('self_attn.q_proj'), weight('self_attn.k_proj'), weight('self_attn.v_proj'));
  const [q, k, v] = projections as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  let mixed = pass.fusedAttention ? fusedAttention(pass.fusedAttention, q, k, v, tables) : attention(pass, layer, q, k, v);
  if (layer === params.config.nLayers - 1 && pass.leaves < length) {
    // Positions of one layer meet in its attention alone: what nobody will read goes no further.
    [x, mixed] = [lastPositions(x, batch, pass.leaves), lastPositions(mixed, batch, pass.leaves)];
  }
  const attentionOutput = note('attention_output', ops.linear(mixed, weight('self_attn.o_proj')));
  const middle = note('after_attention', ops.add(x, drop(`attention ${layer}`, attentionOutput)));

  const mlpNorm = note('mlp_norm', ops.rmsNorm(middle, weight('post_attention_layernorm'), normEps));
  const [gate0, up0] = ops.linears(mlpNorm, weight('mlp.gate_proj'), weight('mlp.up_proj')) as [tf.Tensor2D, tf.Tensor2D];
  const gate = note('gate', gate0);
  const up = note('up', up0);
  const hidden = note('mlp_hidden', ops.swiglu(gate, up));
  const mlpOutput = note('mlp_output', ops.linear(hidden, weight('mlp.down_proj')));
  return note('output', ops.add(middle, drop(`mlp ${layer}`, mlpOutput)));
}

/** Between the projections of a layer, step by step: q [B * T, H * d], k and v [B * T, Hkv * d] -> [B * T, H * d]. */
function attention(pass: Pass, layer: number, q2: tf.Tensor2D, k2: tf.Tensor2D, v2: tf.Tensor2D): tf.Tensor2D {
  const { params, batch, length, tables, mask, cache, taps } = pass;
  const { nHeads, nKvHeads, headDim, contextLength } = params.config;
  const own = pass.seenAttention;
  const heads = (name: LayerTap, value: tf.Tensor4D) => taps.pass(layer, name, value, value.shape) as tf.Tensor4D;
  // [B * T, n * d] -> [B, n, T, d], turned or not
  const split = (value: tf.Tensor2D, count: number, turns?: Pass['tables']): tf.Tensor4D => {
    if (own) return own.turnedHeads({ x: value, ...turns }, { shape: [batch, count, length, headDim] })[0] as tf.Tensor4D;
    const apart = ops.transpose(ops.reshape<tf.Tensor4D>(value, [batch, length, count, headDim]), [0, 2, 1, 3]);
    return turns ? (ops.rope(apart, turns.cos, turns.sin) as tf.Tensor4D) : apart;
  };
  const turned = (name: 'q' | 'k', value: tf.Tensor2D, count: number) => {
    const before = `${name}_unrotated` as const;
    if (!taps.touches(layer, [before])) return heads(name, split(value, count, tables));
    return heads(name, ops.rope(heads(before, split(value, count)), tables.cos, tables.sin) as tf.Tensor4D);
  };

  const q = turned('q', q2, nHeads);
  const k = turned('k', k2, nKvHeads);
  const v = heads('v', split(v2, nKvHeads));
  const held = cache ? cache.extend(layer, k, v, contextLength) : { k, v };
  const positions = (cache?.length ?? 0) + length;
  let attended: tf.Tensor4D;
  if (own) {
    const wanted = { positions, scores: taps.touches(layer, ['scores']), pattern: taps.touches(layer, ['pattern']) };
    const made = seenAttention(own, q, held.k, held.v, wanted);
    if (made.scores) heads('scores', made.scores);
    if (made.pattern) heads('pattern', made.pattern);
    attended = made.heads;
  } else {
    const [allK, allV] = [firstPositions(held.k, positions), firstPositions(held.v, positions)];
    attended = taps.touches(layer, ['scores', 'pattern']) ? stages(heads, q, allK, allV, headDim, mask) : attend(q, allK, allV, mask);
  }
  const mixed = heads('heads', attended);
  return ops.reshape<tf.Tensor2D>(ops.transpose(mixed, [0, 2, 1, 3]), [batch * length, nHeads * headDim]);
}

/** Attention stage by stage, so that scores and pattern can be seen and changed. */
function stages(
  pass: (name: LayerTap, value: tf.Tensor4D) => tf.Tensor4D,
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  v: tf.Tensor4D,
  headDim: number,
  mask: tf.Tensor2D | null,
): tf.Tensor4D {
  const scores = pass('scores', attentionScores(q, k));
  return attentionHeads(pass('pattern', attentionPattern(scores, headDim, mask)), v);
}

/** Applies the edits of a place, then keeps its value if it was asked for. Both see the tap's public shape. */
function collector(options: ForwardOptions, single: boolean, nLayers: number) {
  const global: Partial<Record<GlobalTap, tf.Tensor>> = {};
  const layers: Partial<Record<LayerTap, tf.Tensor>>[] = Array.from({ length: nLayers }, () => ({}));
  const { taps, edits = [] } = options;
  const wanted = (layer: number | null, name: TapName) =>
    taps !== undefined &&
    (taps === 'all' || (taps.names.includes(name) && (layer === null || !taps.layers || taps.layers.includes(layer))));
  const editsAt = (layer: number | null, name: TapName) => edits.filter((edit) => edit.layer === layer && edit.name === name);
  const touches = (layer: number, names: readonly LayerTap[]) =>
    names.some((name) => wanted(layer, name) || editsAt(layer, name).length > 0);
  return {
    global,
    layers,
    touches,
    /** Somebody looks between the projections of some layer. */
    touchesAttention: () =>
      layers.some((_, layer) => touches(layer, ['q_unrotated', 'k_unrotated', 'q', 'k', 'v', 'scores', 'pattern', 'heads'])),
    /** Somebody changes one of these in some layer. */
    changes: (names: readonly LayerTap[]) => edits.some((edit) => edit.layer !== null && names.includes(edit.name as LayerTap)),
    /** `shape` is the value's shape with the batch in front. */
    pass(layer: number | null, name: TapName, value: tf.Tensor, shape: readonly number[]): tf.Tensor {
      const changes = editsAt(layer, name);
      if (changes.length === 0 && !wanted(layer, name)) return value;
      let seen = tf.reshape(value, single ? shape.slice(1) : [...shape]);
      for (const edit of changes) seen = edit.apply(seen);
      if (wanted(layer, name)) {
        if (layer === null) global[name as GlobalTap] = seen;
        else (layers[layer] as Partial<Record<LayerTap, tf.Tensor>>)[name as LayerTap] = seen;
      }
      return changes.length === 0 ? value : tf.reshape(seen, value.shape);
    },
  };
}

/** [B * T] int32. */
function flatIds(rows: readonly Int32Array[]): tf.Tensor1D {
  const length = (rows[0] as Int32Array).length;
  const all = new Int32Array(rows.length * length);
  rows.forEach((row, index) => {
    all.set(row, index * length);
  });
  return tf.tensor1d(all, 'int32');
}

function checkIds(rows: readonly Int32Array[], vocabSize: number, room: number, past: number): void {
  const length = rows[0]?.length ?? 0;
  if (length === 0) throw new LoupeError('text.empty');
  if (length > room) throw new LoupeError('text.tooLong', { tokens: past + length, limit: past + room });
  for (const row of rows) {
    if (row.length !== length) throw new LoupeError('internal', { detail: `sequences of ${length} and ${row.length} ids in one batch` });
    for (const id of row) {
      if (id < 0 || id >= vocabSize) throw new LoupeError('tokenizer.badId', { id, last: vocabSize - 1 });
    }
  }
}
