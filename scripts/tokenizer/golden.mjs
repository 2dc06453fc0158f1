/**
 * Writes `test/core/tokenizer/golden/`: what Hugging Face's own (Rust) library makes of our `tokenizer.json` files and of
 * other kinds of tokenizers, on strings that trip tokenizers. The tests hold our encoder to these ids.
 *
 *   python -m venv /tmp/venv && /tmp/venv/bin/pip install tokenizers
 *   node scripts/tokenizer/golden.mjs /tmp/venv/bin/python
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import esbuild from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const golden = join(root, 'test/core/tokenizer/golden');
const python = process.argv[2] ?? 'python3';
const aside = mkdtempSync(join(tmpdir(), 'loupe-golden-'));
try {
  const bundle = join(aside, 'tokenizer.mjs');
  await esbuild.build({
    stdin: {
      contents: `export { trainTokenizer } from './src/core/tokenizer/train';
export { writeTokenizerJson } from './src/core/tokenizer/huggingFaceJson';
export { trickyCharacters } from './test/core/tokenizer/texts';`,
      resolveDir: root,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: bundle,
  });
  const { trainTokenizer, writeTokenizerJson, trickyCharacters } = await import(pathToFileURL(bundle).href);
  const corpus = readFileSync(join(golden, 'corpus.txt'), 'utf8');
  for (const pattern of ['llama3', 'gpt2', 'cl100k', 'o200k', 'none']) {
    const { vocabulary } = await trainTokenizer([corpus], { vocabSize: 600, pattern });
    writeFileSync(join(aside, `${pattern}.json`), writeTokenizerJson(vocabulary));
  }
  writeFileSync(join(golden, 'strings.json'), `${JSON.stringify(strings(corpus, trickyCharacters), null, 1)}\n`);
  execFileSync(python, [join(here, 'golden.py'), aside, golden], { stdio: 'inherit' });
} finally {
  rmSync(aside, { recursive: true, force: true });
}

/** Lines of the corpus, and mixtures of characters by a small fixed generator. */
function strings(corpus, characters) {
  const valid = characters.filter((character) => character.isWellFormed());
  let state = 1;
  const next = (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const mixtures = Array.from({ length: 300 }, () => Array.from({ length: 1 + next(16) }, () => valid[next(valid.length)]).join(''));
  return ['', ' ', '\n', ...corpus.split('\n').filter((line) => line !== ''), corpus, ...mixtures];
}
