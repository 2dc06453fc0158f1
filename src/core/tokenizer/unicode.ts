/**
 * What the tokenizer knows about characters: one byte per code point from tables pinned to the Unicode version of the
 * reference libraries, and reading code points out of UTF-8. Never `\p`, `\s` or the `i` flag of the running JavaScript,
 * whose Unicode moves with it.
 */
import { unicodeRuns } from './unicode.generated';

/** Low three bits of the table: how pre-tokenization patterns see a code point. */
export const CharClass = {
  other: 0,
  /** Lu, Lt */
  upper: 1,
  /** Ll */
  lower: 2,
  /** Lm, Lo */
  letter: 3,
  mark: 4,
  number: 5,
  /** White_Space but for the next */
  space: 6,
  /** CR, LF */
  newline: 7,
} as const;

/** High five bits of the table: Grapheme_Cluster_Break, refined for rules GB9c and GB11. */
export const Break = {
  other: 0,
  cr: 1,
  lf: 2,
  control: 3,
  /** Extend, and Extend in conjuncts (InCB) */
  extend: 4,
  zwj: 5,
  regionalIndicator: 6,
  prepend: 7,
  spacingMark: 8,
  l: 9,
  v: 10,
  t: 11,
  lv: 12,
  lvt: 13,
  pictographic: 14,
  consonant: 15,
  /** Extend, and the Linker of conjuncts */
  linker: 16,
  /** Extend, but not in conjuncts (zero width non-joiner) */
  extendOnly: 17,
} as const;

/** `table[codePoint]`: class in the low three bits, break in the high five. */
export const unicodeTable: Uint8Array = unpack(unicodeRuns);

function unpack(runs: string): Uint8Array {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const values = new Uint8Array(128);
  for (let i = 0; i < 64; i++) values[digits.charCodeAt(i)] = i;
  const table = new Uint8Array(0x110000);
  let at = 0;
  const number = () => {
    for (let result = 0, shift = 0; ; shift += 5) {
      const digit = values[runs.charCodeAt(at++)]!;
      result |= (digit & 31) << shift;
      if (digit < 32) return result;
    }
  };
  for (let codePoint = 0; codePoint < table.length; ) {
    const value = number();
    const length = number();
    table.fill(value, codePoint, codePoint + length);
    codePoint += length;
  }
  return table;
}

/**
 * The code point at `at` and its length in bytes, as `codePoint << 3 | length`. A byte that is not part of valid UTF-8
 * counts alone, as U+FFFD: so any bytes can be walked, and valid ones are walked as the text they are.
 */
export function readUtf8(bytes: Uint8Array, at: number, end: number): number {
  const b0 = bytes[at]!;
  if (b0 < 0x80) return (b0 << 3) | 1;
  if (b0 >= 0xc2 && at + 1 < end) {
    const b1 = bytes[at + 1]! ^ 0x80;
    if (b1 < 0x40) {
      if (b0 < 0xe0) return ((((b0 & 0x1f) << 6) | b1) << 3) | 2;
      if (at + 2 < end) {
        const b2 = bytes[at + 2]! ^ 0x80;
        if (b2 < 0x40) {
          if (b0 < 0xf0) {
            const codePoint = ((b0 & 0x0f) << 12) | (b1 << 6) | b2;
            // Neither overlong nor a surrogate.
            if (codePoint >= 0x800 && codePoint >>> 11 !== 0x1b) return (codePoint << 3) | 3;
          } else if (b0 < 0xf5 && at + 3 < end) {
            const b3 = bytes[at + 3]! ^ 0x80;
            const codePoint = ((b0 & 0x07) << 18) | (b1 << 12) | (b2 << 6) | b3;
            if (b3 < 0x40 && codePoint >= 0x10000 && codePoint < 0x110000) return (codePoint << 3) | 4;
          }
        }
      }
    }
  }
  return (0xfffd << 3) | 1;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const strictDecoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** UTF-8 of a text; a lone surrogate becomes U+FFFD. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Text of UTF-8; what is not valid becomes U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Text of UTF-8, or null where it is not valid. */
export function validTextOf(bytes: Uint8Array): string | null {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return null;
  }
}
