/**
 * Memory or invention: which runs of a text stand, to the letter, in the training text. The *written* text is small and the
 * training text large, so the index is over the small one: a suffix automaton of what was written (Blumer et al. 1985), through
 * which the training text streams once. Exact, linear in both, and nothing of the training text is kept in memory.
 */

/** A run of the written text that stands somewhere in the training text; maximal: not part of a longer one. */
export interface CopiedRun {
  /** UTF-8 offsets in what was written. */
  readonly byteStart: number;
  readonly byteEnd: number;
  /** Where it stands: index of the document in the order they were fed, and the UTF-8 offset of its first byte there. */
  readonly document: number;
  readonly offset: number;
}

/** Shorter runs are the language's, not the text's. */
export const COPIED_CHARACTERS = 30;

export class CopyFinder {
  /** Bytes that occur in what was written, numbered from 1; 0: does not occur. */
  private readonly classes = new Uint8Array(256);
  private readonly width: number;
  private readonly next: Int32Array; // [states, width]
  private readonly link: Int32Array;
  private readonly longest: Int32Array; // length of the longest string of a state
  private readonly prefix: Int32Array; // state of each prefix of what was written
  private states = 1;

  /** Longest match that ended in a state, and where. */
  private readonly matched: Int32Array;
  private readonly document: Int32Array;
  private readonly end: Float64Array;

  private state = 0;
  private length = 0;
  private documents = -1;
  private position = 0;

  /** @param written UTF-8. Memory: about 8 bytes x its length x the number of different bytes in it. */
  constructor(
    private readonly written: Uint8Array,
    private readonly minimum = COPIED_CHARACTERS,
  ) {
    let different = 0;
    for (const byte of written) if (this.classes[byte] === 0 && different < 255) this.classes[byte] = ++different;
    this.width = different + 1;
    const most = Math.max(1, 2 * written.length);
    this.next = new Int32Array(most * this.width);
    this.link = new Int32Array(most).fill(-1);
    this.longest = new Int32Array(most);
    this.prefix = new Int32Array(written.length);
    this.matched = new Int32Array(most);
    this.document = new Int32Array(most);
    this.end = new Float64Array(most);
    let last = 0;
    for (let at = 0; at < written.length; at++) {
      last = this.extend(last, this.classes[written[at]!]!);
      this.prefix[at] = last;
    }
  }

  /** The next bytes belong to a document of their own: no run goes across. */
  startDocument(): void {
    this.documents += 1;
    this.position = 0;
    this.state = 0;
    this.length = 0;
  }

  /** The next bytes of the document; they may be cut anywhere. */
  feed(bytes: Uint8Array): void {
    const { classes, width, next, link, longest, matched, minimum } = this;
    let { state, length } = this;
    for (let at = 0; at < bytes.length; at++) {
      const byte = classes[bytes[at]!]!;
      if (byte === 0) {
        state = 0;
        length = 0;
        continue;
      }
      let to = next[state * width + byte]!;
      while (to === 0 && state !== 0) {
        state = link[state]!;
        length = longest[state]!;
        to = next[state * width + byte]!;
      }
      if (to === 0) continue;
      state = to;
      length += 1;
      if (length >= minimum && length > matched[state]!) {
        matched[state] = length;
        this.document[state] = this.documents;
        this.end[state] = this.position + at + 1;
      }
    }
    this.state = state;
    this.length = length;
    this.position += bytes.length;
  }

  /** The maximal runs of at least `minimum` characters, by their start; they may overlap, where two sources do. White space alone is no run. */
  runs(): CopiedRun[] {
    this.spread();
    const runs: CopiedRun[] = [];
    let reach = -1; // start of the longest match that ended one byte before; -1: none
    for (let at = this.written.length - 1; at >= 0; at--) {
      let state = this.prefix[at]!;
      while (state > 0 && this.matched[state] === 0) state = this.link[state]!;
      if (state <= 0) continue;
      const start = at + 1 - this.matched[state]!;
      // A match that begins no earlier than one that ends later is part of it.
      if (reach >= 0 && start >= reach) continue;
      reach = start;
      const run = this.whole(start, at + 1, this.document[state]!, this.end[state]!);
      if (run) runs.push(run);
    }
    return runs.reverse();
  }

  /** What was matched in a state was matched in its suffixes too. */
  private spread(): void {
    const order = Array.from({ length: this.states }, (_, state) => state).sort((a, b) => this.longest[b]! - this.longest[a]!);
    for (const state of order) {
      const suffix = this.link[state]!;
      if (this.matched[state] === 0 || suffix <= 0 || this.longest[suffix]! < this.minimum) continue;
      if (this.matched[suffix]! >= this.longest[suffix]!) continue;
      this.matched[suffix] = this.longest[suffix]!;
      this.document[suffix] = this.document[state]!;
      this.end[suffix] = this.end[state]!;
    }
  }

  /** Cut to whole characters; null where that leaves too little, or nothing but white space. */
  private whole(from: number, to: number, document: number, end: number): CopiedRun | null {
    let byteStart = from;
    let byteEnd = to;
    while (byteStart < byteEnd && isContinuation(this.written[byteStart]!)) byteStart += 1;
    // A character that goes on after the end is not copied whole.
    if (byteEnd < this.written.length && isContinuation(this.written[byteEnd]!)) {
      do byteEnd -= 1;
      while (byteEnd > byteStart && isContinuation(this.written[byteEnd]!));
    }
    let characters = 0;
    let ink = false;
    for (let at = byteStart; at < byteEnd; at++) {
      const byte = this.written[at]!;
      if (!isContinuation(byte)) characters += 1;
      if (byte > 0x20) ink = true;
    }
    if (characters < this.minimum || !ink) return null;
    return { byteStart, byteEnd, document, offset: end - (to - byteStart) };
  }

  /** Adds one byte to the automaton (the usual online construction). Returns the state of the whole prefix. */
  private extend(last: number, byte: number): number {
    const { next, link, longest, width } = this;
    const state = this.states++;
    longest[state] = longest[last]! + 1;
    let from = last;
    while (from >= 0 && next[from * width + byte] === 0) {
      next[from * width + byte] = state;
      from = link[from]!;
    }
    if (from < 0) {
      link[state] = 0;
      return state;
    }
    const to = next[from * width + byte]!;
    if (longest[to] === longest[from]! + 1) {
      link[state] = to;
      return state;
    }
    const clone = this.states++;
    longest[clone] = longest[from]! + 1;
    next.copyWithin(clone * width, to * width, (to + 1) * width);
    link[clone] = link[to]!;
    while (from >= 0 && next[from * width + byte] === to) {
      next[from * width + byte] = clone;
      from = link[from]!;
    }
    link[to] = clone;
    link[state] = clone;
    return state;
  }
}

/** Share of the bytes that lie in some run. */
export function copiedShare(runs: readonly CopiedRun[], bytes: number): number {
  let covered = 0;
  let reached = 0;
  for (const { byteStart, byteEnd } of runs) {
    covered += Math.max(0, byteEnd - Math.max(byteStart, reached));
    reached = Math.max(reached, byteEnd);
  }
  return bytes === 0 ? 0 : covered / bytes;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
