/**
 * The distinct words of a corpus and how often each occurs, in order of first sight. Memory grows with the distinct
 * words, not with the corpus.
 */
import { type KnownPattern, type Scanner, scanners } from './pretokenize';
import { utf8 } from './unicode';
import { WordCache } from './wordCache';

export class WordCounts {
  /** Bytes of the words, one after another; word `i` is `bytes[ends[i - 1] .. ends[i]]`. */
  bytes = new Uint8Array(1 << 16);
  ends = new Uint32Array(1 << 12);
  counts = new Float64Array(1 << 12);
  size = 0;
  /** What was read so far. */
  totalBytes = 0;
  totalWords = 0;
  private hashes = new Int32Array(1 << 12);
  private table = new Int32Array(1 << 14);
  private used = 0;
  private readonly scan: Scanner;

  constructor(pattern: KnownPattern) {
    this.scan = scanners[pattern];
  }

  /** Reads one text; it is a generator so that a long one can be interrupted: it stops after every 256 KiB or so. */
  *add(text: string | Uint8Array): Generator<void> {
    const bytes = typeof text === 'string' ? utf8(text) : text;
    let pause = 1 << 18;
    for (let at = 0; at < bytes.length; ) {
      const end = this.scan(bytes, at, bytes.length);
      this.count(bytes, at, end);
      this.totalBytes += end - at;
      at = end;
      if (at >= pause) {
        yield;
        pause = at + (1 << 18);
      }
    }
  }

  private count(bytes: Uint8Array, start: number, end: number): void {
    this.totalWords++;
    const hash = WordCache.hash(bytes, start, end);
    const mask = this.table.length - 1;
    let slot = hash & mask;
    for (;;) {
      const word = this.table[slot]! - 1;
      if (word < 0) break;
      if (this.hashes[word] === hash && this.is(word, bytes, start, end)) {
        this.counts[word]!++;
        return;
      }
      slot = (slot + 1) & mask;
    }
    this.table[slot] = this.size + 1;
    this.append(hash, bytes, start, end);
  }

  private is(word: number, bytes: Uint8Array, start: number, end: number): boolean {
    let at = word === 0 ? 0 : this.ends[word - 1]!;
    if (this.ends[word]! - at !== end - start) return false;
    for (let i = start; i < end; i++) if (this.bytes[at++] !== bytes[i]) return false;
    return true;
  }

  private append(hash: number, bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (this.used + length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.used + length));
      larger.set(this.bytes);
      this.bytes = larger;
    }
    this.bytes.set(bytes.subarray(start, end), this.used);
    this.used += length;
    if (this.size === this.ends.length) {
      const ends = new Uint32Array(this.size * 2);
      ends.set(this.ends);
      this.ends = ends;
      const counts = new Float64Array(this.size * 2);
      counts.set(this.counts);
      this.counts = counts;
      const hashes = new Int32Array(this.size * 2);
      hashes.set(this.hashes);
      this.hashes = hashes;
    }
    this.ends[this.size] = this.used;
    this.counts[this.size] = 1;
    this.hashes[this.size] = hash;
    this.size++;
    if (this.size * 2 > this.table.length) {
      this.table = new Int32Array(this.table.length * 4);
      const mask = this.table.length - 1;
      for (let word = 0; word < this.size; word++) {
        let slot = this.hashes[word]! & mask;
        while (this.table[slot] !== 0) slot = (slot + 1) & mask;
        this.table[slot] = word + 1;
      }
    }
  }
}
