/** Which tokenizers are compared. No vscode here. */
import type { TokenizerRef } from '../../protocol/engine';

/**
 * Those that were chosen, whatever the active model is; where none were, its own and three that many know: of these rows only the
 * first one changes with it.
 */
export function comparedRows(chosen: readonly TokenizerRef[] | null, active: TokenizerRef): readonly TokenizerRef[] {
  return chosen ?? [active, 'gpt2', 'cl100k', 'o200k'];
}
