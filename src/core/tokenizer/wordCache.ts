/**
 * Tokens of words seen before, found by their bytes: text repeats its words, so most are never merged twice. Bounded:
 * when it is full it starts again from empty. Typed arrays only, nothing is allocated per word.
 */

/** Longer words are merged each time: they hardly repeat. */
export const longestCachedWord = 64;

const SLOTS = 1 << 16;
const KEY_BYTES = 1 << 19;
const IDS = 1 << 18;

export class WordCache {
  /** Index of an entry + 1; 0 is free. */
  private readonly table = new Int32Array(SLOTS);
  private readonly hashes = new Int32Array(SLOTS >> 1);
  private readonly keyEnd = new Int32Array((SLOTS >> 1) + 1);
  private readonly idEnd = new Int32Array((SLOTS >> 1) + 1);
  private readonly keys = new Uint8Array(KEY_BYTES);
  readonly ids = new Uint32Array(IDS);
  private count = 0;

  static hash(bytes: Uint8Array, start: number, end: number): number {
    let hash = end - start;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    return hash ^ (hash >>> 15);
  }

  /** The entry of a word, or -1; its ids are `ids[idStart(entry) .. idStop(entry)]`. */
  find(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const { table, hashes, keyEnd, keys } = this;
    for (let slot = hash & (SLOTS - 1); ; slot = (slot + 1) & (SLOTS - 1)) {
      const entry = table[slot]! - 1;
      if (entry < 0) return -1;
      if (hashes[entry] !== hash) continue;
      let key = keyEnd[entry]!;
      if (keyEnd[entry + 1]! - key !== end - start) continue;
      let at = start;
      while (at < end && keys[key] === bytes[at]) {
        key++;
        at++;
      }
      if (at === end) return entry;
    }
  }

  idStart(entry: number): number {
    return this.idEnd[entry]!;
  }

  idStop(entry: number): number {
    return this.idEnd[entry + 1]!;
  }

  add(hash: number, bytes: Uint8Array, start: number, end: number, ids: Uint32Array, idStart: number, idCount: number): void {
    if (
      this.count === this.hashes.length ||
      this.keyEnd[this.count]! + end - start > KEY_BYTES ||
      this.idEnd[this.count]! + idCount > IDS
    ) {
      this.table.fill(0);
      this.count = 0;
    }
    const entry = this.count++;
    let key = this.keyEnd[entry]!;
    for (let i = start; i < end; i++) this.keys[key++] = bytes[i]!;
    this.keyEnd[entry + 1] = key;
    let id = this.idEnd[entry]!;
    for (let i = 0; i < idCount; i++) this.ids[id++] = ids[idStart + i]!;
    this.idEnd[entry + 1] = id;
    this.hashes[entry] = hash;
    let slot = hash & (SLOTS - 1);
    while (this.table[slot] !== 0) slot = (slot + 1) & (SLOTS - 1);
    this.table[slot] = entry + 1;
  }
}
