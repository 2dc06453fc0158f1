/** What a model must be before it becomes the active one: every view gives it text to read. No vscode here. */
import { LoupeError } from '../../core/errors';
import type { InspectApi, ModelCard, ModelRef } from '../../protocol/engine';
import type { Client } from '../../protocol/rpc';

/** Reads it, weights and tokenizer. Throws what is wrong with it, `model.noTokenizer` where it comes without one. */
export async function usableModel(inspect: Pick<Client<InspectApi>, 'model'>, ref: ModelRef, name: string): Promise<ModelCard> {
  const card = await inspect.model({ model: ref });
  if (card.tokenizer === null) throw new LoupeError('model.noTokenizer', { name, path: ref });
  return card;
}
