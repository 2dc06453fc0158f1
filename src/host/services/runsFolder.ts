/** Where the runs of a workspace are, the same for every window that has it open. No vscode here. */
import { basename, dirname, join } from 'node:path';

/**
 * Under the extension's storage for the workspace. A second window on the same workspace is given a folder of its own by
 * VS Code ("ID-1"); runs belong to the workspace, and their own lock keeps two windows from training at once.
 */
export function runsFolder(storage: string): string {
  const workspace = dirname(storage);
  const numbered = /^(-?[0-9a-f]{6,})-\d{1,2}$/.exec(basename(workspace));
  return join(numbered ? join(dirname(workspace), numbered[1]!, basename(storage)) : storage, 'runs');
}
