/**
 * Values on their way over a port: what a message may hold, whoever carries it. Cuts partial views out of their buffers,
 * finds the buffers that may be moved, and marks the numbers that JSON would lose.
 */

const given = new WeakSet<object>();
/** Says that nobody uses this array any more: towards a worker its buffer is moved instead of copied, and ends up empty here. */
export function give<T extends ArrayBufferView>(array: T): T {
  given.add(array.buffer);
  return array;
}

/** A number that JSON cannot hold, where the port knows only JSON. */
const marks = { NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY, '-Infinity': Number.NEGATIVE_INFINITY };

/** The same value with partial and shared views cut out, and numbers marked that JSON loses; collects the buffers that may be moved. */
export function pack(value: unknown, transfer: Set<object>, json: boolean): unknown {
  if (json && typeof value === 'number' && !Number.isFinite(value)) return { rpcNumber: String(value) };
  if (typeof value !== 'object' || value === null || value instanceof ArrayBuffer) return value;
  if (ArrayBuffer.isView(value)) {
    const whole = value.buffer instanceof ArrayBuffer && value.byteLength === value.buffer.byteLength;
    if (!whole) {
      const bytes = new Uint8Array(value.byteLength);
      bytes.set(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      transfer.add(bytes.buffer);
      return rewrap(value, bytes.buffer);
    }
    if (given.has(value.buffer)) transfer.add(value.buffer);
    return value;
  }
  if (Array.isArray(value)) {
    let copy: unknown[] | undefined;
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      const packed = pack(item, transfer, json);
      if (packed === item) continue;
      copy ??= value.slice();
      copy[i] = packed;
    }
    return copy ?? value;
  }
  const record = value as Record<string, unknown>;
  let copy: Record<string, unknown> | undefined;
  for (const key of Object.keys(record)) {
    const packed = pack(record[key], transfer, json);
    if (packed === record[key]) continue;
    copy ??= { ...record };
    copy[key] = packed;
  }
  return copy ?? record;
}

/** Puts marked numbers back, in place: the message is nobody else's. */
export function unpack(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return value;
  const record = value as Record<string, unknown>;
  if (typeof record.rpcNumber === 'string') return marks[record.rpcNumber as keyof typeof marks];
  for (const key of Object.keys(record)) {
    const item = record[key];
    if (typeof item === 'object') record[key] = unpack(item);
  }
  return record;
}

/** A view of the same kind as `like` over a whole buffer. (A Node `Buffer` arrives as a `Uint8Array`, as it would anyway.) */
function rewrap(like: ArrayBufferView, buffer: ArrayBuffer): ArrayBufferView {
  if (like instanceof Uint8Array) return new Uint8Array(buffer);
  const View = like.constructor as new (buffer: ArrayBuffer) => ArrayBufferView;
  return new View(buffer);
}
