/**
 * Weights in the order in which products read them (panels), kept from the second use on until they change: a model that is looked
 * at is packed twice in all, and one that is trained, which changes after each pass, for each pass.
 */
import type { Heap } from './heap';

/** Panels of one tensor, by how it is read: its shape there, and whether it is transposed. */
interface Packed {
  readonly addresses: Map<string, number>;
  readonly seen: Set<string>;
  bytes: number;
}

/** Bytes of all that is kept. What is more is packed each time: it would be a second model in memory. */
const mostBytes = 2 ** 28;
/** Where less than this is left, nothing is kept. */
const leastRoom = 2 ** 30;

export class Packs {
  private known = new WeakMap<object, Packed>();
  private readonly kept = new Map<object, Packed>();
  private bytes = 0;
  /** While somebody uses what it keeps. */
  private held = false;

  constructor(private readonly heap: Heap) {}

  /** What is kept stays where it is as long as `work` runs. */
  holding<T>(work: () => T): T {
    this.held = true;
    try {
      return work();
    } finally {
      this.held = false;
    }
  }

  /** Where the panels of a tensor are, if they are kept. */
  find(dataId: object, how: string): number | undefined {
    return this.kept.get(dataId)?.addresses.get(how);
  }

  /**
   * Room in which to keep the panels of a tensor that is used as it was before; null where it was not, or where there is no room.
   * Who is given room fills it, or says that the tensor changed.
   */
  keep(dataId: object, how: string, bytes: number): number | null {
    let packed = this.known.get(dataId);
    if (!packed) {
      packed = { addresses: new Map(), seen: new Set(), bytes: 0 };
      this.known.set(dataId, packed);
    }
    if (!packed.seen.has(how)) {
      packed.seen.add(how);
      return null;
    }
    if (this.bytes + bytes > mostBytes || this.heap.roomBytes < leastRoom) return null;
    const address = this.room(bytes);
    if (address === null) return null;
    packed.addresses.set(how, address);
    packed.bytes += bytes;
    this.bytes += bytes;
    this.kept.set(dataId, packed);
    return address;
  }

  /** The numbers of a tensor are others now, or gone. */
  changed(dataId: object): void {
    this.known.delete(dataId);
    const packed = this.kept.get(dataId);
    if (!packed) return;
    this.kept.delete(dataId);
    this.bytes -= packed.bytes;
    for (const address of packed.addresses.values()) this.heap.free(address);
  }

  /** Null where the system has none: a product can do without. */
  private room(bytes: number): number | null {
    try {
      return this.heap.allocate(bytes);
    } catch {
      return null;
    }
  }

  /** Gives all room back, for something that matters more. False where there was none. */
  release(): boolean {
    const any = !this.held && this.kept.size > 0;
    if (any) for (const dataId of [...this.kept.keys()]) this.changed(dataId);
    return any;
  }
}
