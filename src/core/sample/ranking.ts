/**
 * Token ids in the order of their logits, as far down as somebody looks: the ids go into narrow ranges of logits first, and a range
 * is put in order when it is reached. A draw looks at some dozens of fifty thousand.
 */

import { LoupeError } from '../errors';

const mostRanges = 4096;
/** Nats below the greatest from where on all share the last range: e ** -64 is not drawn. */
const depth = 64;

export class Ranking {
  /** By range; in the order of their logits up to `ordered`. */
  private readonly ids: Uint32Array;
  /** Where the ranges begin; one more at the end. */
  private readonly begins: Uint32Array;
  private ordered = 0;
  private range = 0;
  private readonly ranges: number;

  /** Throws `model.nan` where a logit is not a number. */
  constructor(private readonly logits: Float32Array) {
    const count = logits.length;
    let [greatest, least] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let id = 0; id < count; id++) {
      const logit = logits[id]!;
      if (logit > greatest) greatest = logit;
      if (logit < least) least = logit;
      if (Number.isNaN(logit)) throw new LoupeError('model.nan');
    }
    const ranges = Math.min(mostRanges, count);
    const width = Math.min(greatest - least, depth);
    const scale = width > 0 ? ranges / width : 0;
    const rangeOf = new Uint16Array(count);
    const begins = new Uint32Array(ranges + 1);
    for (let id = 0; id < count; id++) {
      // What is not a number, of two infinities or nothing at all to tell apart, is range 0.
      const range = Math.min(ranges - 1, (greatest - logits[id]!) * scale) || 0;
      rangeOf[id] = range;
      begins[(range | 0) + 1]!++;
    }
    for (let range = 1; range <= ranges; range++) begins[range]! += begins[range - 1]!;
    const next = begins.slice();
    const ids = new Uint32Array(count);
    for (let id = 0; id < count; id++) ids[next[rangeOf[id]!]!++] = id;
    this.ids = ids;
    this.begins = begins;
    this.ranges = ranges;
  }

  get length(): number {
    return this.ids.length;
  }

  /** The id at a place: 0 has the largest logit; equal logits are by id. */
  at(place: number): number {
    if (place >= this.ordered) this.order(place + 1);
    return this.ids[place]!;
  }

  /** The first `count` ids; not to be written to. */
  first(count: number): Uint32Array {
    this.order(count);
    return this.ids.subarray(0, count);
  }

  private order(count: number): void {
    const { ids, begins, logits } = this;
    while (this.ordered < count && this.range < this.ranges) {
      const end = begins[this.range + 1]!;
      // -0 equals 0, an infinity itself.
      if (end - this.ordered > 1) ids.subarray(this.ordered, end).sort((a, b) => logits[b]! - logits[a]! || a - b);
      this.ordered = end;
      this.range++;
    }
  }
}
