/** Exit codes, and one line per error. */
import { LoupeError } from '../core/errors';

export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** The command was typed wrongly; `command` is the one whose help says more. */
export class UsageError extends Error {
  constructor(
    message: string,
    readonly command?: string,
  ) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Ended by Ctrl-C; the message says what is kept. */
export class Interrupted extends Error {}

export function exitCode(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage;
  const interrupted = error instanceof Interrupted || (error instanceof LoupeError && error.code === 'cancelled');
  return interrupted ? exitCodes.interrupted : exitCodes.failed;
}

/** What happened, in one line. */
export function errorLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const help = error instanceof UsageError ? `. Try: llm-loupe ${error.command ? `${error.command} ` : ''}--help` : '';
  return `llm-loupe: ${`${message}${help}`.replace(/\s*[\r\n]+\s*/g, ' ')}`;
}
