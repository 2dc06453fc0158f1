/** What the extension says in a language, for scripts that drive it. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const read = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));

/** `title('startHere')` is a command as the palette lists it; `said(english)` a pattern for a sentence, in which `{0}` is anything. */
export function wordsOf(language) {
  const french = language === 'fr';
  const titles = read(french ? 'package.nls.fr.json' : 'package.nls.json');
  const bundle = french ? read('l10n/bundle.l10n.fr.json') : {};
  return {
    title: (command) => `Loupe: ${titles[`command.${command}`]}`,
    said(english) {
      const escaped = (bundle[english] ?? english).replace(/[.*+?^$()|[\]\\]/g, '\\$&');
      return new RegExp(escaped.replace(/\{\d\}/g, '.+?'));
    },
  };
}
