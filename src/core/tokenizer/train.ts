/**
 * Learning a byte-level BPE vocabulary (Sennrich et al. 2016, over bytes): merge the most frequent pair of neighbours,
 * again and again. The corpus becomes its distinct words with their frequencies, and a merge touches only the places
 * where its pair is: never a rescan. A pair counts at every adjacent position (`aaaa` counts 3 for (a, a), as in
 * minbpe); ties go to the smallest left id, then the smallest right id.
 */
import { LoupeError } from '../errors';
import { Pairs } from './pairs';
import type { PatternName } from './types';
import { utf8 } from './unicode';
import { firstByte, firstMerge, ownSpecial, type Vocabulary, vocabularyFromMerges } from './vocabulary';
import { WordCounts } from './wordCounts';

export interface TokenizerTrainingProgress {
  /** UTF-8 bytes read so far. */
  readonly bytes: number;
  readonly merges: number;
  /** Merges that are wanted. */
  readonly of: number;
}

export interface TrainedTokenizer {
  readonly vocabulary: Vocabulary;
  /** UTF-8 bytes and words (occurrences) that were read. */
  readonly bytes: number;
  readonly words: number;
  readonly distinctWords: number;
  /** No pair occurred twice any more: the vocabulary is smaller than was asked for. */
  readonly stoppedEarly: boolean;
  /** Mean bytes per token of the training text under this tokenizer. */
  readonly bytesPerToken: number;
}

export interface TokenizerTrainingOptions {
  /** Size of the whole vocabulary: 4 special tokens, 256 bytes, merges. */
  readonly vocabSize: number;
  readonly pattern: PatternName;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TokenizerTrainingProgress) => void;
}

/**
 * Learns a vocabulary from texts (bytes or strings; words never span two of them). Gives way to the event loop every
 * few milliseconds, so that `signal` can abort it; throws the signal's reason then, and `tokenizer.tooSmall`.
 */
export async function trainTokenizer(
  texts: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
  options: TokenizerTrainingOptions,
): Promise<TrainedTokenizer> {
  const { vocabSize, pattern, signal, onProgress } = options;
  if (!Number.isInteger(vocabSize) || vocabSize < firstMerge) {
    throw new LoupeError('tokenizer.tooSmall', { minimum: firstMerge, given: vocabSize });
  }
  signal?.throwIfAborted();
  const wanted = vocabSize - firstMerge;
  const words = new WordCounts(pattern);
  const breathe = breather(signal);

  for await (const text of texts) {
    for (const _ of words.add(text)) await breathe(() => onProgress?.({ bytes: words.totalBytes, merges: 0, of: wanted }));
    await breathe(() => onProgress?.({ bytes: words.totalBytes, merges: 0, of: wanted }));
  }

  const learning = learnMerges(words, wanted);
  for (;;) {
    const step = learning.next();
    if (step.done) {
      const { left, right, tokens } = step.value;
      onProgress?.({ bytes: words.totalBytes, merges: left.length, of: wanted });
      return {
        vocabulary: vocabularyFromMerges(left, right, pattern),
        bytes: words.totalBytes,
        words: words.totalWords,
        distinctWords: words.size,
        stoppedEarly: left.length < wanted,
        bytesPerToken: tokens === 0 ? 0 : words.totalBytes / tokens,
      };
    }
    const merges = step.value;
    await breathe(() => onProgress?.({ bytes: words.totalBytes, merges, of: wanted }));
  }
}

/** Lets other work in, and an abort through, when some 20 ms have passed since the last time. */
function breather(signal: AbortSignal | undefined): (report: () => void) => Promise<void> | undefined {
  let last = performance.now();
  return (report) => {
    if (performance.now() - last < 20) return undefined;
    report();
    return new Promise<void>((resolve) => setTimeout(resolve, 0)).then(() => {
      signal?.throwIfAborted();
      last = performance.now();
    });
  };
}

interface Learnt {
  readonly left: Uint32Array;
  readonly right: Uint32Array;
  /** Tokens of the corpus in the end. */
  readonly tokens: number;
}

/** Between words in the symbols; not the id of anything that merges. */
const SEPARATOR = 0;
/** Bytes of `<pad>` and its like. */
const specialLength = 5;

/**
 * The words lie in one array of symbols with a separator around each. A symbol of n bytes starts where its bytes start
 * and fills n places: the first holds its id, the last one `~first` (when n > 1), those between a negative number. So
 * the neighbours on both sides are found without links, and a place is the start of a symbol exactly if it is >= 0.
 * Yields the number of merges from time to time.
 */
function* learnMerges(words: WordCounts, wanted: number): Generator<number, Learnt> {
  const total = words.size === 0 ? 0 : words.ends[words.size - 1]!;
  const symbols = new Int32Array(total + words.size + 1);
  const frequency = new Float64Array(words.size);
  const wordOf = new Int32Array(symbols.length);
  let tokens = 0;
  for (let word = 0, from = 0, at = 1; word < words.size; word++) {
    frequency[word] = words.counts[word]!;
    const end = words.ends[word]!;
    tokens += (end - from) * words.counts[word]!;
    for (; from < end; from++, at++) {
      symbols[at] = firstByte + words.bytes[from]!;
      wordOf[at] = word;
    }
    at++;
  }
  /** Bytes of each symbol; the separator fills one place. */
  const lengths = new Uint32Array(firstMerge + wanted).fill(1, 0, firstMerge);
  const pairs = countBytePairs(symbols, wordOf, frequency);

  const forbidden = ownSpecial.map((token) => utf8(token.text).join());
  const spell = (id: number): number[] =>
    id < firstMerge ? [id - firstByte] : [...spell(left[id - firstMerge]!), ...spell(right[id - firstMerge]!)];
  const left = new Uint32Array(wanted);
  const right = new Uint32Array(wanted);
  const before = new Neighbours(firstMerge + wanted);
  const after = new Neighbours(firstMerge + wanted);
  let merged = new Int32Array(1024);

  let merges = 0;
  while (merges < wanted) {
    const pair = pairs.best();
    if (pair < 0) break;
    const a = pairs.left[pair]!;
    const b = pairs.right[pair]!;
    const length = lengths[a]! + lengths[b]!;
    // An entry that spells a special token would be confused with it in files that name entries by their text.
    if (length === specialLength && forbidden.includes([...spell(a), ...spell(b)].join())) continue;
    const id = firstMerge + merges;
    left[merges] = a;
    right[merges] = b;
    lengths[id] = length;
    merges++;

    // First the merges, left to right, with what the neighbours lose.
    const places = pairs.places(pair);
    if (merged.length < places.length) merged = new Int32Array(places.length * 2);
    let count = 0;
    for (let i = 0; i < places.length; i++) {
      const place = places[i]!;
      const second = place + lengths[a]!;
      if (symbols[place] !== a || symbols[second] !== b) continue;
      const weight = frequency[wordOf[place]!]!;
      const ending = symbols[place - 1]!;
      const previous = ending < 0 ? symbols[~ending]! : ending;
      // A neighbour merged just now has already taken this pair away.
      if (previous !== id && previous !== SEPARATOR) before.count(previous, weight);
      const following = symbols[place + length]!;
      if (following !== SEPARATOR) after.count(following, weight);
      symbols[second] = -1;
      symbols[place] = id;
      symbols[place + length - 1] = ~place;
      tokens -= weight;
      merged[count++] = place;
    }
    for (const previous of before.touched()) pairs.counts[pairs.find(previous, a)]! -= before.weights[previous]!;
    for (const following of after.touched()) pairs.counts[pairs.find(b, following)]! -= after.weights[following]!;
    before.clear();
    after.clear();
    pairs.counts[pair] = 0;

    // Then the new pairs, now that all neighbours are final: how many and where.
    for (let i = 0; i < count; i++) {
      const place = merged[i]!;
      const weight = frequency[wordOf[place]!]!;
      const ending = symbols[place - 1]!;
      const previous = ending < 0 ? symbols[~ending]! : ending;
      if (previous !== id && previous !== SEPARATOR) before.count(previous, weight);
      const following = symbols[place + length]!;
      if (following !== SEPARATOR) after.count(following, weight);
    }
    const firstNew = pairs.size;
    for (const previous of before.touched()) {
      before.pairs[previous] = pairs.add(previous, id, before.weights[previous]!, before.times[previous]!);
    }
    for (const following of after.touched()) {
      after.pairs[following] = pairs.add(id, following, after.weights[following]!, after.times[following]!);
    }
    for (let i = 0; i < count; i++) {
      const place = merged[i]!;
      const ending = symbols[place - 1]!;
      const start = ending < 0 ? ~ending : place - 1;
      const previous = symbols[start]!;
      if (previous !== id && previous !== SEPARATOR) pairs.put(before.pairs[previous]!, start);
      const following = symbols[place + length]!;
      if (following !== SEPARATOR) pairs.put(after.pairs[following]!, place);
    }
    before.clear();
    after.clear();
    for (let fresh = firstNew; fresh < pairs.size; fresh++) pairs.enter(fresh);
    yield merges;
  }
  return { left: left.slice(0, merges), right: right.slice(0, merges), tokens };
}

/** All pairs of bytes in the words, with their counts and places, entered for the choice. */
function countBytePairs(symbols: Int32Array, wordOf: Int32Array, frequency: Float64Array): Pairs {
  const weights = new Float64Array(1 << 16);
  const times = new Uint32Array(1 << 16);
  const key = (at: number) => ((symbols[at]! - firstByte) << 8) | (symbols[at + 1]! - firstByte);
  const isPair = (at: number) => symbols[at] !== SEPARATOR && symbols[at + 1] !== SEPARATOR;
  for (let at = 1; at + 1 < symbols.length; at++) {
    if (!isPair(at)) continue;
    weights[key(at)]! += frequency[wordOf[at]!]!;
    times[key(at)]!++;
  }
  const pairs = new Pairs(symbols.length);
  const index = new Int32Array(1 << 16);
  for (let i = 0; i < weights.length; i++) {
    if (times[i]! > 0) index[i] = pairs.add(firstByte + (i >> 8), firstByte + (i & 255), weights[i]!, times[i]!);
  }
  for (let at = 1; at + 1 < symbols.length; at++) if (isPair(at)) pairs.put(index[key(at)]!, at);
  for (let pair = 0; pair < pairs.size; pair++) pairs.enter(pair);
  return pairs;
}

/** Sums over the neighbours met in one merge, by symbol. */
class Neighbours {
  readonly weights: Float64Array;
  readonly times: Uint32Array;
  readonly pairs: Int32Array;
  private readonly met: Int32Array;
  private size = 0;

  constructor(symbols: number) {
    this.weights = new Float64Array(symbols);
    this.times = new Uint32Array(symbols);
    this.pairs = new Int32Array(symbols);
    this.met = new Int32Array(symbols);
  }

  count(symbol: number, weight: number): void {
    if (this.times[symbol]!++ === 0) this.met[this.size++] = symbol;
    this.weights[symbol]! += weight;
  }

  touched(): Int32Array {
    return this.met.subarray(0, this.size);
  }

  clear(): void {
    for (const symbol of this.touched()) {
      this.weights[symbol] = 0;
      this.times[symbol] = 0;
    }
    this.size = 0;
  }
}
