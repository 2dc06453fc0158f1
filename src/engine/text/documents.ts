/** Mirrors of editors: their text follows the changes, and their tokens are those of the whole document. */
import { LoupeError } from '../../core/errors';
import type { EncodedText, Tokenizer } from '../../core/tokenizer/types';
import type { TextChange, TokenizerRef } from '../../protocol/engine';

interface Mirror {
  version: number;
  text: string;
  /** Of this version. */
  readonly encoded: Map<TokenizerRef, EncodedText>;
}

export class Documents {
  private readonly mirrors = new Map<string, Mirror>();

  open(uri: string, version: number, text: string): void {
    this.mirrors.set(uri, { version, text, encoded: new Map() });
  }

  /** Throws `view.gone` for a document that is not open (the realm may have been ended meanwhile: open it again). */
  change(uri: string, version: number, changes: readonly TextChange[]): void {
    const mirror = this.mirror(uri);
    for (const { offset, length, text } of changes) mirror.text = mirror.text.slice(0, offset) + text + mirror.text.slice(offset + length);
    mirror.version = version;
    mirror.encoded.clear();
  }

  close(uri: string): void {
    this.mirrors.delete(uri);
  }

  /** Null when the version is not the current one. Throws as `change`. */
  tokens(
    uri: string,
    version: number,
    ref: TokenizerRef,
    tokenizer: Tokenizer,
    ranges: readonly { start: number; end: number }[],
  ): EncodedText[] | null {
    const mirror = this.mirror(uri);
    if (mirror.version !== version) return null;
    const whole = mirror.encoded.get(ref) ?? tokenizer.encodeSpans(mirror.text);
    mirror.encoded.set(ref, whole);
    return ranges.map((range) => touching(whole, range));
  }

  private mirror(uri: string): Mirror {
    const mirror = this.mirrors.get(uri);
    if (!mirror) throw new LoupeError('view.gone');
    return mirror;
  }
}

/** The tokens whose spans touch a range. */
function touching({ ids, start, end, byteStart, byteEnd, fragment }: EncodedText, range: { start: number; end: number }): EncodedText {
  const from = lowest(end, (value) => value > range.start);
  const to = Math.max(
    from,
    lowest(start, (value) => value >= range.end),
  );
  return {
    ids: ids.slice(from, to),
    start: start.slice(from, to),
    end: end.slice(from, to),
    byteStart: byteStart.slice(from, to),
    byteEnd: byteEnd.slice(from, to),
    fragment: fragment.slice(from, to),
  };
}

/** First index of an ascending column where the test holds; its length where it never does. */
function lowest(column: Uint32Array, test: (value: number) => boolean): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (test(column[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
