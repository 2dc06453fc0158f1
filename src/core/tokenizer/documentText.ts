/**
 * A long text that is edited often: pieces of some thousand UTF-16 units with their UTF-8 lengths, so that an edit costs
 * one piece and an offset is found without walking the text. Knows nothing of tokens.
 */

/** Replaces `length` UTF-16 units at `offset` by `text`. */
export interface TextChange {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

const PIECE = 8192;

const isHigh = (unit: number) => unit >= 0xd800 && unit < 0xdc00;
const isLow = (unit: number) => unit >= 0xdc00 && unit < 0xe000;

export class DocumentText {
  /** Never empty strings, and a surrogate pair is never split between two. */
  private pieces: string[];
  private bytes: (number | undefined)[];
  /** Offsets of the pieces, with the length at the end; the first `sure` + 1 entries are right. */
  private starts: number[] = [0];
  private byteStarts: number[] = [0];
  private sure = 0;
  private sureBytes = 0;
  /** The piece that was asked for last. */
  private last = 0;

  constructor(text: string) {
    this.pieces = cut(text);
    this.bytes = this.pieces.map(() => undefined);
  }

  get length(): number {
    return this.startOf(this.pieces.length);
  }

  /** Applies changes one after the other. */
  edit(changes: readonly TextChange[]): void {
    for (const change of changes) this.change(change);
  }

  private change({ offset, length, text }: TextChange): void {
    const from = Math.min(Math.max(0, offset), this.length);
    const to = Math.min(from + Math.max(0, length), this.length);
    let first = this.pieceAt(from);
    let last = Math.max(first, this.pieceAt(to));
    let joined = `${this.slice(this.startOf(first), from)}${text}${this.slice(to, this.startOf(Math.min(last + 1, this.pieces.length)))}`;
    // A pair of surrogates may have come together across the edges.
    if (first > 0 && isHigh(this.pieces[first - 1]!.charCodeAt(this.pieces[first - 1]!.length - 1)))
      joined = this.pieces[--first]! + joined;
    if (last + 1 < this.pieces.length && isLow(this.pieces[last + 1]!.charCodeAt(0))) joined += this.pieces[++last]!;
    const fresh = cut(joined);
    this.pieces.splice(first, last + 1 - first, ...fresh);
    this.bytes.splice(first, last + 1 - first, ...fresh.map(() => undefined));
    this.sure = Math.min(this.sure, first);
    this.sureBytes = Math.min(this.sureBytes, first);
    this.last = 0;
  }

  slice(start: number, end: number): string {
    let text = '';
    for (let piece = this.pieceAt(start); piece < this.pieces.length && this.startOf(piece) < end; piece++) {
      const from = this.startOf(piece);
      text += this.pieces[piece]!.slice(Math.max(0, start - from), end - from);
    }
    return text;
  }

  /** The code point that begins at `offset`; a lone surrogate is U+FFFD. */
  codePointAt(offset: number): number {
    const piece = this.pieceAt(offset);
    const codePoint = this.pieces[piece]!.codePointAt(offset - this.startOf(piece))!;
    return codePoint >= 0xd800 && codePoint < 0xe000 ? 0xfffd : codePoint;
  }

  /** Whether `offset` is between the two halves of a surrogate pair. */
  isInsidePair(offset: number): boolean {
    if (offset <= 0 || offset >= this.length) return false;
    return isLow(this.unitAt(offset)) && isHigh(this.unitAt(offset - 1));
  }

  /** UTF-8 bytes before `offset`; lone surrogates count as U+FFFD. */
  byteOffset(offset: number): number {
    const piece = this.pieceAt(offset);
    for (; this.sureBytes < piece; this.sureBytes++) {
      this.bytes[this.sureBytes] ??= utf8Length(this.pieces[this.sureBytes]!, this.pieces[this.sureBytes]!.length);
      this.byteStarts[this.sureBytes + 1] = this.byteStarts[this.sureBytes]! + this.bytes[this.sureBytes]!;
    }
    const text = this.pieces[piece];
    return this.byteStarts[piece]! + (text === undefined ? 0 : utf8Length(text, offset - this.startOf(piece)));
  }

  private unitAt(offset: number): number {
    const piece = this.pieceAt(offset);
    return this.pieces[piece]!.charCodeAt(offset - this.startOf(piece));
  }

  private startOf(piece: number): number {
    for (; this.sure < piece; this.sure++) this.starts[this.sure + 1] = this.starts[this.sure]! + this.pieces[this.sure]!.length;
    return this.starts[piece]!;
  }

  /** The piece that holds the unit at `offset`; the number of pieces at the end of the text. */
  private pieceAt(offset: number): number {
    if (this.last < this.pieces.length && this.startOf(this.last) <= offset && offset < this.startOf(this.last + 1)) return this.last;
    let low = 0;
    let high = this.pieces.length;
    this.startOf(high);
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle + 1]! <= offset) low = middle + 1;
      else high = middle;
    }
    this.last = low;
    return low;
  }
}

function cut(text: string): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; ) {
    let end = Math.min(at + PIECE, text.length);
    if (end < text.length && isHigh(text.charCodeAt(end - 1)) && isLow(text.charCodeAt(end))) end++;
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
}

/** UTF-8 bytes of the first `units` units of a text. A pair cut by the end counts as U+FFFD. */
function utf8Length(text: string, units: number): number {
  let bytes = units;
  for (let i = 0; i < units; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    if (isHigh(unit) && i + 1 < units && isLow(text.charCodeAt(i + 1))) {
      // Four bytes for two units.
      i++;
    }
  }
  return bytes;
}
