/** The entries of a vocabulary by their bytes. Special tokens are not found here: they are no ordinary text. */
import { WordCache } from './wordCache';

export class EntryTable {
  private readonly table: Int32Array;

  constructor(private readonly entries: { bytes: Uint8Array; offsets: Uint32Array; special: readonly { id: number }[] }) {
    const { bytes, offsets, special } = entries;
    const size = offsets.length - 1;
    let capacity = 16;
    while (capacity < size * 2) capacity *= 2;
    this.table = new Int32Array(capacity);
    const hidden = new Set(special.map((token) => token.id));
    for (let id = 0; id < size; id++) {
      if (hidden.has(id) || offsets[id] === offsets[id + 1]) continue;
      let slot = WordCache.hash(bytes, offsets[id]!, offsets[id + 1]!) & (capacity - 1);
      while (this.table[slot] !== 0) slot = (slot + 1) & (capacity - 1);
      this.table[slot] = id + 1;
    }
  }

  /** The entry that is exactly these bytes. */
  find(bytes: Uint8Array, start: number, end: number): number | undefined {
    const { bytes: all, offsets } = this.entries;
    const mask = this.table.length - 1;
    for (let slot = WordCache.hash(bytes, start, end) & mask; ; slot = (slot + 1) & mask) {
      const id = this.table[slot]! - 1;
      if (id < 0) return undefined;
      const from = offsets[id]!;
      if (offsets[id + 1]! - from !== end - start) continue;
      let i = 0;
      while (start + i < end && all[from + i] === bytes[start + i]) i++;
      if (start + i === end) return id;
    }
  }
}
