/**
 * Gathers what the starter model learns from: French novels, English novels (both public domain, in `../shared/data`),
 * and source code of permissively licensed packages that `npm ci` installs. Deterministic: the same inputs, the same files.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const corpora = join(root, '..', 'shared', 'data', 'corpora');
const PERMISSIVE = /^\(?(MIT|ISC|0BSD|Apache-2\.0|BSD-2-Clause|BSD-3-Clause|BlueOak-1\.0\.0|CC0-1\.0)/;

/** Packages to learn code from: written by people, not bundled or minified. */
const PACKAGES = [
  ...['@types/node', '@types/vscode', '@azure/msal-browser', '@azure/msal-common', '@azure/msal-node', 'ajv', 'htmlparser2'],
  ...['cheerio', 'parse5', 'domutils', 'css-select', 'jsonc-parser', 'markdown-it', 'lodash', 'underscore', 'mocha', 'diff'],
  ...['postcss', 'undici', 'minimatch', 'glob', 'qs', 'js-yaml', 'iconv-lite', 'ignore', 'fast-check', 'vitest', 'type-fest'],
  ...['@vscode/vsce', '@vscode-elements/elements', 'lit-html', '@lit/reactive-element', 'workerpool', 'entities', 'fast-uri', 'minipass'],
  ...['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-cpu', 'azure-devops-node-api', 'cockatiel', 'json5', 'node-fetch'],
];

/** The first `share` bytes of each book, cut at the end of a paragraph. */
function books(language, share) {
  const folder = join(corpora, language);
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      // The first page of a scan is title and licence: skip a little, to the next paragraph.
      const start = text.indexOf('\n', Math.min(2000, text.length >> 3)) + 1;
      const end = text.indexOf('\n', start + share);
      return { path: `${language}/${name}`, text: text.slice(start, end < 0 ? text.length : end + 1) };
    });
}

function* sources(folder, depth = 0) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (depth < 8 && !/^(node_modules|dist-cjs|umd|test|tests|__tests__|cjs|fesm|browser)$/.test(entry.name))
        yield* sources(path, depth + 1);
    } else if (/\.(ts|mts|js|mjs|md|json|py)$/.test(entry.name) && !/\.min\.|\.bundle\.|-lock|\.map$|CHANGELOG|LICENSE/i.test(entry.name))
      yield path;
  }
}

/** At most `share` bytes of a package, short files first seen first; nothing that looks generated. */
function code(name, share) {
  const folder = join(root, 'node_modules', name);
  if (!existsSync(folder)) throw new Error(`${name} is not installed: run npm ci.`);
  const { license, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (!PERMISSIVE.test(license ?? '')) throw new Error(`${name} has the licence ${license}: not one to train on.`);
  const files = [];
  let bytes = 0;
  for (const path of sources(folder)) {
    const text = readFileSync(path, 'utf8').replace(/^\/\/# sourceMappingURL.*$/gm, '');
    const longest = Math.max(...text.split('\n', 400).map((line) => line.length));
    if (text.length < 300 || text.length > 60_000 || longest > 400 || text.includes('\0')) continue;
    if (bytes + text.length > share) continue;
    bytes += text.length;
    files.push({ path: `code/${name.replace('/', '__')}/${path.slice(folder.length + 1).replaceAll(/[\\/]/g, '__')}`, text });
  }
  return { files, card: { name, version, license, bytes } };
}

/** Writes the corpus into `folder`. Returns what went in, for the model card. */
export function gatherCorpus(folder, { french = 110_000, english = 80_000, perPackage = 115_000 } = {}) {
  if (!existsSync(corpora)) throw new Error('The corpora of ../shared/data are needed to train the starter model.');
  rmSync(folder, { recursive: true, force: true });
  const packages = PACKAGES.map((name) => code(name, perPackage));
  const parts = { french: books('fr', french), english: books('en', english), code: packages.flatMap((one) => one.files) };
  const bytes = {};
  for (const [part, files] of Object.entries(parts)) {
    bytes[part] = 0;
    for (const { path, text } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
      bytes[part] += Buffer.byteLength(text);
    }
  }
  return { bytes, packages: packages.map((one) => one.card) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { bytes, packages } = gatherCorpus(join(root, 'build', 'starter', 'corpus'));
  console.log(bytes);
  console.table(packages);
}
