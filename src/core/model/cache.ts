/**
 * Keys and values of the positions already seen, per layer, so that a new token costs one position.
 * [B, Hkv, S, d] each, after RoPE. A pass with a cache equals the full pass.
 *
 * Where the backend can write in place, a layer has room for more positions than it holds (S is then its capacity), and what is
 * held is never copied for a new one; where it cannot, old and new are put together into new tensors.
 */
import * as tf from '../tf';
import { fused } from './fused';
import { paired } from './ops';

export interface KeysAndValues {
  readonly k: tf.Tensor4D;
  readonly v: tf.Tensor4D;
}

/** Positions that there is room for from the start, where the model reads so many. Memory that nobody writes costs nothing. */
const firstRoom = 1024;

export class KvCache {
  private entries: KeysAndValues[] = [];
  private positions = 0;
  private inPlace = false;

  /** Positions held. */
  get length(): number {
    return this.positions;
  }

  /**
   * Adds this call's keys and values of a layer, and gives those of all positions, with room for more behind them (see
   * `firstPositions`); they belong to the cache. `contextLength`: no more positions will ever be asked for.
   */
  extend(layer: number, k: tf.Tensor4D, v: tf.Tensor4D, contextLength: number): KeysAndValues {
    const [batch, heads, count, d] = k.shape;
    const held = this.room(layer, [batch, heads, d], count, contextLength);
    if (!held) return this.append(layer, k, v);
    const write = paired('LoupeCacheWrite');
    write({ cache: held.k, rows: k }, { at: this.positions });
    write({ cache: held.v, rows: v }, { at: this.positions });
    return held;
  }

  /**
   * A layer's own tensors [B, Hkv, capacity, d], with room for `count` positions after those held, for kernels that write there
   * themselves; null where the backend has none.
   */
  room(layer: number, [batch, heads, d]: [number, number, number], count: number, contextLength: number): KeysAndValues | null {
    const old = this.entries[layer];
    const make = fused('LoupeCacheRoom');
    if (!make || (old && !this.inPlace)) return null;
    const needed = this.positions + count;
    const capacity = old?.k.shape[2] ?? 0;
    if (old && capacity >= needed) return old;
    const shape = [batch, heads, Math.max(needed, Math.min(contextLength, Math.max(firstRoom, 2 * capacity))), d];
    const larger = (cache?: tf.Tensor4D) => tf.keep(make(cache ? { cache } : {}, { shape, held: this.positions })[0] as tf.Tensor4D);
    const next = { k: larger(old?.k), v: larger(old?.v) };
    tf.dispose([old?.k, old?.v].filter((tensor) => tensor !== undefined));
    this.entries[layer] = next;
    this.inPlace = true;
    return next;
  }

  /** Called when every layer has been extended. */
  advance(count: number): void {
    this.positions += count;
  }

  /** An independent copy: the start of another branch. */
  clone(): KvCache {
    const copy = new KvCache();
    const again = (cache: tf.Tensor4D) =>
      tf.keep(
        this.inPlace
          ? (paired('LoupeCacheRoom')({ cache }, { shape: cache.shape, held: this.positions })[0] as tf.Tensor4D)
          : tf.clone(cache),
      );
    copy.entries = this.entries.map(({ k, v }) => ({ k: again(k), v: again(v) }));
    copy.positions = this.positions;
    copy.inPlace = this.inPlace;
    return copy;
  }

  dispose(): void {
    for (const { k, v } of this.entries) {
      k.dispose();
      v.dispose();
    }
    this.entries = [];
    this.positions = 0;
    this.inPlace = false;
  }

  private append(layer: number, k: tf.Tensor4D, v: tf.Tensor4D): KeysAndValues {
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
}

/** Of keys or values [B, Hkv, capacity, d], those of the first positions: [B, Hkv, positions, d]. */
export function firstPositions(held: tf.Tensor4D, positions: number): tf.Tensor4D {
  const [batch, heads, capacity, d] = held.shape;
  return capacity === positions ? held : tf.slice(held, [0, 0, 0, 0], [batch, heads, positions, d]);
}
