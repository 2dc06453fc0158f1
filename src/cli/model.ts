/** For commands that run a model: it brings its own tokenizer. */
import type { Context } from './command';
import { UsageError } from './errors';
import type { OptionTable } from './options';

/** @throws UsageError where `--tokenizer` was typed: it would be silently left out of account. */
export function refuseTokenizer({ given }: Pick<Context<OptionTable>, 'given'>): void {
  if (given.includes('--tokenizer')) throw new UsageError('a model is run with its own tokenizer: leave out --tokenizer');
}
