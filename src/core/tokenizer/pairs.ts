/**
 * Pairs of neighbouring symbols during training: how often each occurs, where, and which one comes next. Counts only
 * fall once a pair is recorded, so the heap may hold stale counts and puts them right when they come up.
 */
export class Pairs {
  left = new Uint32Array(1 << 14);
  right = new Uint32Array(1 << 14);
  counts = new Float64Array(1 << 14);
  private firstPlace = new Float64Array(1 << 14);
  private placeCount = new Uint32Array(1 << 14);
  private pool: Int32Array;
  private pooled = 0;
  size = 0;
  private table = new Int32Array(1 << 16);
  private heap = new Int32Array(1 << 14);
  private heapSize = 0;
  /** The count a pair is ordered by in the heap. */
  private queued = new Float64Array(1 << 14);

  constructor(expectedPlaces: number) {
    this.pool = new Int32Array(Math.max(1024, expectedPlaces));
  }

  /** The pair's index, or -1. */
  find(left: number, right: number): number {
    const { table } = this;
    const mask = table.length - 1;
    for (let slot = hash(left, right) & mask; ; slot = (slot + 1) & mask) {
      const pair = table[slot]! - 1;
      if (pair < 0 || (this.left[pair] === left && this.right[pair] === right)) return pair;
    }
  }

  /** Records a pair that is not there yet, with room for this many places, which `put` then fills. */
  add(left: number, right: number, count: number, places: number): number {
    const pair = this.size++;
    if (pair === this.left.length) this.grow();
    this.left[pair] = left;
    this.right[pair] = right;
    this.counts[pair] = count;
    if (this.pooled + places > this.pool.length) {
      const larger = new Int32Array(Math.max(this.pool.length * 1.5, this.pooled + places));
      larger.set(this.pool.subarray(0, this.pooled));
      this.pool = larger;
    }
    this.firstPlace[pair] = this.pooled;
    this.placeCount[pair] = 0;
    this.pooled += places;
    const mask = this.table.length - 1;
    let slot = hash(left, right) & mask;
    while (this.table[slot] !== 0) slot = (slot + 1) & mask;
    this.table[slot] = pair + 1;
    return pair;
  }

  /** The next place of a pair, in ascending order. */
  put(pair: number, place: number): void {
    this.pool[this.firstPlace[pair]! + this.placeCount[pair]!++] = place;
  }

  /** Where the pair was when it was recorded; some of it may have merged with other neighbours since. */
  places(pair: number): Int32Array {
    return this.pool.subarray(this.firstPlace[pair]!, this.firstPlace[pair]! + this.placeCount[pair]!);
  }

  private grow(): void {
    const larger = <T extends Uint32Array | Int32Array | Float64Array>(array: T): T => {
      const copy = new (array.constructor as new (length: number) => T)(array.length * 2);
      copy.set(array);
      return copy;
    };
    this.left = larger(this.left);
    this.right = larger(this.right);
    this.counts = larger(this.counts);
    this.firstPlace = larger(this.firstPlace);
    this.placeCount = larger(this.placeCount);
    this.queued = larger(this.queued);
    this.heap = larger(this.heap);
    this.table = new Int32Array(this.left.length * 4);
    const mask = this.table.length - 1;
    for (let pair = 0; pair < this.size - 1; pair++) {
      let slot = hash(this.left[pair]!, this.right[pair]!) & mask;
      while (this.table[slot] !== 0) slot = (slot + 1) & mask;
      this.table[slot] = pair + 1;
    }
  }

  /** Puts a pair into the running for `best`; pairs that occur once never run. */
  enter(pair: number): void {
    const count = this.counts[pair]!;
    if (count < 2) return;
    this.queued[pair] = count;
    let i = this.heapSize++;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (this.before(this.heap[parent]!, pair)) break;
      this.heap[i] = this.heap[parent]!;
      i = parent;
    }
    this.heap[i] = pair;
  }

  /** Takes out the most frequent pair (ties: smallest left, then smallest right), or -1 when none occurs twice. */
  best(): number {
    while (this.heapSize > 0) {
      const pair = this.heap[0]!;
      if (this.counts[pair] === this.queued[pair]) {
        this.dropFirst();
        return pair;
      }
      if (this.counts[pair]! < 2) {
        this.dropFirst();
      } else {
        this.queued[pair] = this.counts[pair]!;
        this.sink(pair);
      }
    }
    return -1;
  }

  private dropFirst(): void {
    this.heapSize--;
    if (this.heapSize > 0) this.sink(this.heap[this.heapSize]!);
  }

  private sink(pair: number): void {
    const { heap, heapSize } = this;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heapSize) break;
      if (child + 1 < heapSize && this.before(heap[child + 1]!, heap[child]!)) child++;
      if (this.before(pair, heap[child]!)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = pair;
  }

  private before(a: number, b: number): boolean {
    const byCount = this.queued[a]! - this.queued[b]!;
    if (byCount !== 0) return byCount > 0;
    const byLeft = this.left[a]! - this.left[b]!;
    return byLeft !== 0 ? byLeft < 0 : this.right[a]! <= this.right[b]!;
  }
}

function hash(left: number, right: number): number {
  const mixed = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca77);
  return mixed ^ (mixed >>> 15);
}
