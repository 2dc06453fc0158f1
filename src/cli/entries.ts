/** Entries of a vocabulary for a sequence of ids: each is asked for once, however often it occurs. */
import type { Engine } from '../client/engine';
import type { TokenizerRef } from '../protocol/engine';

export interface TokenEntry {
  readonly bytes: Uint8Array;
  /** null where the bytes are not valid UTF-8. */
  readonly text: string | null;
}

/** In the order of `ids`. */
export async function entriesOf(text: Engine['text'], tokenizer: TokenizerRef, ids: Uint32Array): Promise<TokenEntry[]> {
  const known = Uint32Array.from(new Set(ids));
  const entries = await text.tokens({ tokenizer, ids: known });
  const byId = new Map(entries.map((entry, i) => [known[i]!, entry]));
  return Array.from(ids, (id) => byId.get(id)!);
}

/** As JSON gives a token: its text, or where that is not valid UTF-8 `text: null` and its bytes. */
export type Named = { readonly text: string } | { readonly text: null; readonly bytes: Uint8Array };

/** How the ids are named; ids that only pad a model's embedding have no text. */
export async function namesOf(text: Engine['text'], tokenizer: TokenizerRef, ids: Iterable<number>): Promise<(id: number) => Named> {
  const { vocabSize } = await text.tokenizerInfo({ tokenizer });
  const known = Uint32Array.from(new Set([...ids].filter((id) => id < vocabSize)));
  const entries = await text.tokens({ tokenizer, ids: known });
  const byId = new Map(entries.map((entry, i): [number, Named] => [known[i]!, named(entry)]));
  return (id) => byId.get(id) ?? { text: '' };
}

export function named({ text, bytes }: TokenEntry): Named {
  return text === null ? { text, bytes } : { text };
}
