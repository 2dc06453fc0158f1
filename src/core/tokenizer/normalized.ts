/**
 * A byte-level tokenizer whose model composes text first (Qwen: NFC). Text that is composed already, nearly all there is,
 * goes straight through; tokens of other text are found again in what was written.
 */
import { align } from './align';
import type { ByteLevelTokenizer } from './encode';
import type { EncodedText, Merging, Tokenizer } from './types';

export type Form = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

export class NormalizedTokenizer implements Tokenizer {
  readonly name: string;
  readonly vocabSize: number;
  readonly special: Tokenizer['special'];
  readonly isSafeCut?: (before: number, after: number) => boolean;

  constructor(
    private readonly inner: ByteLevelTokenizer,
    private readonly form: Form,
  ) {
    this.name = inner.name;
    this.vocabSize = inner.vocabSize;
    this.special = inner.special;
    // Composition never crosses a grapheme's edge, and safe cuts are such edges. The other forms change classes too.
    if (form === 'NFC' && inner.isSafeCut !== undefined) this.isSafeCut = inner.isSafeCut;
  }

  encode(text: string, options?: { special?: boolean }): Uint32Array {
    return this.inner.encode(text.normalize(this.form), options);
  }

  encodeSpans(text: string, options?: { special?: boolean }): EncodedText {
    const normal = text.normalize(this.form);
    if (normal === text) return this.inner.encodeSpans(text, options);
    const ids = this.inner.encode(normal, options);
    const pieces = Array.from(ids, (id) => this.inner.tokenBytes(id));
    return align(text, ids, pieces, (grapheme) => grapheme.normalize(this.form));
  }

  decodeBytes(ids: ArrayLike<number>): Uint8Array {
    return this.inner.decodeBytes(ids);
  }

  decode(ids: ArrayLike<number>): string {
    return this.inner.decode(ids);
  }

  tokenBytes(id: number): Uint8Array {
    return this.inner.tokenBytes(id);
  }

  rank(id: number): number | undefined {
    return this.inner.rank(id);
  }

  parents(id: number): readonly [number, number] | undefined {
    return this.inner.parents(id);
  }

  merges(text: string): Merging {
    return this.inner.merges(text.normalize(this.form));
  }
}
