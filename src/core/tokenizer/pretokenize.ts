/**
 * Cutting text into words before BPE: the published patterns of GPT-2, GPT-4, GPT-4o, Llama 3, Qwen 2 and SmolLM as scanners
 * over UTF-8, so that no string is made per word and any bytes can be scanned. No merges here.
 */
import type { PatternName } from './types';
import { Break, CharClass, readUtf8, unicodeTable } from './unicode';

/** Patterns that Loupe knows: those it trains with, and those it meets in other models' files. */
export type KnownPattern = PatternName | 'qwen2' | 'smolLm';

/** End of the word that begins at `at`, looking no further than `end`; always more than `at`. */
export type Scanner = (bytes: Uint8Array, at: number, end: number) => number;

/** The expressions as they are written into `tokenizer.json`; '' is none. They mean the same in Oniguruma, Rust and JavaScript. */
export const patternSource: Readonly<Record<KnownPattern, string>> = {
  llama3:
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  qwen2: "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  gpt2: "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
  // SmolLM cuts out digits one by one and then applies GPT-2's: white space before a digit is at an end.
  smolLm: "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+|\\s+(?=\\p{N})|\\s+(?!\\S)|\\s+",
  // `(?![\s\S])` is the end of the text: `$` is also the end of a line in Oniguruma.
  cl100k:
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s+(?![\\s\\S])|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+",
  o200k: [
    "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    '\\p{N}{1,3}',
    ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*',
    '\\s*[\\r\\n]+',
    '\\s+(?!\\S)',
    '\\s+',
  ].join('|'),
  none: '',
};

/** The pattern an expression of a `tokenizer.json` stands for, if it is one we know. */
export function patternOf(source: string): KnownPattern | undefined {
  return (Object.keys(patternSource) as KnownPattern[]).find((name) => name !== 'none' && patternSource[name] === source);
}

const { other, upper, lower, letter, mark, number, space, newline } = CharClass;
const bit = (...classes: number[]) => classes.reduce((mask, one) => mask | (1 << one), 0);
const LETTERS = bit(upper, lower, letter);
const NUMBERS = bit(number);
const SYMBOLS = bit(other, mark);
const SPACES = bit(space, newline);
const HEAD = bit(upper, letter, mark);
const TAIL = bit(lower, letter, mark);
const BOTH = HEAD & TAIL;

const APOSTROPHE = 0x27;
const BLANK = 0x20;
const CR = 0x0d;
const LF = 0x0a;
const SLASH = 0x2f;

/** Class of the character at `at` and its length in bytes, as `length << 3 | class`. */
function look(bytes: Uint8Array, at: number, end: number): number {
  const byte = bytes[at]!;
  if (byte < 0x80) return 8 | (unicodeTable[byte]! & 7);
  const read = readUtf8(bytes, at, end);
  return ((read & 7) << 3) | (unicodeTable[read >> 3]! & 7);
}

function isIn(classes: number, bytes: Uint8Array, at: number, end: number): boolean {
  return at < end && ((classes >> (look(bytes, at, end) & 7)) & 1) === 1;
}

/** End of the run of characters of these classes that begins at `at` (maybe empty). */
function run(classes: number, bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end) {
    const seen = look(bytes, at, end);
    if (((classes >> (seen & 7)) & 1) === 0) break;
    at += seen >> 3;
  }
  return at;
}

/** Length of `s|t|re|ve|m|ll|d` at `at` (after the apostrophe), 0 where there is none. Case folding knows one more s: U+017F. */
function contraction(bytes: Uint8Array, at: number, end: number, anyCase: boolean): number {
  if (at >= end) return 0;
  const first = bytes[at]!;
  if (anyCase && first === 0xc5 && at + 1 < end && bytes[at + 1] === 0xbf) return 2;
  const fold = anyCase ? 0x20 : 0;
  switch (first | fold) {
    case 0x73: // s
    case 0x74: // t
    case 0x6d: // m
    case 0x64: // d
      return 1;
    case 0x72: // re
    case 0x76: // ve
      return at + 1 < end && (bytes[at + 1]! | fold) === 0x65 ? 2 : 0;
    case 0x6c: // ll
      return at + 1 < end && (bytes[at + 1]! | fold) === 0x6c ? 2 : 0;
    default:
      return 0;
  }
}

function upTo(count: number, bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  for (let i = 0; i < count && at < end; i++) {
    const seen = look(bytes, at, end);
    if ((seen & 7) !== number) break;
    at += seen >> 3;
  }
  return at;
}

/** ` ?[^\s\p{L}\p{N}]+` then line ends (and slashes): the end, or `from` where it does not match. */
function symbols(bytes: Uint8Array, from: number, end: number, lineEnds: boolean, slashes: boolean): number {
  const start = bytes[from] === BLANK ? from + 1 : from;
  let at = run(SYMBOLS, bytes, start, end);
  if (at === start) return from;
  while (at < end) {
    const byte = bytes[at]!;
    if (!(lineEnds && (byte === CR || byte === LF)) && !(slashes && byte === SLASH)) break;
    at++;
  }
  return at;
}

/** `\s*[\r\n]+|\s+(?!\S)|\s+` (the first only with `lineEnds`; `wholeTail` puts `\s+$` before it). `from` is white space. */
function whiteSpace(bytes: Uint8Array, from: number, end: number, lineEnds: boolean, wholeTail: boolean): number {
  let at = from;
  let last = from;
  let afterLine = from;
  while (at < end) {
    const seen = look(bytes, at, end);
    if (((SPACES >> (seen & 7)) & 1) === 0) break;
    last = at;
    at += seen >> 3;
    if ((seen & 7) === newline) afterLine = at;
  }
  if (wholeTail && at === end) return at;
  if (lineEnds && afterLine > from) return afterLine;
  return at === end || last === from ? at : last;
}

function gptFourLike(digits: number, wholeTail: boolean): Scanner {
  return (bytes, at, end) => {
    if (bytes[at] === APOSTROPHE) {
      const length = contraction(bytes, at + 1, end, true);
      if (length > 0) return at + 1 + length;
    }
    const seen = look(bytes, at, end);
    const kind = seen & 7;
    const next = at + (seen >> 3);
    if ((LETTERS >> kind) & 1) return run(LETTERS, bytes, next, end);
    if (kind === number) return upTo(digits, bytes, at, end);
    if (kind !== newline && isIn(LETTERS, bytes, next, end)) return run(LETTERS, bytes, next, end);
    const afterSymbols = symbols(bytes, at, end, true, false);
    return afterSymbols > at ? afterSymbols : whiteSpace(bytes, at, end, true, wholeTail);
  };
}

function gptTwoLike(digitsApart: boolean): Scanner {
  return (bytes, at, end) => {
    if (bytes[at] === APOSTROPHE) {
      const length = contraction(bytes, at + 1, end, false);
      if (length > 0) return at + 1 + length;
    }
    const start = bytes[at] === BLANK ? at + 1 : at;
    if (start < end) {
      const kind = look(bytes, start, end) & 7;
      if ((LETTERS >> kind) & 1) return run(LETTERS, bytes, start, end);
      if ((SYMBOLS >> kind) & 1) return run(SYMBOLS, bytes, start, end);
      if (kind === number && !digitsApart) return run(NUMBERS, bytes, start, end);
      if (kind === number) return start > at ? start : upTo(1, bytes, at, end);
    }
    if (digitsApart) {
      const afterSpaces = run(SPACES, bytes, at, end);
      if (isIn(NUMBERS, bytes, afterSpaces, end)) return afterSpaces;
    }
    return whiteSpace(bytes, at, end, false, false);
  };
}

/** `[HEAD]*[TAIL]+`, else with `[HEAD]+[TAIL]*` where asked: the end, or `from` where neither matches. */
function casedWord(bytes: Uint8Array, from: number, end: number, headAlone: boolean): number {
  let at = from;
  // End of the last character that could also close the word, where the expression would step back to.
  let lastBoth = from;
  while (at < end) {
    const seen = look(bytes, at, end);
    if (((HEAD >> (seen & 7)) & 1) === 0) break;
    at += seen >> 3;
    if ((BOTH >> (seen & 7)) & 1) lastBoth = at;
  }
  const tail = run(TAIL, bytes, at, end);
  if (tail > at) return tail;
  return lastBoth > from ? lastBoth : headAlone ? at : from;
}

function o200k(bytes: Uint8Array, at: number, end: number): number {
  const seen = look(bytes, at, end);
  const kind = seen & 7;
  if (kind === number) return upTo(3, bytes, at, end);
  const next = at + (seen >> 3);
  let word = at;
  if ((LETTERS >> kind) & 1) {
    word = casedWord(bytes, at, end, true);
  } else if (kind === mark) {
    // A mark may be the symbol before the word or its first letter; both are tried, with a tail first.
    const after = casedWord(bytes, next, end, false);
    word = after > next ? after : casedWord(bytes, at, end, true);
  } else if (kind !== newline) {
    const after = casedWord(bytes, next, end, true);
    if (after > next) word = after;
  }
  if (word > at) {
    const length = bytes[word] === APOSTROPHE && word < end ? contraction(bytes, word + 1, end, true) : 0;
    return length > 0 ? word + 1 + length : word;
  }
  const afterSymbols = symbols(bytes, at, end, true, true);
  return afterSymbols > at ? afterSymbols : whiteSpace(bytes, at, end, true, false);
}

export const scanners: Readonly<Record<KnownPattern, Scanner>> = {
  llama3: gptFourLike(3, false),
  qwen2: gptFourLike(1, false),
  cl100k: gptFourLike(3, true),
  gpt2: gptTwoLike(false),
  smolLm: gptTwoLike(true),
  o200k,
  none: (_bytes, _at, end) => end,
};

/**
 * Whether every pattern but `none` ends a word between these two characters (code points) whatever surrounds them, so
 * that a text cut there gives the same words on both sides, and no grapheme is cut either. True in ordinary text every
 * few characters: this is what makes documents incremental.
 */
export function isSafeCut(before: number, after: number): boolean {
  const previous = unicodeTable[before]!;
  if (previous >> 3 === Break.prepend) return false;
  const following = unicodeTable[after]!;
  switch (following >> 3) {
    case Break.extend:
    case Break.extendOnly:
    case Break.linker:
    case Break.zwj:
    case Break.spacingMark:
      return false;
  }
  const next = following & 7;
  switch (previous & 7) {
    case upper:
    case lower:
    case letter:
      // An apostrophe may begin a contraction that belongs to the word.
      return next >= number || (next === other && after !== APOSTROPHE);
    case number:
      return next !== number;
    case other:
    case mark:
      // Not before a line end, which symbols take along.
      return next === space;
    default:
      return false;
  }
}
