/**
 * Tokens of any range of an edited document, equal to those of the whole document, at the cost of the range: the text is
 * cut at safe places on both sides of it (see `isSafeCut`) and only what lies between is encoded. Where safe places are
 * far apart (a word of a megabyte, a tokenizer whose words we do not know) what was encoded is kept until an edit touches it.
 */
import { DocumentText, type TextChange } from './documentText';
import type { EncodedText, Tokenizer } from './types';

/** Stretches at least this long (UTF-16 units) are kept. */
const KEPT_LENGTH = 1 << 15;
const KEPT_COUNT = 8;

interface Stretch {
  start: number;
  end: number;
  readonly tokens: EncodedText;
}

export class DocumentTokens {
  private readonly text: DocumentText;
  private readonly kept = new Map<Tokenizer, Stretch[]>();

  constructor(text: string) {
    this.text = new DocumentText(text);
  }

  get length(): number {
    return this.text.length;
  }

  /** All of the text. */
  get whole(): string {
    return this.text.slice(0, this.length);
  }

  /** Applies changes one after the other, as VS Code reports them. */
  edit(changes: readonly TextChange[]): void {
    for (const change of changes) {
      this.text.edit([change]);
      const shift = change.text.length - change.length;
      for (const [tokenizer, stretches] of this.kept) {
        // Two units of distance: whether a stretch may begin where it does depends on the character before it.
        const still = stretches.filter(({ start, end }) => change.offset + change.length <= start - 2 || change.offset >= end + 2);
        for (const stretch of still) {
          if (stretch.start <= change.offset) continue;
          stretch.start += shift;
          stretch.end += shift;
        }
        if (still.length > 0) this.kept.set(tokenizer, still);
        else this.kept.delete(tokenizer);
      }
    }
  }

  /**
   * The tokens that overlap `start .. end` (UTF-16; for an empty range, those around it), with offsets in the whole
   * document. They equal `tokenizer.encodeSpans` of the whole text, restricted to the range.
   */
  tokens(tokenizer: Tokenizer, start: number, end: number): EncodedText {
    const from = Math.min(Math.max(0, start), this.length);
    const to = Math.min(Math.max(from, end), this.length);
    const stretch = this.keptStretch(tokenizer, from, to) ?? this.encode(tokenizer, from, to);
    const { tokens } = stretch;
    const first = firstIndex(tokens.end, from - stretch.start, true);
    const last = Math.max(first, firstIndex(tokens.start, Math.max(to, from + 1) - stretch.start, false));
    const byteBase = this.text.byteOffset(stretch.start);
    const moved = (column: Uint32Array, by: number) => column.slice(first, last).map((value) => value + by);
    return {
      ids: tokens.ids.slice(first, last),
      start: moved(tokens.start, stretch.start),
      end: moved(tokens.end, stretch.start),
      byteStart: moved(tokens.byteStart, byteBase),
      byteEnd: moved(tokens.byteEnd, byteBase),
      fragment: tokens.fragment.slice(first, last),
    };
  }

  private keptStretch(tokenizer: Tokenizer, start: number, end: number): Stretch | undefined {
    return this.kept.get(tokenizer)?.find((stretch) => stretch.start <= start && end <= stretch.end && start < stretch.end);
  }

  private encode(tokenizer: Tokenizer, from: number, to: number): Stretch {
    const { text } = this;
    let start = 0;
    let end = text.length;
    if (tokenizer.isSafeCut !== undefined) {
      for (start = from; start > 0 && !this.isSafe(tokenizer, start); start--);
      for (end = Math.min(to + 1, end); end < text.length && !this.isSafe(tokenizer, end); end++);
    }
    const stretch = { start, end, tokens: tokenizer.encodeSpans(text.slice(start, end)) };
    if (end - start >= KEPT_LENGTH || tokenizer.isSafeCut === undefined) {
      const stretches = (this.kept.get(tokenizer) ?? []).filter((other) => other.end <= start || other.start >= end);
      this.kept.set(tokenizer, [...stretches, stretch].slice(-KEPT_COUNT));
    }
    return stretch;
  }

  private isSafe(tokenizer: Tokenizer, offset: number): boolean {
    const { text } = this;
    if (offset >= text.length || text.isInsidePair(offset)) return false;
    const before = text.codePointAt(text.isInsidePair(offset - 1) ? offset - 2 : offset - 1);
    return tokenizer.isSafeCut!(before, text.codePointAt(offset));
  }
}

/** Index of the first value that is more than `limit` (or at least it, where not `beyond`) in an ascending column. */
function firstIndex(column: Uint32Array, limit: number, beyond: boolean): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (beyond ? column[middle]! > limit : column[middle]! >= limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
