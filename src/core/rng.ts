import { cos, log, sin } from './math';

/**
 * Random numbers that are the same everywhere: Threefry-2x32, 20 rounds (Salmon et al., "Parallel Random Numbers: As
 * Easy as 1, 2, 3", 2011). Counter-based: the number at an index is a pure function of (key, index), so there is no
 * state to save and nothing depends on the order in which numbers are asked for. Not for cryptography.
 */
export class Rng {
  private constructor(
    private readonly k0: number,
    private readonly k1: number,
  ) {}

  /** A generator for a seed: any finite integer up to 2^53. */
  static from(seed: number): Rng {
    return new Rng(seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0);
  }

  /** An independent generator named by a label: `rng.split('dropout').split(step)`. */
  split(label: string | number): Rng {
    const [low, high] = typeof label === 'number' ? [label >>> 0, (Math.floor(label / 2 ** 32) ^ 0x40000000) >>> 0] : hash(label);
    const out = threefry(this.k0, this.k1, low, (high | 0x80000000) >>> 0);
    return new Rng(out[0], out[1]);
  }

  /** What the numbers follow from, with the index: for kernels that make the same ones. */
  get key(): readonly [number, number] {
    return [this.k0, this.k1];
  }

  /** 32 random bits at an index (0 <= index < 2^32). */
  uint32(index: number): number {
    return threefry(this.k0, this.k1, index >>> 1, 0)[index & 1] as number;
  }

  /** Uniform in [0, 1), 24 bits: exact as a float32. */
  uniform(index: number): number {
    return (this.uint32(index) >>> 8) / 2 ** 24;
  }

  /** Uniform integer in [0, bound), `bound` up to 2^32; the bias of the multiplication is under bound / 2^53. */
  below(index: number, bound: number): number {
    const [high, low] = threefry(this.k0, this.k1, index >>> 0, 1);
    return Math.floor(((high * 2 ** 21 + (low >>> 11)) / 2 ** 53) * bound);
  }

  /** Fills with uniforms: `out[i] = uniform(i)`. */
  fillUniform(out: Float32Array): Float32Array {
    for (let i = 0; i < out.length; i += 2) {
      const pair = threefry(this.k0, this.k1, i >>> 1, 0);
      out[i] = (pair[0] >>> 8) / 2 ** 24;
      if (i + 1 < out.length) out[i + 1] = (pair[1] >>> 8) / 2 ** 24;
    }
    return out;
  }

  /** Fills with normals of mean 0 (Box-Muller). */
  fillNormal(out: Float32Array, standardDeviation: number): Float32Array {
    for (let i = 0; i < out.length; i += 2) {
      const pair = threefry(this.k0, this.k1, i >>> 1, 2);
      const radius = standardDeviation * Math.sqrt(-2 * log((pair[0] + 1) / 2 ** 32));
      const angle = (2 * Math.PI * pair[1]) / 2 ** 32;
      out[i] = radius * cos(angle);
      if (i + 1 < out.length) out[i + 1] = radius * sin(angle);
    }
    return out;
  }
}

const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** The block function: two words of key, two of counter, two out. */
export function threefry(k0: number, k1: number, c0: number, c1: number): [number, number] {
  const k2 = 0x1bd11bda ^ k0 ^ k1;
  const keys = [k0, k1, k2] as const;
  let x0 = (c0 + k0) | 0;
  let x1 = (c1 + k1) | 0;
  for (let group = 0; group < 5; group++) {
    const first = (group & 1) * 4;
    for (let round = first; round < first + 4; round++) {
      const r = rotations[round] as number;
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << r) | (x1 >>> (32 - r))) ^ x0;
    }
    x0 = (x0 + (keys[(group + 1) % 3] as number)) | 0;
    x1 = (x1 + (keys[(group + 2) % 3] as number) + group + 1) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
}

/** 62 bits of a label: two FNV-1a hashes with different starts. */
function hash(label: string): [number, number] {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let i = 0; i < label.length; i++) {
    a = Math.imul(a ^ label.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ label.charCodeAt(i), 0x01000193);
  }
  return [a >>> 0, (b >>> 0) & 0x3fffffff];
}
