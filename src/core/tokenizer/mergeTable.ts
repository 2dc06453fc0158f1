/**
 * The merges of a vocabulary made ready for encoding: a hash table from a pair of entries to its merge, and the merging
 * of one word, lowest rank first, leftmost first among equals. Knows entries by number only, not their bytes.
 */
import type { Vocabulary } from './vocabulary';

type Merges = Pick<Vocabulary, 'left' | 'right' | 'merged' | 'ranks'>;

/** Words up to this many symbols are merged by looking for the lowest rank each time; longer ones with a heap. */
const SHORT = 64;
const NONE = -1;
const NO_RANK = 0x7fffffff;

export class MergeTable {
  /** Triples of left, right, merge + 1 (0 is free). */
  private readonly slots: Int32Array;
  private readonly mask: number;
  private readonly found = new Int32Array(SHORT);
  private readonly rank = new Int32Array(SHORT);

  constructor(readonly merges: Merges) {
    let capacity = 16;
    while (capacity < merges.left.length * 2) capacity *= 2;
    this.mask = capacity - 1;
    this.slots = new Int32Array(capacity * 3);
    for (let i = 0; i < merges.left.length; i++) {
      let slot = this.slotOf(merges.left[i]!, merges.right[i]!);
      while (this.slots[slot + 2] !== 0) {
        // The first of two merges of one pair counts.
        if (this.slots[slot] === merges.left[i] && this.slots[slot + 1] === merges.right[i]) break;
        slot = slot + 3 === this.slots.length ? 0 : slot + 3;
      }
      if (this.slots[slot + 2] !== 0) continue;
      this.slots[slot] = merges.left[i]!;
      this.slots[slot + 1] = merges.right[i]!;
      this.slots[slot + 2] = i + 1;
    }
  }

  private slotOf(left: number, right: number): number {
    let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca77);
    hash ^= hash >>> 15;
    return (hash & this.mask) * 3;
  }

  /** Index of the merge of this pair, or -1. */
  find(left: number, right: number): number {
    const slots = this.slots;
    for (let slot = this.slotOf(left, right); ; slot = slot + 3 === slots.length ? 0 : slot + 3) {
      const merge = slots[slot + 2]!;
      if (merge === 0) return NONE;
      if (slots[slot] === left && slots[slot + 1] === right) return merge - 1;
    }
  }

  /** Merges the first `count` symbols in place; what is left are the tokens of the word. Returns how many. */
  apply(symbols: Uint32Array, count: number): number {
    if (count < 2) return count;
    return count <= SHORT ? this.applyShort(symbols, count) : this.applyLong(symbols, count);
  }

  private applyShort(symbols: Uint32Array, count: number): number {
    const { merged, ranks } = this.merges;
    const { found, rank } = this;
    const look = (i: number, left: number, right: number) => {
      const merge = this.find(left, right);
      found[i] = merge;
      rank[i] = merge < 0 ? NO_RANK : ranks[merge]!;
    };
    for (let i = 0; i + 1 < count; i++) look(i, symbols[i]!, symbols[i + 1]!);
    let length = count;
    while (length > 1) {
      let best = 0;
      let lowest = rank[0]!;
      for (let i = 1; i + 1 < length; i++) {
        if (rank[i]! < lowest) {
          lowest = rank[i]!;
          best = i;
        }
      }
      if (lowest === NO_RANK) break;
      symbols[best] = merged[found[best]!]!;
      length--;
      for (let i = best + 1; i < length; i++) {
        symbols[i] = symbols[i + 1]!;
        found[i] = found[i + 1]!;
        rank[i] = rank[i + 1]!;
      }
      if (best > 0) look(best - 1, symbols[best - 1]!, symbols[best]!);
      if (best + 1 < length) look(best, symbols[best]!, symbols[best + 1]!);
    }
    return length;
  }

  /** A linked list of symbols and a heap of the pairs that can merge, keyed `rank * 2^32 + position`. */
  private applyLong(symbols: Uint32Array, count: number): number {
    const { merged, ranks } = this.merges;
    const next = new Int32Array(count);
    const before = new Int32Array(count);
    // The merge that the pair beginning here would make; a heap entry whose merge is not this one is out of date.
    const found = new Int32Array(count).fill(NONE);
    const heap = new MinHeap(count);
    for (let i = 0; i < count; i++) {
      next[i] = i + 1;
      before[i] = i - 1;
      if (i + 1 < count) {
        found[i] = this.find(symbols[i]!, symbols[i + 1]!);
        if (found[i] !== NONE) heap.add(ranks[found[i]!]! * 0x100000000 + i);
      }
    }
    heap.order();
    const pair = (at: number) => {
      const right = next[at]!;
      const merge = right < count ? this.find(symbols[at]!, symbols[right]!) : NONE;
      if (merge === found[at]) return;
      found[at] = merge;
      if (merge !== NONE) heap.push(ranks[merge]! * 0x100000000 + at);
    };
    while (heap.size > 0) {
      const key = heap.pop();
      const rank = Math.floor(key / 0x100000000);
      const at = key - rank * 0x100000000;
      const merge = found[at]!;
      if (merge === NONE || ranks[merge] !== rank) continue;
      const right = next[at]!;
      symbols[at] = merged[merge]!;
      found[at] = NONE;
      found[right] = NONE;
      const after = next[right]!;
      next[at] = after;
      if (after < count) before[after] = at;
      pair(at);
      if (before[at]! >= 0) pair(before[at]!);
    }
    let length = 0;
    for (let at = 0; at < count; at = next[at]!) symbols[length++] = symbols[at]!;
    return length;
  }
}

/** Smallest number first. */
class MinHeap {
  size = 0;
  private keys: Float64Array;

  constructor(capacity: number) {
    this.keys = new Float64Array(Math.max(16, capacity));
  }

  /** Adds without ordering: `order()` must follow. */
  add(key: number): void {
    if (this.size === this.keys.length) {
      const larger = new Float64Array(this.size * 2);
      larger.set(this.keys);
      this.keys = larger;
    }
    this.keys[this.size++] = key;
  }

  order(): void {
    for (let i = (this.size >> 1) - 1; i >= 0; i--) this.sink(i, this.keys[i]!);
  }

  push(key: number): void {
    this.add(key);
    const { keys } = this;
    let i = this.size - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (keys[parent]! <= key) break;
      keys[i] = keys[parent]!;
      i = parent;
    }
    keys[i] = key;
  }

  pop(): number {
    const top = this.keys[0]!;
    this.size--;
    if (this.size > 0) this.sink(0, this.keys[this.size]!);
    return top;
  }

  private sink(from: number, key: number): void {
    const { keys, size } = this;
    let i = from;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= size) break;
      if (child + 1 < size && keys[child + 1]! < keys[child]!) child++;
      if (keys[child]! >= key) break;
      keys[i] = keys[child]!;
      i = child;
    }
    keys[i] = key;
  }
}
