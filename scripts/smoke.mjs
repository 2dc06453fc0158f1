/**
 * A smoke run of the command line as it is packed: every answer is checked against what it must be.
 * `node scripts/smoke.mjs` takes it from `llm-loupe.vsix`, unpacked into a temporary folder.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const work = mkdtempSync(join(tmpdir(), 'loupe-smoke-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

for (const [name, bytes] of Object.entries(unzipSync(readFileSync(join(root, 'llm-loupe.vsix'))))) {
  if (name.endsWith('/')) continue;
  mkdirSync(dirname(join(work, name)), { recursive: true });
  writeFileSync(join(work, name), bytes);
}
const cli = join(work, 'extension', 'dist', 'cli.js');
let checks = 0;

function loupe(args, { input = '', status = 0 } = {}) {
  const result = spawnSync(process.execPath, [cli, ...args], { input, encoding: 'utf8', cwd: work, timeout: 300_000 });
  if (result.status !== status)
    throw new Error(`llm-loupe ${args.join(' ')}: status ${result.status}, not ${status}\n${result.stdout}\n${result.stderr}`);
  return result;
}
function check(what, condition, detail = '') {
  if (!condition) throw new Error(`smoke: ${what} does not hold ${detail}`);
  checks++;
  console.log(`  ok ${what}`);
}
const json = (args, options) => JSON.parse(loupe([...args, '--json'], options).stdout);

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
check('--version', loupe(['--version']).stdout.trim().endsWith(version));
check('wrong usage is status 2', loupe(['tokenise'], { status: 2 }).stderr.startsWith('llm-loupe: '));

const text = 'Le corbeau honteux et confus 👩‍👩‍👧‍👦\nfunction add(a, b) { return a + b; }\n';
const tokens = json(['tokenize'], { input: text });
check('tokenize counts the bytes', tokens.bytes === Buffer.byteLength(text) && tokens.count === tokens.tokens.length);
const ids = loupe(['tokenize', '--ids'], { input: text }).stdout;
check('detokenize gives the text back', loupe(['detokenize'], { input: ids }).stdout === text);
check('merges', json(['merges', 'abab']).steps !== undefined);

const scored = json(['score'], { input: text });
check('score sums its tokens', Math.abs(scored.nll + scored.tokens.reduce((sum, token) => sum + token.logprob, 0)) < 1e-3);
const heads = json(['attend'], { input: text }).heads;
check('attend gives every head', heads.length > 0 && heads.every((head) => head.entropy >= 0));
const head = json(['attend', '--layer', '0', '--head', '0'], { input: text });
check(
  'attention rows sum to one',
  head.pattern.every((row) => Math.abs(row.reduce((a, b) => a + b, 0) - 1) < 1e-4),
);
const one = json(['generate', 'The ', '--max-tokens', '8', '--seed', '7']);
const two = json(['generate', 'The ', '--max-tokens', '8', '--seed', '7']);
check('generate repeats itself with a seed', one.text === two.text && one.steps.length === 8);
check('info', json(['info', join(work, 'extension', 'media', 'starter')]) !== undefined);

const corpus = join(root, 'sample');
const shape = [
  '--layers',
  '1',
  '--heads',
  '2',
  '--d-model',
  '32',
  '--d-ff',
  '64',
  '--context',
  '32',
  '--vocab-size',
  '300',
  '--batch',
  '4',
];
const run = loupe(['train', corpus, '--out', 'run', ...shape, '--steps', '10', '--json'])
  .stdout.trim()
  .split('\n')
  .map((line) => JSON.parse(line));
check('train says its steps', run.filter((event) => event.type === 'step').length === 10 && run.at(-1).type === 'done');
check('train lowers the loss', run.findLast((event) => event.type === 'step').loss < run.find((event) => event.type === 'step').loss);
check('train writes a Hugging Face folder', readdirSync(join(work, 'run')).includes('model.safetensors'));
// Of 300 tokens that are still almost equally probable one ends the text: with seed 0 it is the first that is drawn.
const written = json(['generate', 'Le ', '--model', join(work, 'run'), '--max-tokens', '4', '--seed', '1']).steps;
check('what was trained generates', written.length === 4);

console.log(`smoke: ${checks} passed, 0 failed`);
