/** What a failed call to the host says, in the user's language. */
import { errorTemplates, LoupeError, translatedArgs } from '../../src/core/errors';
import { t } from './l10n';

export function errorText(error: unknown): string {
  if (error instanceof LoupeError) return t(errorTemplates[error.code], translatedArgs(error.args, t));
  return error instanceof Error ? error.message : String(error);
}
