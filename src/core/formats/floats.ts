/**
 * The two 16-bit floats of model files, to and from float32, exactly: half (1-5-10 bits, IEEE 754 binary16) and bfloat16
 * (1-8-7, the upper half of a float32). Widening is exact, NaN payloads included; narrowing rounds to nearest, ties to
 * even, keeps subnormals, overflows to infinity and keeps NaN a (quiet) NaN. Works on bits, because passing a NaN
 * through a JavaScript number may change it.
 */

/** Half bits -> float32 bits. */
export function halfToFloatBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f800000 | (mantissa << 13)) >>> 0;
  if (exponent !== 0) return (sign | ((exponent + 112) << 23) | (mantissa << 13)) >>> 0;
  if (mantissa === 0) return sign >>> 0;
  // Subnormal, mantissa * 2^-24: a normal float32 once its leading 1 is shifted into the hidden bit.
  const shift = Math.clz32(mantissa) - 21;
  return (sign | ((113 - shift) << 23) | (((mantissa << shift) & 0x3ff) << 13)) >>> 0;
}

/** Float32 bits -> half bits. */
export function floatToHalfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00 | ((magnitude >>> 13) & 0x1ff);
  // 65520 = 0x477ff000 is the first value that rounds to infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  // 2^-14 = 0x38800000 is the smallest normal half. Adding just under a half unit (a full half when odd) rounds to even;
  // a carry out of the mantissa raises the exponent, as it should.
  if (magnitude >= 0x38800000) return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  // 2^-25 = 0x33000000 is half of the smallest subnormal: it ties to zero.
  if (magnitude <= 0x33000000) return sign;
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const shift = 126 - (magnitude >>> 23);
  return sign | ((mantissa + (1 << (shift - 1)) - 1 + ((mantissa >>> shift) & 1)) >>> shift);
}

/** Float32 bits -> bfloat16 bits. */
export function floatToBfloatBits(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
  // Unsigned: the largest negative numbers would overflow a signed sum.
  return (((bits >>> 0) + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** Half bits of many values -> float32. */
export function halfToFloat(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halfToFloatBits(halves[i]!);
  return new Float32Array(bits.buffer);
}

/** Bfloat16 bits of many values -> float32. */
export function bfloatToFloat(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
  return new Float32Array(bits.buffer);
}

export function floatToHalf(values: Float32Array): Uint16Array<ArrayBuffer> {
  return narrow(values, floatToHalfBits);
}

export function floatToBfloat(values: Float32Array): Uint16Array<ArrayBuffer> {
  return narrow(values, floatToBfloatBits);
}

function narrow(values: Float32Array, convert: (bits: number) => number): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = convert(bits[i]!);
  return out;
}
