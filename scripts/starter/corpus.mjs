/**
 * Gathers what the starter model learns from: a third French novels, a third English novels (both public domain, in
 * `../shared/data`), a third source code of permissively licensed packages that `npm ci` installs; beside them exercises made of
 * their words (`lists.mjs`); and, apart, what it is judged
 * on and never sees: authors and packages of `packages.mjs`. Deterministic: the same inputs, the same files.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { courses, repeatedPhrases } from './lists.mjs';
import { authors, judgedOn, PACKAGES, unseen } from './packages.mjs';
import { sourcesOf } from './sources.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const corpora = join(root, '..', 'shared', 'data', 'corpora');

/** Documents of about this many bytes: books are cut between paragraphs, so that validation holds a little of each. */
const document = 60_000;

/** A book without its first page, which is the title and the licence of a scan. */
function book(language, name) {
  const text = readFileSync(join(corpora, language, name), 'utf8');
  return text.slice(text.indexOf('\n', Math.min(2000, text.length >> 3)) + 1);
}

/** A text up to the end of a paragraph after `length`. */
function upTo(text, length) {
  const end = text.indexOf('\n', length);
  return end < 0 ? text : text.slice(0, end + 1);
}

function books(language, share) {
  const names = readdirSync(join(corpora, language)).sort();
  return names
    .filter((name) => !authors[language].some((author) => name.startsWith(`${author}_`)))
    .flatMap((name) => {
      const pieces = [];
      let rest = upTo(book(language, name), share);
      while (rest.length > 0) {
        const piece = upTo(rest, document);
        pieces.push({ path: `${language}/${name.replace('.txt', '')}-${String(pieces.length).padStart(2, '0')}.txt`, text: piece });
        rest = rest.slice(piece.length);
      }
      return pieces;
    });
}

/** What the model is judged on: a piece of a book of each held-out author, and TypeScript of held-out packages, of about so many bytes. */
export function heldOut(bytes = 260_000) {
  const prose = (language) =>
    authors[language]
      .map((author) => {
        const name = readdirSync(join(corpora, language)).find((one) => one.startsWith(`${author}_`));
        const text = book(language, name);
        // From the middle: prefaces are not the author's prose.
        return upTo(text.slice(text.indexOf('\n', text.length >> 1) + 1), bytes / authors[language].length);
      })
      .join('\n');
  const typeScript = judgedOn.flatMap((name) => sourcesOf(root, name, 1e6).files.filter(({ path }) => isTypeScript(path)));
  return { french: prose('fr'), english: prose('en'), typescript: upTo(typeScript.map(({ text }) => text).join('\n'), bytes) };
}

const isTypeScript = (path) => /\.ts$/.test(path) && !path.endsWith('.d.ts');

function write(folder, files) {
  let bytes = 0;
  for (const { path, text } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    bytes += Buffer.byteLength(text);
  }
  return bytes;
}

/**
 * Writes into `folder`: `corpus/`, `held-out/{french,english,typescript}.txt` and `repository/`, the small TypeScript repository
 * that is continued on; and `gathered.json`: what went in, for the model card. Returns that.
 */
export function gatherCorpus(folder, { french = 430_000, english = 400_000, lists = 28_000_000, primer = 6_000_000 } = {}) {
  if (!existsSync(corpora)) throw new Error('The corpora of ../shared/data are needed to train the starter model.');
  for (const part of ['corpus', 'primer', 'held-out', 'repository']) rmSync(join(folder, part), { recursive: true, force: true });
  const seen = new Set();
  const packages = Object.entries(PACKAGES).map(([name, most]) => sourcesOf(root, name, most, seen));
  const texts = { french: books('fr', french), english: books('en', english), code: packages.flatMap((one) => one.files) };
  const { few, many } = courses(Object.values(texts).flatMap((files) => files.map(({ text }) => text)));
  const parts = { ...texts, lists: repeatedPhrases(many, 'lists', lists, 1) };
  const bytes = Object.fromEntries(Object.entries(parts).map(([part, files]) => [part, write(join(folder, 'corpus'), files)]));
  bytes.primer = write(folder, repeatedPhrases(few, 'primer', primer, 2));
  const held = Object.entries(heldOut()).map(([name, text]) => ({ path: `${name}.txt`, text }));
  write(join(folder, 'held-out'), held);
  const repository = sourcesOf(root, unseen, 1e6).files.filter(({ path }) => isTypeScript(path));
  write(join(folder, 'repository'), repository);
  const gathered = {
    bytes,
    packages: packages.map((one) => one.card).sort((a, b) => (a.name < b.name ? -1 : 1)),
    kinds: kindsOf(texts.code),
  };
  writeFileSync(join(folder, 'gathered.json'), JSON.stringify(gathered));
  return gathered;
}

/** Bytes of source code by extension. */
function kindsOf(files) {
  const kinds = {};
  for (const { path, text } of files) {
    const kind = path.endsWith('.d.ts') ? 'd.ts' : path.slice(path.lastIndexOf('.') + 1);
    kinds[kind] = (kinds[kind] ?? 0) + Buffer.byteLength(text);
  }
  return kinds;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { bytes, packages, kinds } = gatherCorpus(join(root, 'build', 'starter'));
  console.table(packages);
  console.log(bytes, kinds);
}
