/**
 * TensorBoard event files: what happened at which step, as scalars and texts. A file is a row of TFRecords (length, payload,
 * a masked CRC-32C of each), the payload an `Event` message of tensorflow/core/util/event.proto; only the few fields that scalars
 * and texts need are written, in the order of their numbers, as protobuf's own writers do. Nothing is read here.
 * TensorBoard opens any file whose name holds "tfevents".
 */

/** One event: everything that is known of one step at one time. */
export interface BoardEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  /** By tag; kept as float32, as TensorBoard does. What is not a number is kept so. */
  readonly scalars?: Readonly<Record<string, number>>;
  /** By tag; TensorBoard shows them as Markdown. */
  readonly texts?: Readonly<Record<string, string>>;
}

const utf8 = new TextEncoder();

/** The whole file. @param wallTime of its first record, in seconds since 1970 */
export function boardFile(wallTime: number, events: readonly BoardEvent[]): Uint8Array<ArrayBuffer> {
  const out = new Bytes();
  out.record(new Bytes().double(1, wallTime).text(3, 'brain.Event:2').taken());
  const described = new Set<string>();
  for (const { wallTime: at, step, scalars = {}, texts = {} } of events) {
    const summary = new Bytes();
    for (const [tag, value] of Object.entries(scalars)) summary.bytes(1, new Bytes().text(1, tag).float(2, value).taken());
    for (const [tag, text] of Object.entries(texts)) {
      // How a tag is to be shown is said once.
      summary.bytes(1, textValue(tag, text, !described.has(tag)));
      described.add(tag);
    }
    const event = new Bytes().double(1, at);
    // Zero is what is meant where the field is not there, and what protobuf's writers leave out.
    if (step > 0) event.varint(2, step);
    out.record(event.bytes(5, summary.taken()).taken());
  }
  return out.taken();
}

/** `Summary.Value`: a tensor of one string, marked for the plugin that shows texts. */
function textValue(tag: string, text: string, describe: boolean): Uint8Array {
  const stringType = 7;
  const shape = new Bytes().bytes(2, new Bytes().varint(1, 1).taken()).taken();
  const tensor = new Bytes().varint(1, stringType).bytes(2, shape).text(8, text).taken();
  const value = new Bytes().text(1, tag).bytes(8, tensor);
  if (describe) value.bytes(9, new Bytes().bytes(1, new Bytes().text(1, 'text').taken()).taken());
  return value.taken();
}

/** Bytes that grow: fields of a protobuf message, or records. */
class Bytes {
  private data = new Uint8Array(64);
  private length = 0;

  taken(): Uint8Array<ArrayBuffer> {
    return this.data.slice(0, this.length);
  }

  /** A whole number from 0 to 2^53. */
  varint(field: number, value: number): this {
    this.raw(field * 8);
    this.raw(value);
    return this;
  }

  double(field: number, value: number): this {
    this.raw(field * 8 + 1);
    this.view(8).setFloat64(0, value, true);
    return this;
  }

  float(field: number, value: number): this {
    this.raw(field * 8 + 5);
    this.view(4).setFloat32(0, value, true);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.raw(field * 8 + 2);
    this.raw(value.length);
    this.append(value);
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, utf8.encode(value));
  }

  /** A TFRecord. */
  record(payload: Uint8Array): void {
    const length = new Uint8Array(8);
    // Beyond 4 GB a single event is none.
    new DataView(length.buffer).setUint32(0, payload.length, true);
    this.append(length);
    this.view(4).setUint32(0, maskedCrc(length), true);
    this.append(payload);
    this.view(4).setUint32(0, maskedCrc(payload), true);
  }

  private raw(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.view(1).setUint8(0, (rest % 128) + 128);
    this.view(1).setUint8(0, rest);
  }

  private append(more: Uint8Array): void {
    const at = this.grow(more.length);
    this.data.set(more, at);
  }

  private view(bytes: number): DataView {
    const at = this.grow(bytes);
    return new DataView(this.data.buffer, at, bytes);
  }

  private grow(bytes: number): number {
    const at = this.length;
    this.length += bytes;
    if (this.length > this.data.length) {
      const larger = new Uint8Array(Math.max(this.length, 2 * this.data.length));
      larger.set(this.data);
      this.data = larger;
    }
    return at;
  }
}

/** CRC-32C by the reversed polynomial of Castagnoli, a byte at a time. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ table[(crc ^ byte) & 255]!;
  return ~crc >>> 0;
}

/** As TFRecords keep it: a checksum of data that holds checksums would be weak. */
export function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
