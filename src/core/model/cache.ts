/**
 * Keys and values of the positions already seen, per layer, so that a new token costs one position.
 * [B, Hkv, S, d] each, after RoPE. A pass with a cache equals the full pass.
 */
import * as tf from '../tf';

interface Entry {
  readonly k: tf.Tensor4D;
  readonly v: tf.Tensor4D;
}

export class KvCache {
  private entries: Entry[] = [];
  private positions = 0;

  /** Positions held. */
  get length(): number {
    return this.positions;
  }

  /** Adds this call's keys and values of a layer, and gives those of all positions; they belong to the cache. */
  extend(layer: number, k: tf.Tensor4D, v: tf.Tensor4D): Entry {
    const old = this.entries[layer];
    // A copy of the handle, so that the cache may outlive the scope that made the tensors.
    const next = old ? { k: tf.concat([old.k, k], 2), v: tf.concat([old.v, v], 2) } : { k: tf.clone(k), v: tf.clone(v) };
    tf.keep(next.k);
    tf.keep(next.v);
    old?.k.dispose();
    old?.v.dispose();
    this.entries[layer] = next;
    return next;
  }

  /** Called by `forward` when every layer has been extended. */
  advance(count: number): void {
    this.positions += count;
  }

  /** An independent copy (of handles, not of numbers): the start of another branch. */
  clone(): KvCache {
    const copy = new KvCache();
    copy.entries = this.entries.map(({ k, v }) => ({ k: tf.keep(tf.clone(k)), v: tf.keep(tf.clone(v)) }));
    copy.positions = this.positions;
    return copy;
  }

  dispose(): void {
    for (const { k, v } of this.entries) {
      k.dispose();
      v.dispose();
    }
    this.entries = [];
    this.positions = 0;
  }
}
