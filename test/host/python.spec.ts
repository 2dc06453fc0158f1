/**
 * The programs of "Copy as Python", made with the real engine as the panels make them, and run: the same ids and numbers, or
 * they say no. Needs Python with torch and transformers: `python3`, or the interpreter that LOUPE_PYTHON names.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../src/client/engine';
import type { GenerateStep } from '../../src/core/sample/types';
import { attentionPython, distributionPython } from '../../src/host/services/python';
import { temporaryFolder } from '../engine/folders';
import { buildRealms, openEngine, repository, writeTinyModel } from '../engine/realms';

const python = process.env.LOUPE_PYTHON ?? 'python3';
const script = fileURLToPath(new URL('../golden/programs.py', import.meta.url));
const root = temporaryFolder();
/** Grouped heads, a context of 32, random weights; its folder needs escaping. */
const tiny = join(root, `a "tiny" 'model' été`);
const starter = 'starter';
let engine: Engine;

beforeAll(async () => {
  await writeTinyModel(tiny);
  engine = openEngine({ realms: await buildRealms('text', 'inspect'), starter: join(repository, 'media', 'starter') });
});

interface Ran {
  readonly printed: string;
  readonly error: string | null;
}

/** Or why they cannot be. */
function run(programs: readonly string[]): Ran[] | string {
  const { status, stdout, stderr, error } = spawnSync(python, [script], {
    input: JSON.stringify(programs),
    encoding: 'utf8',
    env: { ...process.env, HF_HUB_OFFLINE: '1', PYTHONIOENCODING: 'utf-8' },
  });
  if (error) return `${python} cannot be started`;
  if (status !== 0) throw new Error(stderr);
  const ran = JSON.parse(stdout) as Ran[] | { missing: string };
  return 'missing' in ran ? ran.missing : ran;
}

async function attention(model: string, context: string, text: string, [layer, head]: [number, number], cell = { row: 3, col: 1 }) {
  const view = await engine.inspect.attend({ model, context, text, cut: true });
  return attentionPython(engine, { model, source: context + text, view, engineView: view.view, layer, head, cell });
}

/** Of the distribution of the last token. */
async function distribution(model: string, prompt: string, maxTokens: number, settings = sampled) {
  const steps: GenerateStep[] = [];
  const onProgress = (step: GenerateStep) => void steps.push(step);
  await engine.inspect.generate({ model, prompt, maxTokens, stop: [], settings }, { onProgress });
  const step = steps.at(-1)!;
  return distributionPython(engine, { model, prompt, settings, written: steps.slice(0, -1).map(({ id }) => id), step });
}

const sampled = { temperature: 0.8, topK: 40, topP: 0.9, minP: 0.02, seed: 7 };
const greedy = { temperature: 0, topK: 0, topP: 1, minP: 0, seed: 1 };
const nasty = 'a "b" \'c\' \\n \\\\ """ {x} %s\r\n\tété 👩‍💻👍🏽 \u0000\u2028\ufeff<eos> <bos>\ud800! $`';

const title = 'transformers comes to the same ids and numbers (skipped where Python has no torch and transformers)';

test(title, { timeout: 180_000 }, async ({ skip }) => {
  const long = 'Le petit chat 🎉 boit du lait.\nIl dort. '.repeat(6);
  const programs = [
    await attention(starter, 'const add = (a: number, b: number) => a + b;\n', 'export function add(a, b) {\n  return a + b;\n}', [1, 2]),
    await attention(starter, '', nasty, [3, 0]),
    await attention(tiny, long, 'Le chat 🎉 boit.', [1, 3]),
    await attention(tiny, '', long, [0, 0]),
    await distribution(starter, 'export function ', 5),
    await distribution(starter, nasty, 1, greedy),
    await distribution(starter, '', 3),
    await distribution(tiny, 'Le petit chat', 40),
    await distribution(tiny, long, 20),
  ];
  // They can fail: another number, another text, another token.
  const wrong = [
    programs[0]!.replace(/0\.(\d)/, (_, digit) => `0.${(Number(digit) + 1) % 10}`),
    programs[0]!.replace('export function', 'export  function'),
    programs[4]!.replace(/(\(\d+, )-?\d+/, '$199'),
  ];
  const ran = run([...programs, ...wrong]);
  if (typeof ran === 'string') return skip(`${ran} (LOUPE_PYTHON may name another Python)`);
  for (const [i, program] of programs.entries()) {
    expect(ran[i]!.error, program).toBeNull();
    expect(ran[i]!.printed.split('\n').length, program).toBeGreaterThan(8);
  }
  for (const [i, program] of wrong.entries()) expect(ran[programs.length + i]!.error, program).toMatch(/^AssertionError/);
});

test('what transformers cannot open is refused in words', async () => {
  mkdirSync(join(root, 'c'));
  const file = join(root, 'c', 'stories.bin');
  writeFileSync(file, new Uint8Array(64));
  await expect(engine.inspect.checkpoint({ model: file })).rejects.toMatchObject({
    code: 'python.noFolder',
    args: { name: 'stories.bin' },
  });
  expect(await engine.inspect.checkpoint({ model: join(tiny, 'model.safetensors') })).toMatchObject({
    path: tiny,
    bos: 2,
    contextLength: 32,
  });
});

test('a text that is no longer that of the picture is refused', async () => {
  const view = await engine.inspect.attend({ model: tiny, context: '', text: 'Le chat' });
  const picture = { model: tiny, view, engineView: view.view, layer: 0, head: 0, cell: null };
  await expect(attentionPython(engine, { ...picture, source: 'Un chien' })).rejects.toMatchObject({ code: 'python.otherIds' });
});
