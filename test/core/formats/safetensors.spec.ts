import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LoupeError } from '../../../src/core/errors';
import {
  floatTensor,
  intTensor,
  parseSafetensors,
  parseSafetensorsHeader,
  type StoredTensor,
  tensorFloats,
  tensorIntegers,
  writeSafetensors,
} from '../../../src/core/formats/safetensors';

/** A file with any header text and any data, right or wrong. */
function file(header: string, data: Uint8Array = new Uint8Array(), length?: number): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

function refused(bytes: Uint8Array): string {
  try {
    parseSafetensors(bytes, 'x.safetensors');
  } catch (error) {
    expect(error).toBeInstanceOf(LoupeError);
    expect((error as LoupeError).code).toBe('file.broken');
    return String((error as LoupeError).args.detail);
  }
  throw new Error('was accepted');
}

const tensor = fc
  .record({
    dtype: fc.constantFrom('F32', 'F16', 'BF16', 'U8', 'I64', 'BOOL'),
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
  })
  .chain(({ dtype, shape }) => {
    const size = { F32: 4, F16: 2, BF16: 2, U8: 1, I64: 8, BOOL: 1 }[dtype as 'F32'];
    const length = size * shape.reduce((a, b) => a * b, 1);
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((bytes): StoredTensor => ({ dtype: dtype as StoredTensor['dtype'], shape, bytes }));
  });
// Not the key `\` alone: after it, V8 of Node 24 reads the key `"` as `\` (JSON.parse('{"\\\\":1}'), then '{"\\"":1}').
const name = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }).filter((text) => text !== '__metadata__' && text !== '\\'),
  fc.constantFrom('__proto__', 'constructor', '"', 'a\\"b', 'é'),
);
const tensors = fc.array(fc.tuple(name, tensor), { maxLength: 6 }).map((entries) => new Map(entries));

describe('safetensors', () => {
  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(tensors, fc.dictionary(name, fc.string()), (given, metadata) => {
        const bytes = writeSafetensors(given, metadata);
        const read = parseSafetensors(bytes, 'x');
        expect(new Map([...read.tensors].map(([key, { bytes: data, ...rest }]) => [key, { ...rest, bytes: [...data] }]))).toEqual(
          new Map([...given].map(([key, { bytes: data, ...rest }]) => [key, { ...rest, bytes: [...data] }])),
        );
        expect({ ...read.metadata }).toEqual({ ...metadata });
        // The order in memory does not show in the file.
        expect(writeSafetensors(new Map([...given].reverse()), metadata)).toEqual(bytes);
      }),
    );
  });

  it('writes byte for byte what the reference library writes', () => {
    // From safetensors.numpy.save({'b': float32 [[1, 2]], 'a': float16 [3], 'c': int64 [7]}, {'format': 'pt'}).
    const header =
      '{"__metadata__":{"format":"pt"},"c":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},' +
      '"b":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]},"a":{"dtype":"F16","shape":[1],"data_offsets":[16,18]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    const data = Uint8Array.of(7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0x42);
    const written = writeSafetensors(
      new Map([
        ['b', floatTensor(Float32Array.of(1, 2), [1, 2])],
        ['a', floatTensor(Float32Array.of(3), [1], 'F16')],
        ['c', { dtype: 'I64', shape: [1], bytes: data.subarray(0, 8) }],
      ]),
      { format: 'pt' },
    );
    expect(written).toEqual(file(padded, data));
  });

  it('gives floats whatever the alignment of the file in memory', () => {
    const values = Float32Array.of(1.5, -2, 3e-8);
    const bytes = writeSafetensors(new Map([['x', floatTensor(values, [3])]]));
    for (let shift = 0; shift < 4; shift++) {
      const moved = new Uint8Array(bytes.length + shift).subarray(shift);
      moved.set(bytes);
      const buffer = Buffer.from(moved.buffer, moved.byteOffset, moved.length);
      expect(tensorFloats(parseSafetensors(buffer, 'x').tensors.get('x')!, 'x', 'x')).toEqual(values);
      expect(tensorFloats(parseSafetensors(moved, 'x').tensors.get('x')!, 'x', 'x')).toEqual(values);
    }
  });

  it('stores and reads narrow floats and integers', () => {
    const values = Float32Array.of(1, -0.5, 1024);
    for (const dtype of ['F16', 'BF16'] as const) {
      const stored = floatTensor(values, [3], dtype);
      expect(stored.bytes.length).toBe(6);
      expect(tensorFloats(stored, 'x', 'x')).toEqual(values);
    }
    expect(tensorIntegers(intTensor(Int32Array.of(-1, 5), [2]), 'x', 'x')).toEqual([-1, 5]);
    const long = { dtype: 'I64', shape: [1], bytes: new Uint8Array(BigInt64Array.of(-3n).buffer) } as const;
    expect(tensorIntegers(long, 'x', 'x')).toEqual([-3]);
    expect(() => tensorFloats(long, 'x', 'x')).toThrow(/floating-point/);
    expect(() => tensorIntegers({ ...long, bytes: new Uint8Array(BigInt64Array.of(2n ** 60n).buffer) }, 'x', 'x')).toThrow(/too large/);
  });

  it('reads the header alone from the beginning of a file', () => {
    const bytes = writeSafetensors(new Map([['x', floatTensor(new Float32Array(1000), [10, 100])]]));
    const { dataStart, tensors: infos } = parseSafetensorsHeader(bytes.subarray(0, 200), bytes.length, 'x');
    expect(infos.get('x')).toEqual({ dtype: 'F32', shape: [10, 100], begin: 0, end: 4000 });
    expect(dataStart + 4000).toBe(bytes.length);
    expect(() => parseSafetensorsHeader(bytes.subarray(0, 20), bytes.length, 'x')).toThrow(/inside its header/);
  });

  it.each([
    ['nothing', new Uint8Array(), /too short/],
    ['a huge header length', file('{}', undefined, 2 ** 40), /not plausible/],
    ['a header longer than the file', file('{}', undefined, 500), /inside its header/],
    ['no JSON', file('{"a":'), /not JSON/],
    ['space before the brace', file(' {}'), /not JSON/],
    ['invalid UTF-8', new Uint8Array([...file('{').slice(0, 8).fill(3, 0, 1), 0x7b, 0xff, 0x7d]), /not JSON/],
    ['metadata that is no text', file('{"__metadata__":{"a":1}}'), /metadata/],
    ['a tensor that is no object', file('{"a":3}'), /object/],
    ['an unknown dtype', file('{"a":{"dtype":"F4","shape":[],"data_offsets":[0,0]}}'), /dtype/],
    ['an inherited dtype', file('{"a":{"dtype":"toString","shape":[],"data_offsets":[0,0]}}'), /dtype/],
    ['a negative size', file('{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,0]}}'), /shape/],
    ['a fractional size', file('{"a":{"dtype":"U8","shape":[0.5],"data_offsets":[0,0]}}'), /shape/],
    ['an overflowing shape', file('{"a":{"dtype":"U8","shape":[94906267,94906267],"data_offsets":[0,0]}}'), /too large/],
    ['offsets that are no pair', file('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}', new Uint8Array(1)), /place/],
    ['bytes that do not fit the shape', file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,3]}}', new Uint8Array(3)), /needs 4/],
    [
      'overlapping tensors',
      file('{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}', new Uint8Array(3)),
      /overlaps/,
    ],
    ['a hole', file('{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}', new Uint8Array(2)), /hole/],
    ['missing bytes', file('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', new Uint8Array(3)), /cut short/],
    ['bytes left over', file('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', new Uint8Array(2)), /follow/],
    [
      'a name twice',
      file('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'),
      /"a" occurs twice/,
    ],
    ['a field twice', file('{"a":{"dtype":"U8","shape":[0],"shape":[0],"data_offsets":[0,0]}}'), /"shape" occurs twice/],
  ])('refuses %s', (_, bytes, detail) => {
    expect(refused(bytes)).toMatch(detail);
  });

  it('reads or refuses anything, never crashes', () => {
    const good = writeSafetensors(
      new Map([
        ['a', floatTensor(Float32Array.of(1, 2), [2])],
        ['b.c', floatTensor(Float32Array.of(1, 2), [1, 2], 'F16')],
      ]),
      { format: 'pt' },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), fc.nat(3), (edits, cut) => {
        const bytes = good.slice(0, good.length - cut);
        for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
        try {
          const { tensors: read } = parseSafetensors(bytes, 'x');
          for (const { bytes: data } of read.values()) expect(data.length).toBeLessThanOrEqual(12);
        } catch (error) {
          expect(error).toBeInstanceOf(LoupeError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
