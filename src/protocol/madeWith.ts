/** What numbers were computed with, as every export says it: the panels' JSON and the command line's, under the same names. */
import type { MadeWith } from './engine';

export function madeWith({ model, tokenizer, dtype, backend, contextLength }: MadeWith) {
  return { model, tokenizer, dtype, weights: 'as stored', backend, contextLength };
}
