/** Mirrors of editors: their text follows the changes, and their tokens are those of the whole document. */
import { LoupeError } from '../../core/errors';
import { DocumentTokens } from '../../core/tokenizer/document';
import type { EncodedText, Tokenizer } from '../../core/tokenizer/types';
import type { TextChange } from '../../protocol/engine';

export class Documents {
  private readonly mirrors = new Map<string, { version: number; readonly text: DocumentTokens }>();

  open(uri: string, version: number, text: string): void {
    this.mirrors.set(uri, { version, text: new DocumentTokens(text) });
  }

  /** Throws `view.gone` for a document that is not open (the realm may have been ended meanwhile: open it again). */
  change(uri: string, version: number, changes: readonly TextChange[]): void {
    const mirror = this.mirror(uri);
    mirror.text.edit(changes);
    mirror.version = version;
  }

  close(uri: string): void {
    this.mirrors.delete(uri);
  }

  /** All of the text; null when the version is not the current one. Throws as `change`. */
  text(uri: string, version: number): string | null {
    const mirror = this.mirror(uri);
    return mirror.version === version ? mirror.text.whole : null;
  }

  /** Null when the version is not the current one. Throws as `change`. */
  tokens(
    uri: string,
    version: number,
    tokenizer: Tokenizer,
    ranges: readonly { readonly start: number; readonly end: number }[],
  ): EncodedText[] | null {
    const mirror = this.mirror(uri);
    return mirror.version === version ? ranges.map(({ start, end }) => mirror.text.tokens(tokenizer, start, end)) : null;
  }

  private mirror(uri: string) {
    const mirror = this.mirrors.get(uri);
    if (!mirror) throw new LoupeError('view.gone');
    return mirror;
  }
}
