/**
 * The allocator: blocks side by side over one WebAssembly memory, free ones in lists by size (two-level segregated fit, Masmano
 * et al. 2004), neighbours joined when they become free. It alone grows the memory; only the leading thread uses it.
 */
import { LoupeError } from '../../core/errors';

interface Block {
  /** In granules, as `size`. */
  start: number;
  size: number;
  free: boolean;
  /** Neighbours in memory. */
  left: Block | null;
  right: Block | null;
  /** Neighbours in the list of free blocks. */
  previous: Block | null;
  next: Block | null;
}

/** Bytes that every block is a multiple of, and begins at: a cache line. */
const granule = 64;
const page = 65536;
const granulesOfPage = page / granule;
/** Free blocks of nearly the right size that are looked at before a larger one is cut. */
const looks = 8;
const lists = 27 * 16;

export const addressablePages = 65536;

export class Heap {
  /** The first free block of each list, and a bit for each list that has one. */
  private readonly bins: (Block | null)[] = new Array(lists).fill(null);
  private readonly bits = new Uint32Array(Math.ceil(lists / 32));
  private readonly used = new Map<number, Block>();
  private last: Block;
  private usedGranules = 0;

  /** Manages everything from `start` (bytes) to the end of the memory; grows it up to `maximumPages`. */
  constructor(
    readonly memory: WebAssembly.Memory,
    start: number,
    private readonly maximumPages = addressablePages,
  ) {
    const from = Math.ceil(start / granule);
    this.last = block(from, memory.buffer.byteLength / granule - from, null);
    this.last.free = true;
    this.insert(this.last);
  }

  /** Bytes in use, rounded up to whole blocks. */
  get usedBytes(): number {
    return this.usedGranules * granule;
  }

  /** Bytes that could still be allocated, in pieces at least, if the system has them. */
  get roomBytes(): number {
    return this.maximumPages * page - this.usedBytes;
  }

  get blocks(): number {
    return this.used.size;
  }

  /** The address of `bytes` bytes, a multiple of 64. Throws `memory.notEnough`; what was allocated before stays usable. */
  allocate(bytes: number): number {
    const size = Math.max(1, Math.ceil(bytes / granule));
    const found = this.find(size) ?? this.grow(size);
    this.remove(found);
    if (found.size > size) {
      const rest = block(found.start + size, found.size - size, found);
      rest.right = found.right;
      if (rest.right) rest.right.left = rest;
      else this.last = rest;
      found.right = rest;
      found.size = size;
      rest.free = true;
      this.insert(rest);
    }
    found.free = false;
    const address = found.start * granule;
    this.used.set(address, found);
    this.usedGranules += size;
    return address;
  }

  free(address: number): void {
    let freed = this.used.get(address);
    if (!freed) throw new LoupeError('internal', { detail: `nothing is allocated at ${address}` });
    this.used.delete(address);
    this.usedGranules -= freed.size;
    const { left, right } = freed;
    if (left?.free) {
      this.remove(left);
      this.join(left, freed);
      freed = left;
    }
    if (right?.free) {
      this.remove(right);
      this.join(freed, right);
    }
    freed.free = true;
    this.insert(freed);
  }

  /** Says what is wrong with the books, if anything is: for tests. */
  check(): string | null {
    let granules = 0;
    let seen = 0;
    for (let at: Block | null = this.last; at; at = at.left) {
      if (at.left && at.left.start + at.left.size !== at.start) return `a gap before ${at.start}`;
      if (at.free && at.left?.free) return `two free neighbours at ${at.start}`;
      if (at.free && !this.listed(at)) return `a free block in no list at ${at.start}`;
      if (!at.free && this.used.get(at.start * granule) !== at) return `an unknown block at ${at.start}`;
      if (!at.free) {
        granules += at.size;
        seen++;
      }
    }
    if (this.last.start + this.last.size !== this.memory.buffer.byteLength / granule) return 'the end is not the end of the memory';
    return granules === this.usedGranules && seen === this.used.size ? null : 'sums that do not agree';
  }

  private listed(wanted: Block): boolean {
    for (let at = this.bins[binOf(wanted.size)] as Block | null; at; at = at.next) if (at === wanted) return true;
    return false;
  }

  private find(size: number): Block | null {
    const bin = binOf(size);
    // The same sizes come again and again: the list of this very size first, where not every block is large enough.
    let at = this.bins[bin] as Block | null;
    for (let look = 0; at && look < looks; look++, at = at.next) if (at.size >= size) return at;
    // In the lists above, every block is.
    for (let index = (bin + 1) >>> 5; index < this.bits.length; index++) {
      let set = this.bits[index] as number;
      if (index === (bin + 1) >>> 5) set &= -1 << ((bin + 1) & 31);
      if (set !== 0) return this.bins[index * 32 + 31 - Math.clz32(set & -set)] as Block;
    }
    return null;
  }

  /** Makes the memory larger: a free block of at least this size at its end. */
  private grow(size: number): Block {
    const { memory, last } = this;
    const pages = memory.buffer.byteLength / page;
    const missing = Math.ceil((size - (last.free ? last.size : 0)) / granulesOfPage);
    const room = this.maximumPages - pages;
    // An eighth more at once, so that it does not grow at every tensor; if that cannot be had, what is needed.
    const wish = Math.min(room, Math.max(missing, pages >>> 3));
    if (missing > room || !(attempt(memory, wish) || attempt(memory, missing))) {
      const megabytes = (count: number) => Math.ceil((count * page) / 2 ** 20);
      const limit = megabytes(missing > room ? this.maximumPages : pages);
      throw new LoupeError('memory.notEnough', { need: megabytes(pages + missing), limit });
    }
    const added = (memory.buffer.byteLength / page - pages) * granulesOfPage;
    if (last.free) {
      this.remove(last);
      last.size += added;
      this.insert(last);
      return last;
    }
    const fresh = block(last.start + last.size, added, last);
    last.right = fresh;
    fresh.free = true;
    this.last = fresh;
    this.insert(fresh);
    return fresh;
  }

  private join(left: Block, right: Block): void {
    left.size += right.size;
    left.right = right.right;
    if (left.right) left.right.left = left;
    else this.last = left;
  }

  private insert(free: Block): void {
    const bin = binOf(free.size);
    const first = this.bins[bin] as Block | null;
    free.previous = null;
    free.next = first;
    if (first) first.previous = free;
    this.bins[bin] = free;
    this.bits[bin >>> 5] = (this.bits[bin >>> 5] as number) | (1 << (bin & 31));
  }

  private remove(free: Block): void {
    const bin = binOf(free.size);
    if (free.previous) free.previous.next = free.next;
    else {
      this.bins[bin] = free.next;
      if (!free.next) this.bits[bin >>> 5] = (this.bits[bin >>> 5] as number) & ~(1 << (bin & 31));
    }
    if (free.next) free.next.previous = free.previous;
  }
}

function block(start: number, size: number, left: Block | null): Block {
  return { start, size, free: false, left, right: null, previous: null, next: null };
}

/** The list of a size: one for each size below 16, then sixteen for each power of two. */
function binOf(size: number): number {
  if (size < 16) return size;
  const level = 31 - Math.clz32(size);
  return (level - 3) * 16 + ((size >>> (level - 4)) & 15);
}

function attempt(memory: WebAssembly.Memory, pages: number): boolean {
  try {
    memory.grow(pages);
    return true;
  } catch {
    return false;
  }
}
