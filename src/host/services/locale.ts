/** The words of this window. */
import * as vscode from 'vscode';
import { type Words, words } from './words';

let made: Words | undefined;

export function locale(): Words {
  made ??= words((message, ...args) => vscode.l10n.t(message, ...args), vscode.env.language);
  return made;
}
