/** Puts a program on the clipboard, or tells why there is none. */
import * as vscode from 'vscode';
import { errorText } from '../services/errors';

export async function copyProgram(make: () => Promise<string>): Promise<{ saved: boolean }> {
  try {
    await vscode.env.clipboard.writeText(await make());
    return { saved: true };
  } catch (error) {
    void vscode.window.showErrorMessage(errorText(error));
    return { saved: false };
  }
}
