/** What was recorded for the pictures that are open: kept by id, the oldest given up first when memory runs short. */
import { LoupeError } from '../../core/errors';
import type { AttentionRecord } from '../../core/inspect/attention';

const mostBytes = 256 * 2 ** 20;
const mostViews = 16;

export class Views {
  private readonly records = new Map<number, AttentionRecord>();
  private lastId = 0;

  /** @param limit bytes of all records together; the newest is kept even where it alone is larger. */
  constructor(private readonly limit = mostBytes) {}

  add(record: AttentionRecord): number {
    this.lastId += 1;
    this.records.set(this.lastId, record);
    for (const [id] of this.records) {
      if (this.records.size <= 1 || (this.records.size <= mostViews && this.bytes() <= this.limit)) break;
      this.records.delete(id);
    }
    return this.lastId;
  }

  /** Throws `view.gone`. */
  get(id: number): AttentionRecord {
    const record = this.records.get(id);
    if (!record) throw new LoupeError('view.gone');
    // Looked at last, given up last.
    this.records.delete(id);
    this.records.set(id, record);
    return record;
  }

  release(id: number): void {
    this.records.delete(id);
  }

  clear(): void {
    this.records.clear();
  }

  private bytes(): number {
    let bytes = 0;
    for (const { layers } of this.records.values()) for (const { q, k, v } of layers) bytes += q.byteLength + k.byteLength + v.byteLength;
    return bytes;
  }
}
