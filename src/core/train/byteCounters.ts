/**
 * What counting bytes alone predicts: how often each byte followed the 2 and the 4 bytes before it, each order falling back on
 * the one below (Witten and Bell 1991). Only contexts that the held-out text holds are counted, in one
 * pass over the training text: memory follows the held-out text, not the corpus.
 */
import { log2 } from '../math';
import type { Batch } from './batches';
import type { TokenSource } from './source';

/** Bits per byte. */
export interface ByteBaselines {
  readonly trigram: number;
  readonly fivegram: number;
}

/** Bytes of an entry; nothing for a special token, after which nothing is known of what came before. */
export type TokenBytes = (id: number) => ArrayLike<number> | null;

const longest = 4;

export async function byteBaselines(
  train: TokenSource,
  batches: readonly Batch[],
  tokenBytes: TokenBytes,
  pause: () => Promise<void>,
): Promise<ByteBaselines> {
  const orders = Array.from({ length: longest }, () => new Followers());
  for (const { context, known } of heldOut(batches, tokenBytes)) {
    for (let order = 1; order <= known; order++) orders[order - 1]!.want(lastBytes(context, order));
  }

  const counts = new Float64Array(256);
  let context = 0;
  let known = 0;
  const piece = 1 << 16;
  for (let at = 0; at < train.length; at += piece) {
    for (const id of await train.read(at, Math.min(piece, train.length - at))) {
      const bytes = tokenBytes(id);
      if (bytes === null) {
        known = 0;
        continue;
      }
      for (let i = 0; i < bytes.length; i++) {
        const byte = bytes[i]!;
        counts[byte]!++;
        // Where a context is not wanted, a longer one that ends with it is not either.
        for (let order = 1; order <= known && orders[order - 1]!.count(lastBytes(context, order), byte); order++);
        context = ((context << 8) | byte) >>> 0;
        if (known < longest) known++;
      }
    }
    await pause();
  }

  const total = counts.reduce((sum, count) => sum + count, 0);
  let bytes = 0;
  const bits = [0, 0, 0, 0, 0];
  for (const { context, known, byte } of heldOut(batches, tokenBytes)) {
    bytes++;
    let probability = (counts[byte]! + 1) / (total + 256);
    bits[0]! -= log2(probability);
    for (let order = 1; order <= longest; order++) {
      if (order <= known) probability = orders[order - 1]!.probability(lastBytes(context, order), byte, probability);
      bits[order]! -= log2(probability);
    }
  }
  return { trigram: bits[2]! / bytes, fivegram: bits[4]! / bytes };
}

/** Each byte that evaluation predicts, with what stands before it in its window: the last `known` bytes, the latest lowest. */
function* heldOut(batches: readonly Batch[], tokenBytes: TokenBytes): Generator<{ context: number; known: number; byte: number }> {
  for (const { inputs, targets } of batches) {
    for (const [row, target] of targets.entries()) {
      let context = 0;
      let known = 0;
      for (const [place, id] of [inputs[row]![0]!, ...target].entries()) {
        const bytes = tokenBytes(id);
        if (bytes === null) known = 0;
        for (const byte of Array.from(bytes ?? [])) {
          if (place > 0) yield { context, known, byte };
          context = ((context << 8) | byte) >>> 0;
          known = Math.min(longest, known + 1);
        }
      }
    }
  }
}

function lastBytes(context: number, order: number): number {
  return order === longest ? context : context & ((1 << (8 * order)) - 1);
}

/** How often each byte followed each wanted context of one length. */
class Followers {
  private readonly contexts = new IdTable();
  private readonly pairs = new IdTable();
  private totals = new Float64Array(0);
  private distinct = new Float64Array(0);
  private counts = new Float64Array(0);

  want(context: number): void {
    this.contexts.add(context);
  }

  /** False where the context is not wanted. */
  count(context: number, byte: number): boolean {
    const place = this.contexts.find(context);
    if (place < 0) return false;
    if (this.totals.length < this.contexts.size) {
      this.totals = new Float64Array(this.contexts.size);
      this.distinct = new Float64Array(this.contexts.size);
    }
    const pair = this.pairs.add(place * 256 + byte);
    if (pair >= this.counts.length) {
      const larger = new Float64Array(Math.max(1024, pair * 2));
      larger.set(this.counts);
      this.counts = larger;
    }
    if (this.counts[pair]!++ === 0) this.distinct[place]!++;
    this.totals[place]!++;
    return true;
  }

  /** `shorter` is the probability by the context without its first byte. */
  probability(context: number, byte: number, shorter: number): number {
    const place = this.contexts.find(context);
    const total = this.totals[place] ?? 0;
    if (total === 0) return shorter;
    const pair = this.pairs.find(place * 256 + byte);
    const count = pair < 0 ? 0 : this.counts[pair]!;
    return (count + this.distinct[place]! * shorter) / (total + this.distinct[place]!);
  }
}

/** Numbers below 2^32, each with its place in the order in which they came: a hash table without objects. */
class IdTable {
  size = 0;
  private keys = new Uint32Array(512);
  private slots = new Int32Array(1024);

  /** The place of a number, or -1. */
  find(key: number): number {
    const mask = this.slots.length - 1;
    for (let slot = spread(key) & mask; ; slot = (slot + 1) & mask) {
      const place = this.slots[slot]! - 1;
      if (place < 0 || this.keys[place] === key) return place;
    }
  }

  add(key: number): number {
    const found = this.find(key);
    if (found >= 0) return found;
    if (this.size === this.keys.length) {
      const keys = new Uint32Array(this.size * 2);
      keys.set(this.keys);
      this.keys = keys;
      this.slots = new Int32Array(this.slots.length * 2);
      for (let place = 0; place < this.size; place++) this.put(keys[place]!, place);
    }
    this.keys[this.size] = key;
    this.put(key, this.size);
    return this.size++;
  }

  private put(key: number, place: number): void {
    const mask = this.slots.length - 1;
    let slot = spread(key) & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    this.slots[slot] = place + 1;
  }
}

function spread(key: number): number {
  const mixed = Math.imul(key ^ (key >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}
