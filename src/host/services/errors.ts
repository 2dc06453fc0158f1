/** Errors in the user's language. The engine sends codes; here they become words. Only answers to a command become notifications. */
import * as vscode from 'vscode';
import { errorTemplates, LoupeError, translatedArgs } from '../../core/errors';
import type { PanelMessage } from '../../protocol/panels';

export function isCancelled(error: unknown): boolean {
  return (
    (error instanceof LoupeError && error.code === 'cancelled') ||
    error instanceof vscode.CancellationError ||
    (error instanceof Error && error.name === 'AbortError')
  );
}

export function errorText(error: unknown): string {
  if (error instanceof LoupeError) return vscode.l10n.t(errorTemplates[error.code], translatedArgs(error.args, vscode.l10n.t));
  return vscode.l10n.t(errorTemplates.internal, { detail: error instanceof Error ? error.message : String(error) });
}

/** The same for a panel: what happened in the first sentence, the rest below it. */
export function errorMessage(error: unknown, action?: PanelMessage['action']): PanelMessage {
  const text = errorText(error);
  const end = text.search(/[.!?…](\s|$)/u) + 1;
  const title = end > 0 ? text.slice(0, end) : text;
  return { title, detail: text.slice(title.length).trim(), ...(action ? { action } : {}) };
}
