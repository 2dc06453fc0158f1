/**
 * What counting bytes alone predicts: interpolated Kneser-Ney models with three discounts ("modified", Chen and Goodman 1999)
 * that look at 0, 1, 2 or 4 bytes before. The longest context is counted as it is; a shorter one, on which it falls back, by
 * how many different bytes stood before it. Below them all: 256 bytes alike.
 *
 * The text is read once, as a stream, and only sequences of five bytes are counted then: all shorter counts follow from
 * these, since each document begins after four bytes 255, which no UTF-8 text holds. Memory follows the number of different
 * sequences, which grows much more slowly than the text, up to a limit.
 */
import { log } from '../math';
import { enlarged, GramTable } from './gramTable';

/** Bytes that a model looks at together: those before, and the one that it predicts. */
export const counterOrders = [1, 2, 3, 5] as const;
export type CounterOrder = (typeof counterOrders)[number];

const longest = 5;
/** Four bytes 255: what stands before a document. */
const beginning = 0xffffffff;

/** Reads a training text. */
export class ByteCounter {
  private readonly grams = new GramTable(1 << 16);
  private counts = new Uint32Array(1 << 16);
  private last = beginning;

  /** Beyond `limit` different sequences of five bytes (about 50 bytes of memory each), new ones are passed over. */
  constructor(private readonly limit = 1 << 22) {}

  /** A document begins: what comes does not follow on what came. */
  begin(): void {
    this.last = beginning;
  }

  /** The next bytes of the document. */
  add(bytes: ArrayLike<number>): void {
    const { grams, limit } = this;
    let { counts, last } = this;
    for (let i = 0; i < bytes.length; i++) {
      const first = last >>> 24;
      last = ((last << 8) | bytes[i]!) >>> 0;
      const place = grams.size < limit ? grams.add(first, last) : grams.find(first, last);
      if (place < 0) continue;
      if (place === counts.length) counts = enlarged(counts, 2 * place);
      counts[place]!++;
    }
    this.counts = counts;
    this.last = last;
  }

  /** The models of all orders, from what was read so far. */
  models(): ByteModels {
    return new ByteModels(this.grams, this.counts);
  }

  /** The same; `pause` is awaited between its parts, and may throw. */
  async modelsInSteps(pause: () => Promise<void>): Promise<ByteModels> {
    const models = new ByteModels(this.grams, this.counts, false);
    while (models.buildNext()) await pause();
    return models;
  }
}

/** The models of all orders over one training text. */
export class ByteModels {
  /** By length: the sequences of that length, from none to five bytes. */
  private readonly grams: GramTable[] = [];
  /** By length: how often a sequence was seen, for the model whose order that is. */
  private readonly seen: Level[] = [];
  /** By length: after how many different bytes it stood, for longer models to fall back on. */
  private readonly continued: Level[] = [];

  /** What the next, shorter length is built from. */
  private rest: { readonly length: number; readonly here: GramTable; readonly seen: Uint32Array; readonly continued: Uint32Array };

  /** `counts[place]`: how often each sequence of five bytes was seen. Unless `whole`, `buildNext` is called until it says no. */
  constructor(grams: GramTable, counts: Uint32Array, whole = true) {
    this.rest = { length: longest, here: grams, seen: counts, continued: new Uint32Array(0) };
    while (whole && this.buildNext());
  }

  /** One length more, from the longest down. False where there was none left. */
  buildNext(): boolean {
    const { length, here, seen, continued } = this.rest;
    this.grams[length] = here;
    if (length === 0) return false;
    const below = shorter(here, seen, length);
    const level = (count: Uint32Array) => new Level(here, below.contexts, count, below.grams.size);
    if (counterOrders.some((order) => order === length)) this.seen[length] = level(seen);
    if (length < longest) this.continued[length] = level(continued);
    this.rest = { length: length - 1, here: below.grams, seen: below.seen, continued: below.continued };
    return true;
  }

  /** Probability of `byte` after `context`: the four bytes before it, the latest lowest, 255 for those before the document. */
  probability(order: CounterOrder, context: number, byte: number): number {
    let probability = 1 / 256;
    for (let length = 1; length <= order; length++) {
      const place = this.grams[length - 1]!.find(0, lastBytes(context, length - 1));
      const level = (length === order ? this.seen : this.continued)[length]!;
      // A context that nothing followed says nothing.
      if (place < 0 || level.totals[place] === 0) continue;
      const first = length === longest ? context >>> 24 : 0;
      const count = level.count(first, lastBytes((context << 8) | byte, length));
      probability = (count - level.discount(count) + level.spared[place]! * probability) / level.totals[place]!;
    }
    return probability;
  }

  /** Bits that a model needs for a byte. */
  bitsOf(order: CounterOrder, context: number, byte: number): number {
    return -log(this.probability(order, context, byte)) / Math.LN2;
  }

  /** Bits that a model needs for a whole document. */
  bits(order: CounterOrder, document: ArrayLike<number>): number {
    let bits = 0;
    let context = beginning;
    for (let i = 0; i < document.length; i++) {
      bits += this.bitsOf(order, context, document[i]!);
      context = ((context << 8) | document[i]!) >>> 0;
    }
    return bits;
  }
}

/** The counts of one length, and by context what all that follows it adds up to. */
class Level {
  /** By place of the context: the sum of the counts. */
  readonly totals: Float64Array;
  /** By place of the context: the sum of what the discounts take, which is shared out by a shorter context. */
  readonly spared: Float64Array;
  private readonly discounts: readonly number[];

  constructor(
    private readonly grams: GramTable,
    contexts: Uint32Array,
    private readonly counts: Uint32Array,
    room: number,
  ) {
    this.discounts = discountsOf(counts.subarray(0, grams.size));
    this.totals = new Float64Array(room);
    this.spared = new Float64Array(room);
    for (let place = 0; place < grams.size; place++) {
      const context = contexts[place]!;
      this.totals[context]! += counts[place]!;
      this.spared[context]! += this.discount(counts[place]!);
    }
  }

  count(first: number, last: number): number {
    const place = this.grams.find(first, last);
    return place < 0 ? 0 : this.counts[place]!;
  }

  /** What is taken from a count. */
  discount(count: number): number {
    return this.discounts[Math.min(count, 3)]!;
  }
}

/** What is taken from counts of 0, 1, 2, and of 3 and more, by how many sequences have a count of 1, 2, 3 and 4. */
function discountsOf(counts: Uint32Array): readonly number[] {
  const having = [0, 0, 0, 0, 0];
  for (let place = 0; place < counts.length; place++) if (counts[place]! <= 4) having[counts[place]!]!++;
  const [, n1, n2, n3, n4] = having as [number, number, number, number, number];
  const y = n1 / (n1 + 2 * n2);
  const discounts = [0, y, 2 - (3 * y * n3) / n2, 3 - (4 * y * n4) / n3];
  // Of little text the formula may say anything: then halves, as KenLM falls back.
  const sound = discounts.every((discount, count) => count === 0 || (discount > 0 && discount <= count));
  return sound ? discounts : [0, 0.5, 1, 1.5];
}

/** The sequences of `length` symbols without their first one, how often they were seen, after how many different symbols; and where each one's context is among them. */
function shorter(grams: GramTable, seen: Uint32Array, length: number) {
  const below = new GramTable(grams.size >> 1);
  const places = new Uint32Array(grams.size);
  for (let place = 0; place < grams.size; place++) places[place] = below.add(0, lastBytes(grams.last[place]!, length - 1));
  const contexts = new Uint32Array(grams.size);
  // Some contexts are no sequence's end: what stands before a document.
  for (let place = 0; place < grams.size; place++) {
    contexts[place] = below.add(0, lastBytes((grams.first[place]! << 24) | (grams.last[place]! >>> 8), length - 1));
  }
  const counts = { seen: new Uint32Array(below.size), continued: new Uint32Array(below.size) };
  for (let place = 0; place < grams.size; place++) {
    if (seen[place] === 0) continue;
    counts.seen[places[place]!]! += seen[place]!;
    counts.continued[places[place]!]!++;
  }
  return { grams: below, contexts, ...counts };
}

/** The last `count` of four bytes. */
function lastBytes(bytes: number, count: number): number {
  return count >= 4 ? bytes >>> 0 : bytes & ((1 << (8 * count)) - 1);
}
