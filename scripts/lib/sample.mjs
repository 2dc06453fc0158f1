/** The workspace to try the extension on: `sample/`, and a copy of the project's own sources to train on. */
import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export function writeSample(folder) {
  mkdirSync(folder, { recursive: true });
  cpSync(join(root, 'sample'), folder, { recursive: true });
  for (const room of ['src', 'webview']) cpSync(join(root, room), join(folder, 'loupe', room), { recursive: true });
}
