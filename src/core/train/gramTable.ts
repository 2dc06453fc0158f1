/**
 * Sequences of at most five symbols of a byte, each with its place in the order in which they came: a hash table of plain
 * numbers, open addressing, no objects. What is counted of a sequence stands in arrays beside it, at its place.
 */
import { powerOfTwoFrom } from '../math';

export class GramTable {
  size = 0;
  /** The last four symbols, the latest lowest; the one before them. Only the first `size` entries mean anything. */
  last: Uint32Array;
  first: Uint8Array;
  /** Place + 1, 0 where free. Twice as many as there may be sequences, so that a search is short. */
  private slots: Int32Array;

  constructor(room = 1024) {
    const capacity = powerOfTwoFrom(Math.max(room, 16));
    this.last = new Uint32Array(capacity);
    this.first = new Uint8Array(capacity);
    this.slots = new Int32Array(2 * capacity);
  }

  /** The place of a sequence, or -1. */
  find(first: number, last: number): number {
    const mask = this.slots.length - 1;
    for (let slot = spread(first, last) & mask; ; slot = (slot + 1) & mask) {
      const place = this.slots[slot]! - 1;
      if (place < 0 || (this.last[place] === last && this.first[place] === first)) return place;
    }
  }

  /** The place of a sequence, which is `size` as it was where the sequence is new. */
  add(first: number, last: number): number {
    const mask = this.slots.length - 1;
    let slot = spread(first, last) & mask;
    for (; ; slot = (slot + 1) & mask) {
      const place = this.slots[slot]! - 1;
      if (place < 0) break;
      if (this.last[place] === last && this.first[place] === first) return place;
    }
    const place = this.size++;
    if (place === this.last.length) {
      this.grow();
      this.put(first, last, place);
    } else this.slots[slot] = place + 1;
    this.last[place] = last;
    this.first[place] = first;
    return place;
  }

  private grow(): void {
    this.last = enlarged(this.last, 2 * this.last.length);
    this.first = enlarged(this.first, 2 * this.first.length);
    this.slots = new Int32Array(2 * this.slots.length);
    for (let place = 0; place < this.size - 1; place++) this.put(this.first[place]!, this.last[place]!, place);
  }

  private put(first: number, last: number, place: number): void {
    const mask = this.slots.length - 1;
    let slot = spread(first, last) & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    this.slots[slot] = place + 1;
  }
}

/** The same numbers in an array of `length`, zeros behind them. */
export function enlarged<A extends Uint8Array | Uint32Array>(array: A, length: number): A {
  const larger = new (array.constructor as new (length: number) => A)(length);
  larger.set(array);
  return larger;
}

/** Mixes the bits, so that sequences that differ in one symbol lie apart (the finaliser of MurmurHash3, Appleby 2011). */
function spread(first: number, last: number): number {
  let mixed = last ^ Math.imul(first, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
