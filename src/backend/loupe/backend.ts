/** The tfjs backend: where the numbers of a tensor are, and the way to the kernels. The ops are in `stock/` and `fused/`. */
import { LoupeError } from '../../core/errors';
import * as tf from '../../core/tf';
import type { Heap } from './heap';
import { Packs } from './packs';
import type { Pool } from './pool';
import { lacks, sizeOf } from './registry';

type Numbers = Float32Array | Int32Array | Uint8Array;

interface Entry {
  readonly address: number;
  readonly bytes: number;
  readonly size: number;
  readonly dtype: tf.DataType;
  references: number;
  /** Only of dtype string: it has no place in the memory. */
  readonly strings: Uint8Array[] | null;
  /** How many were made before it. */
  readonly number: number;
}

export class LoupeBackend extends tf.KernelBackend {
  /** For those who want to know what takes how long: told of every kernel that has run, while it is there. */
  profile: ((kernel: string, units: number, ints: readonly number[], milliseconds: number) => void) | null = null;
  /** Weights as products read them. Who writes into a tensor in place says so. */
  readonly packs: Packs;
  private readonly data = new Map<object, Entry>();
  /** Memory that lives as long as a call, and when it was asked for. */
  private readonly passing = new Map<number, number>();
  private made = 0;

  constructor(
    readonly heap: Heap,
    readonly pool: Pool,
  ) {
    super();
    this.packs = new Packs(heap);
  }

  /**
   * Has a kernel run over `units` units, on all threads, after those that were asked for before: it may be done only when someone
   * looks (`view`, `buffer`). `ints` are whole numbers and addresses, `floats` f32; they fill the argument block from its slot 0.
   * `beside`: it may be done at the same time as the kernel before it. Neither then writes what the other touches, and what it
   * writes was allocated before that one was asked for: memory that is free again may still be read by what was asked for before.
   */
  run(kernel: string, units: number, ints: readonly number[], floats: readonly number[] = [], beside = false): void {
    if (!this.profile) {
      this.pool.run(kernel, units, ints, floats, beside);
      return;
    }
    // One at a time, and to its end.
    this.pool.finish();
    const start = performance.now();
    this.pool.run(kernel, units, ints, floats);
    this.pool.finish();
    this.profile(kernel, units, ints, performance.now() - start);
  }

  /** Where the numbers of a tensor begin. */
  address(x: tf.TensorInfo): number {
    return this.entry(x.dataId).address;
  }

  /** A result: its contents are whatever was there. */
  output(shape: readonly number[], dtype: tf.DataType = 'float32'): tf.TensorInfo {
    const dataId = {};
    this.add(dataId, sizeOf(shape), dtype);
    return { dataId, shape: [...shape], dtype };
  }

  /** Another handle on the same numbers. */
  share(x: tf.TensorInfo, shape: readonly number[] = x.shape): tf.TensorInfo {
    this.incRef(x.dataId);
    return { dataId: x.dataId, shape: [...shape], dtype: x.dtype };
  }

  /** Memory that lives as long as a call. Throws `memory.notEnough`. */
  allocate(bytes: number): number {
    const address = this.take(bytes);
    this.passing.set(address, this.made);
    return address;
  }

  free(address: number): void {
    this.passing.delete(address);
    this.heap.free(address);
  }

  /** How many tensors have been made so far. */
  get born(): number {
    return this.made;
  }

  /** Frees what a kernel that failed has made since `born` was this. */
  forgetSince(born: number): void {
    for (const [dataId, entry] of this.data) if (entry.number >= born) this.disposeData(dataId, true);
    for (const [address, number] of this.passing) if (number >= born) this.free(address);
  }

  /** All of the memory, with everything done that was asked for: valid until something is allocated or run. */
  get buffer(): ArrayBufferLike {
    this.pool.finish();
    return this.heap.memory.buffer;
  }

  /** The numbers of a tensor in place: valid until something is allocated or run. */
  view(x: tf.TensorInfo): Numbers {
    return this.viewOf(this.entry(x.dataId));
  }

  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): object {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(dataId: object, values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType, references: number): void {
    if (dtype === 'string') {
      this.data.set(dataId, {
        address: 0,
        bytes: 0,
        size: sizeOf(shape),
        dtype,
        references,
        strings: values as Uint8Array[],
        number: this.made++,
      });
      return;
    }
    const entry = this.add(dataId, sizeOf(shape), dtype);
    entry.references = references;
    if (values) this.viewOf(entry).set(values as ArrayLike<number>);
  }

  override readSync(dataId: object): tf.backend_util.BackendValues {
    const entry = this.entry(dataId);
    // A copy that belongs to nobody else, of memory that is not shared.
    return entry.strings ?? this.viewOf(entry).slice();
  }

  override async read(dataId: object): Promise<tf.backend_util.BackendValues> {
    return this.readSync(dataId);
  }

  override disposeData(dataId: object, force = false): boolean {
    const entry = this.data.get(dataId);
    if (!entry) return true;
    entry.references--;
    if (!force && entry.references > 0) return false;
    this.data.delete(dataId);
    this.packs.changed(dataId);
    if (!entry.strings) this.heap.free(entry.address);
    return true;
  }

  override refCount(dataId: object): number {
    return this.data.get(dataId)?.references ?? 0;
  }

  override incRef(dataId: object): void {
    this.entry(dataId).references++;
  }

  override numDataIds(): number {
    return this.data.size;
  }

  /** tfjs adds what it counts. In use: with what lives as long as a call, in whole blocks; reserved: for good. */
  override memory(): { unreliable: boolean; numBytesInUse: number; numBytesReserved: number } {
    const { usedBytes, memory } = this.heap;
    return { unreliable: false, numBytesInUse: usedBytes, numBytesReserved: memory.buffer.byteLength };
  }

  override timerAvailable(): boolean {
    return true;
  }

  override async time(work: () => void): Promise<tf.BackendTimingInfo> {
    const start = performance.now();
    work();
    this.pool.finish();
    return { kernelMs: performance.now() - start };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override dispose(): void {
    this.pool.dispose();
    this.data.clear();
  }

  private add(dataId: object, size: number, dtype: tf.DataType): Entry {
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') throw lacks(`tensors of ${dtype}`);
    const bytes = dtype === 'bool' ? size : size * 4;
    const entry: Entry = { address: this.take(bytes), bytes, size, dtype, references: 1, strings: null, number: this.made++ };
    this.data.set(dataId, entry);
    return entry;
  }

  private take(bytes: number): number {
    try {
      return this.heap.allocate(bytes);
    } catch (error) {
      if (!this.packs.release()) throw error;
      return this.heap.allocate(bytes);
    }
  }

  private entry(dataId: object): Entry {
    const entry = this.data.get(dataId);
    if (!entry) throw new LoupeError('internal', { detail: 'a tensor that is not of this backend' });
    return entry;
  }

  private viewOf({ address, size, dtype }: Entry): Numbers {
    const { buffer } = this;
    if (dtype === 'float32') return new Float32Array(buffer, address, size);
    return dtype === 'int32' ? new Int32Array(buffer, address, size) : new Uint8Array(buffer, address, size);
  }
}
