/**
 * The safetensors format (https://github.com/huggingface/safetensors): eight bytes of header length, a JSON header, raw
 * tensors. Read as strictly as the reference library: nothing overlaps, nothing is left over, no name occurs twice.
 * Tensors stay bytes until someone asks for floats; sharded checkpoints are in shards.ts. Little-endian, as the format
 * and every machine that runs VS Code.
 */

import { LoupeError } from '../errors';
import { bfloatToFloat, floatToBfloat, floatToHalf, halfToFloat } from './floats';
import { duplicateKey } from './json';

/** Bytes of one element, in the reference library's order (it lays tensors out by descending dtype, then by name). */
const dtypeBytes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  F64: 8,
  I64: 8,
  U64: 8,
} as const;
export type Dtype = keyof typeof dtypeBytes;
export type FloatDtype = 'F32' | 'F16' | 'BF16';
const dtypeOrder = Object.keys(dtypeBytes);

/** The reference library's own limit. */
const maxHeaderBytes = 100_000_000;

export interface TensorInfo {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** From the first byte after the header. */
  readonly begin: number;
  readonly end: number;
}

export interface StoredTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Little-endian, row-major; a view into the file, at any alignment. */
  readonly bytes: Uint8Array;
}

export interface SafetensorsHeader {
  /** Where the tensors begin in the file. */
  readonly dataStart: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of the file. */
  readonly tensors: ReadonlyMap<string, TensorInfo>;
}

export interface Safetensors {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** Reads the header; `bytes` is the whole file or its beginning, of a file of `fileBytes` bytes. Throws `file.broken`. */
export function parseSafetensorsHeader(bytes: Uint8Array, fileBytes: number, path: string): SafetensorsHeader {
  const broken = (detail: string) => new LoupeError('file.broken', { path, detail });
  if (bytes.length < 8) throw broken('it is too short for a safetensors header.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > maxHeaderBytes) throw broken('its header length is not plausible.');
  const dataStart = 8 + headerBytes;
  if (dataStart > fileBytes || dataStart > bytes.length) throw broken('it ends inside its header.');

  const text = decodeUtf8(bytes.subarray(8, dataStart));
  if (!text?.startsWith('{')) throw broken('its header is not JSON.');
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw broken('its header is not JSON.');
  }
  if (!isRecord(header)) throw broken('its header is not a JSON object.');
  const twice = duplicateKey(text);
  if (twice !== undefined) throw broken(`the name "${twice}" occurs twice.`);

  const metadata: Record<string, string> = Object.create(null);
  const found: [string, TensorInfo][] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      if (!isRecord(entry)) throw broken('its metadata is not an object of strings.');
      for (const [key, value] of Object.entries(entry)) {
        if (typeof value !== 'string') throw broken('its metadata is not an object of strings.');
        metadata[key] = value;
      }
    } else found.push([name, tensorInfo(name, entry, broken)]);
  }

  found.sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  for (const [name, info] of found) {
    if (info.begin < end) throw broken(`"${name}" overlaps the tensor before it.`);
    if (info.begin > end) throw broken(`there is a hole before "${name}".`);
    end = info.end;
  }
  if (dataStart + end > fileBytes) throw broken(`it is cut short: ${dataStart + end} bytes are announced, ${fileBytes} are there.`);
  if (dataStart + end < fileBytes) throw broken('bytes follow its last tensor.');
  return { dataStart, metadata, tensors: new Map(found) };
}

/** Reads a whole file; tensors are views into `bytes`. Throws `file.broken`. */
export function parseSafetensors(bytes: Uint8Array, path: string): Safetensors {
  const { dataStart, metadata, tensors } = parseSafetensorsHeader(bytes, bytes.length, path);
  const stored = new Map<string, StoredTensor>();
  for (const [name, { dtype, shape, begin, end }] of tensors) {
    stored.set(name, { dtype, shape, bytes: bytes.subarray(dataStart + begin, dataStart + end) });
  }
  return { metadata, tensors: stored };
}

/** The bytes of a file, the same as the reference library writes for the same tensors. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const order = [...tensors].sort(
    ([a, left], [b, right]) => dtypeOrder.indexOf(right.dtype) - dtypeOrder.indexOf(left.dtype) || (a < b ? -1 : 1),
  );
  const entries: string[] = [];
  if (Object.keys(metadata).length > 0) entries.push(`"__metadata__":${JSON.stringify(metadata)}`);
  let end = 0;
  for (const [name, { dtype, shape, bytes }] of order) {
    if (name === '__metadata__') throw new RangeError('A tensor cannot be called "__metadata__".');
    if (bytes.length !== elements(shape) * dtypeBytes[dtype]) throw new RangeError(`"${name}": bytes and shape disagree.`);
    entries.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [end, end + bytes.length] })}`);
    end += bytes.length;
  }
  const text = new TextEncoder().encode(`{${entries.join(',')}}`);
  // Spaces pad the header so that the tensors are aligned to their largest element.
  const headerBytes = Math.ceil(text.length / 8) * 8;
  const out = new Uint8Array(8 + headerBytes + end);
  new DataView(out.buffer).setBigUint64(0, BigInt(headerBytes), true);
  out.fill(0x20, 8, 8 + headerBytes);
  out.set(text, 8);
  let at = 8 + headerBytes;
  for (const [, { bytes }] of order) {
    out.set(bytes, at);
    at += bytes.length;
  }
  return out;
}

/** The values as float32, in memory of their own. Throws `file.broken` for a dtype that is not F32, F16, BF16 or F64. */
export function tensorFloats({ dtype, bytes }: StoredTensor, path: string, name: string): Float32Array<ArrayBuffer> {
  // A copy also brings the bytes to an address that typed arrays accept (`slice` of a Node buffer would not copy).
  const { buffer } = new Uint8Array(bytes);
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F16':
      return halfToFloat(new Uint16Array(buffer));
    case 'BF16':
      return bfloatToFloat(new Uint16Array(buffer));
    case 'F64':
      return new Float32Array(new Float64Array(buffer));
    default:
      throw new LoupeError('file.broken', { path, detail: `"${name}" holds ${dtype}, not floating-point numbers.` });
  }
}

/** The values as integers. Throws `file.broken` for other dtypes and for numbers beyond 2^53. */
export function tensorIntegers({ dtype, bytes }: StoredTensor, path: string, name: string): number[] {
  const { buffer } = new Uint8Array(bytes);
  const read = { U8: Uint8Array, I8: Int8Array, U16: Uint16Array, I16: Int16Array, U32: Uint32Array, I32: Int32Array } as const;
  if (dtype in read) return [...new read[dtype as keyof typeof read](buffer)];
  if (dtype === 'I64' || dtype === 'U64') {
    const values = Array.from(dtype === 'I64' ? new BigInt64Array(buffer) : new BigUint64Array(buffer), Number);
    if (values.every(Number.isSafeInteger)) return values;
    throw new LoupeError('file.broken', { path, detail: `"${name}" holds numbers that are too large.` });
  }
  throw new LoupeError('file.broken', { path, detail: `"${name}" holds ${dtype}, not integers.` });
}

/** A tensor of floats, stored with the given dtype (rounded to nearest, ties to even). F32 shares the memory given. */
export function floatTensor(values: Float32Array, shape: readonly number[], dtype: FloatDtype = 'F32'): StoredTensor {
  const stored = dtype === 'F32' ? values : dtype === 'F16' ? floatToHalf(values) : floatToBfloat(values);
  return { dtype, shape, bytes: new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength) };
}

export function intTensor(values: Int32Array, shape: readonly number[]): StoredTensor {
  return { dtype: 'I32', shape, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

/** Bytes of one element of a dtype. */
export function bytesPerElement(dtype: Dtype): number {
  return dtypeBytes[dtype];
}

export function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function tensorInfo(name: string, entry: unknown, broken: (detail: string) => LoupeError): TensorInfo {
  if (!isRecord(entry)) throw broken(`"${name}" is not described by an object.`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !Object.hasOwn(dtypeBytes, dtype)) throw broken(`"${name}" has a dtype that is not known.`);
  if (!Array.isArray(shape) || !shape.every(isSize)) throw broken(`"${name}" has a shape that is not a list of sizes.`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) throw broken(`"${name}" has no valid place in the file.`);
  const [begin, end] = offsets as [number, number];
  const bytes = elements(shape) * dtypeBytes[dtype as Dtype];
  if (!Number.isSafeInteger(bytes)) throw broken(`"${name}" has a shape that is too large.`);
  if (end - begin !== bytes) throw broken(`"${name}" has ${end - begin} bytes where its shape needs ${bytes}.`);
  return { dtype: dtype as Dtype, shape, begin, end };
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
