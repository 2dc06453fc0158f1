/**
 * The source code of an installed package, as people wrote it: TypeScript from its files or out of its source maps, and where it
 * has none its JavaScript; Python, Markdown, JSON and declarations. Nothing bundled, minified or generated.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';

const PERMISSIVE = /^\(?(MIT|ISC|0BSD|Apache-2\.0|BSD-2-Clause|BSD-3-Clause|BlueOak-1\.0\.0|CC0-1\.0)/;
const SKIP_FOLDER = /^(node_modules|dist-cjs|umd|cjs|commonjs|fesm\d*|amd|browser|react-native|test|tests|__tests__|__pycache__)$/;
const SKIP_FILE = /\.min\.|\.bundle\.|-lock\.|CHANGELOG|LICENSE|HISTORY|_test\.|\.test\.|\.spec\./i;

function* walk(folder, depth = 0) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (depth < 9 && !SKIP_FOLDER.test(entry.name)) yield* walk(path, depth + 1);
    } else if (entry.isFile()) yield path;
  }
}

/** TypeScript that the package's source maps carry along. */
function fromMap(path) {
  const { sources = [], sourcesContent } = JSON.parse(readFileSync(path, 'utf8'));
  return sources.flatMap((source, i) => {
    const text = sourcesContent?.[i];
    if (!text || !/(?<!\.d)\.ts$/.test(source) || /node_modules|_test\.ts$/.test(source)) return [];
    return [{ name: posix.normalize(source).replace(/^(\.\.\/)+/, ''), text }];
  });
}

const kind = (name) =>
  /\.d\.[mc]?ts$/.test(name)
    ? 'd.ts'
    : (/\.(?:[mc]?ts|[mc]?js|py|md|json)$/
        .exec(name)?.[0]
        .replace(/[mc](?=[tj]s$)/, '')
        .slice(1) ?? '');

function written(name, text) {
  if (text.length < 250 || text.length > 400_000 || text.includes('\0') || SKIP_FILE.test(name)) return false;
  const lines = text.split('\n');
  const longest = lines.slice(0, 2000).reduce((most, line) => Math.max(most, line.length), 0);
  // Tables of numbers and encoded data are no source code.
  const digits = (text.slice(0, 20_000).match(/\d/g)?.length ?? 0) / Math.min(text.length, 20_000);
  return longest < 600 && text.length / lines.length < 120 && digits < 0.15;
}

/**
 * At most `most` bytes of a package, spread over its files; files whose text is in `seen` are left out, and what is taken is
 * added to it.
 */
export function sourcesOf(root, name, most, seen = new Set()) {
  const folder = join(root, 'node_modules', name);
  if (!existsSync(folder)) throw new Error(`${name} is not installed: run npm ci.`);
  const { license, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (!PERMISSIVE.test(license ?? '')) throw new Error(`${name} has the licence ${license}: not one to train on.`);
  const candidates = [];
  for (const path of walk(folder)) {
    const inside = path.slice(folder.length + 1).replaceAll('\\', '/');
    if (path.endsWith('.map')) candidates.push(...fromMap(path));
    else if (kind(inside) && statSync(path).size < 500_000) candidates.push({ name: inside, text: readFileSync(path, 'utf8') });
  }
  const own = new Set();
  const fresh = candidates
    .map(({ name: file, text }) => ({ name: file, text: text.replaceAll('\r\n', '\n').replace(/^\/\/# sourceMappingURL.*$/gm, '') }))
    .filter(({ name: file, text }) => {
      const digest = createHash('sha256').update(text).digest('base64');
      return written(file, text) && !seen.has(digest) && !own.has(digest) && own.add(digest);
    });
  const typed = fresh.reduce((sum, { name: file, text }) => sum + (kind(file) === 'ts' ? text.length : 0), 0);
  // What is compiled from TypeScript says the same again.
  const chosen = typed < 20_000 ? fresh : fresh.filter(({ name: file }) => !['js', 'd.ts'].includes(kind(file)));
  // Every n-th file first, so that a cap takes a little of everything.
  const total = chosen.reduce((sum, { text }) => sum + text.length, 0);
  const every = Math.max(1, Math.round(total / most));
  const order = Array.from({ length: every }, (_, start) => chosen.filter((_one, i) => i % every === start)).flat();
  const files = [];
  let bytes = 0;
  for (const { name: file, text } of order) {
    if (bytes + text.length > most) continue;
    bytes += text.length;
    for (const digest of [createHash('sha256').update(text).digest('base64')]) seen.add(digest);
    const flat = file.replaceAll('/', '__').replace(/\.[mc](?=[tj]s$)/, '.');
    files.push({ path: `code/${name.replace('/', '__')}/${flat}`, text });
  }
  return { files, card: { name, version, license, bytes } };
}
