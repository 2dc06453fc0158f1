/** What the user-interface suite opens: fables in French and some of the project's own sources, as the README suggests. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './user';

/** `large` adds a piece of the shared French novels, where they are. */
export function workspaceFiles({ large = false } = {}): Record<string, string> {
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  const files: Record<string, string> = { 'textes/fables.md': read('sample/textes/fables.md'), 'src/shop.ts': read('sample/src/shop.ts') };
  for (const room of ['model', 'train', 'tokenizer', 'sample']) {
    for (const name of readdirSync(join(root, 'src/core', room))) {
      if (name.endsWith('.ts') && !name.includes('generated')) files[`src/${room}/${name}`] = read(`src/core/${room}/${name}`);
    }
  }
  const novels = join(root, '../shared/data/corpora/fr');
  if (large && existsSync(novels)) {
    for (const name of readdirSync(novels).slice(0, 4))
      files[`romans/${name}`] = readFileSync(join(novels, name), 'utf8').slice(0, 150_000);
  }
  return files;
}
