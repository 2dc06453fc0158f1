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
