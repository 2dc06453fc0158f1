/** From what is typed (a name, or a path relative to this folder) to the engine's references, whose paths are absolute. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ModelRef, TokenizerRef } from '../protocol/engine';

const tokenizers = new Set(['gpt2', 'cl100k', 'o200k']);

export function modelRef(typed: string): ModelRef {
  return typed === 'starter' ? typed : resolve(typed);
}

export function tokenizerRef(typed: string): TokenizerRef {
  if (tokenizers.has(typed)) return typed;
  // A bare word that is no file is a name that the engine does not know, and says so with those it knows.
  return typed === 'starter' || (!/[\\/.]/.test(typed) && !existsSync(typed)) ? typed : resolve(typed);
}
