/**
 * Writes `src/core/tokenizer/unicode.generated.ts`: what the pre-tokenizers and the grapheme segmentation need to know
 * about each code point, packed into one byte. The version is that of the reference libraries (Oniguruma and Rust's
 * regex as Hugging Face tokenizers 0.23 and tiktoken 0.14 build them: both Unicode 16), not that of the running Node.
 *
 *   node scripts/tokenizer/unicode-tables.mjs
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const VERSION = '16.0.0';
const PACKAGE = `@unicode/unicode-${VERSION}`;
const PACKAGE_VERSION = '2.0.7';
const target = join(dirname(fileURLToPath(import.meta.url)), '../../src/core/tokenizer/unicode.generated.ts');

// The data package is 37 MB and needed only here: it is fetched aside, not a dependency.
const aside = mkdtempSync(join(tmpdir(), 'loupe-unicode-'));
try {
  execFileSync('npm', ['install', '--no-save', '--silent', '--prefix', aside, `${PACKAGE}@${PACKAGE_VERSION}`], { stdio: 'inherit' });
  writeFileSync(target, await generate());
} finally {
  rmSync(aside, { recursive: true, force: true });
}

async function codePoints(property) {
  const file = join(aside, 'node_modules', PACKAGE, property, 'code-points.mjs');
  return (await import(pathToFileURL(file).href)).default;
}

async function generate() {
  const table = new Uint8Array(0x110000);
  const word = async (property, value) => {
    for (const c of await codePoints(property)) table[c] |= value;
  };
  // Low three bits: the class a pre-tokenizer sees (see `CharClass` in unicode.ts).
  for (const name of ['Uppercase_Letter', 'Titlecase_Letter']) await word(`General_Category/${name}`, 1);
  await word('General_Category/Lowercase_Letter', 2);
  for (const name of ['Modifier_Letter', 'Other_Letter']) await word(`General_Category/${name}`, 3);
  await word('General_Category/Mark', 4);
  await word('General_Category/Number', 5);
  await word('Binary_Property/White_Space', 6);
  for (const c of [10, 13]) table[c] = 7;

  // High five bits: Grapheme_Cluster_Break, refined by what rules GB9c and GB11 ask (see `Break` in unicode.ts).
  const breaks = new Uint8Array(0x110000);
  const names = ['CR', 'LF', 'Control', 'Extend', 'ZWJ', 'Regional_Indicator', 'Prepend', 'SpacingMark', 'L', 'V', 'T', 'LV', 'LVT'];
  for (const [index, name] of names.entries()) {
    for (const c of await codePoints(`Grapheme_Cluster_Break/${name}`)) breaks[c] = index + 1;
  }
  const refine = async (property, from, to) => {
    for (const c of await codePoints(property)) {
      if (breaks[c] !== from) throw new Error(`${property} ${c.toString(16)} has an unexpected break class ${breaks[c]}`);
      breaks[c] = to;
    }
  };
  await refine('Binary_Property/Extended_Pictographic', 0, 14);
  // The data package gives Indic_Conjunct_Break as one set; its three values follow from UAX #44's derivation.
  const conjunct = new Set(await codePoints('Binary_Property/InCB'));
  const scripts = new Set();
  for (const name of ['Bengali', 'Devanagari', 'Gujarati', 'Malayalam', 'Oriya', 'Telugu']) {
    for (const c of await codePoints(`Script/${name}`)) scripts.add(c);
  }
  const linkers = new Set((await codePoints('Indic_Syllabic_Category/Virama')).filter((c) => scripts.has(c)));
  for (let c = 0; c < 0x110000; c++) {
    if (breaks[c] === 0 && conjunct.has(c)) breaks[c] = 15;
    else if (breaks[c] === 4 && linkers.has(c)) breaks[c] = 16;
    else if (breaks[c] === 4 && !conjunct.has(c)) breaks[c] = 17;
  }
  for (const c of conjunct) {
    if (![4, 5, 15, 16].includes(breaks[c])) throw new Error(`InCB of ${c.toString(16)} does not fit its break class ${breaks[c]}`);
  }
  for (let c = 0; c < 0x110000; c++) table[c] |= breaks[c] << 3;

  const lines = pack(table).match(/.{1,160}/g);
  return `// Unicode ${VERSION}, from ${PACKAGE} ${PACKAGE_VERSION}. Written by scripts/tokenizer/unicode-tables.mjs: do not edit.

export const unicodeVersion = '${VERSION}';

/** Runs over all code points from 0: value, length, value, length ... as base-64 digits, five bits each, low first, 32 = more follow. */
export const unicodeRuns =
${lines.map((line) => `  '${line}'`).join(' +\n')};
`;
}

function pack(table) {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  let packed = '';
  const put = (number) => {
    let rest = number;
    while (rest > 31) {
      packed += digits[(rest & 31) | 32];
      rest >>>= 5;
    }
    packed += digits[rest];
  };
  for (let at = 0; at < table.length; ) {
    let end = at + 1;
    while (end < table.length && table[end] === table[at]) end++;
    put(table[at]);
    put(end - at);
    at = end;
  }
  return packed;
}
