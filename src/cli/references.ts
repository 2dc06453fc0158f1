/** From what is typed (a name, or a path relative to this folder) to the engine's references, whose paths are absolute. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { LoupeError } from '../core/errors';
import type { ModelRef, TokenizerRef } from '../protocol/engine';

const tokenizers = new Set(['gpt2', 'cl100k', 'o200k']);

export function modelRef(typed: string): ModelRef {
  return typed === 'starter' ? typed : resolve(typed);
}

/** @throws LoupeError `file.notFound` */
export function tokenizerRef(typed: string): TokenizerRef {
  if (typed === 'starter' || tokenizers.has(typed)) return typed;
  const path = resolve(typed);
  if (existsSync(path)) return path;
  // A bare word that is no file is a name that the engine does not know: it says so with those it knows.
  if (!/[\\/.]/.test(typed)) return typed;
  throw new LoupeError('file.notFound', { path });
}
