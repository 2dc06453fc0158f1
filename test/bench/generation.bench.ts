/**
 * Generation and the first pass over a prompt, against llama2.c and transformers: the same weights, greedy, and other ids (or
 * logits) are an error. `stories260k`: the 260 K parameters that llama2.c's author trained, one thread. `gpt2`: the shape of GPT-2
 * small in Llama's blocks, 124 M parameters, all threads.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBackend } from '../../src/backend/open';
import { modelFiles } from '../../src/core/formats/huggingFace';
import { parseLlama2c } from '../../src/core/formats/llama2c';
import { loadStored } from '../../src/core/formats/storedModel';
import { disposeParameters } from '../../src/core/model/parameters';
import { Rng } from '../../src/core/rng';
import { against, type BenchContext, type BenchRow, type Goal, median } from './lib/row';
import { type Answer, interleave, Subject, startPython, startScript, type Turn } from './lib/subject';
import { gpt2Shaped, writeModel } from './lib/tasks';

export const parts = ['stories260k', 'gpt2'];

const rounds = 5;
const stories = 'data/models/stories260k/stories260K.bin';
const torchModules = ['torch', 'transformers', 'safetensors'];

interface Told extends Answer {
  readonly ids?: number[];
  readonly logits?: number[];
}

export async function* rows(context: BenchContext): AsyncGenerator<BenchRow> {
  const work = mkdtempSync(join(tmpdir(), 'loupe-bench-'));
  try {
    // To write the files of models only: nothing is measured here.
    await openBackend({ name: 'cpu', assets: context.assets, threads: 1 });
    if (context.wants('stories260k')) yield* smallModel(context, work);
    if (context.wants('gpt2')) yield* largeModel(context, work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function* smallModel(context: BenchContext, work: string): AsyncGenerator<BenchRow> {
  const file = join(context.root, '../shared', stories);
  if (!existsSync(file)) {
    console.log(`  left out: ../shared/${stories} is not there`);
    return;
  }
  const folder = join(work, 'stories260k');
  await convert(file, folder);
  const turns = new Map<string, Turn>();
  const add = (name: string, subject: Subject | null, repeats: number) =>
    subject && turns.set(name, { subject, request: { tokens: 256, repeats } });
  try {
    const settings = { folder, threads: 1 };
    add('loupe', await startScript(context, 'loupeGenerate.ts', settings), 8);
    for (const flags of optimisations) add(flags, await startLlama2c(context, work, file, flags), 8);
    add('transformers', await startPython(context, 'transformers_llama.py', torchModules, settings), 1);
    const answers = await interleave<Told>(turns, rounds, sameNumbers());
    const goals: Record<string, Goal> = { '-O3 -march=native': { least: 1 } };
    for (const peer of [...optimisations, 'transformers']) {
      const fallback = peer === 'transformers' ? peer : `llama2.c, ${peer}`;
      yield row('generation, stories260k, one thread', turns, answers, 'loupe', peer, fallback, goals[peer]);
    }
  } finally {
    for (const { subject } of turns.values()) subject.stop();
  }
}

async function* largeModel(context: BenchContext, work: string): AsyncGenerator<BenchRow> {
  const folder = join(work, 'gpt2');
  await writeModel(gpt2Shaped, folder);
  const settings = { folder, threads: availableParallelism() };
  const prefill = Array.from({ length: 256 }, (_, i) => Rng.from(7).below(i, gpt2Shaped.vocabSize));
  const turns = new Map<string, Turn>();
  try {
    const loupe = await startScript(context, 'loupeGenerate.ts', settings);
    turns.set('loupe', { subject: loupe, request: { tokens: 32, repeats: 1 } });
    turns.set('loupe, prefill', { subject: loupe, request: { prefill, repeats: 1 } });
    const transformers = await startPython(context, 'transformers_llama.py', torchModules, settings);
    if (transformers) {
      turns.set('transformers', { subject: transformers, request: { tokens: 32, repeats: 1 } });
      turns.set('transformers, prefill', { subject: transformers, request: { prefill, repeats: 1 } });
    }
    const answers = await interleave<Told>(turns, rounds, sameNumbers());
    const name = 'generation, 124 M parameters';
    yield row(name, turns, answers, 'loupe', 'transformers', 'transformers', { least: 1.5 });
    const first = 'first pass over 256 tokens with every pattern, 124 M parameters';
    yield row(first, turns, answers, 'loupe, prefill', 'transformers, prefill', 'transformers', { least: 0.75 });
  } finally {
    for (const { subject } of turns.values()) subject.stop();
  }
}

/** llama2.c's file as a Hugging Face directory. No token ends a text, so that all go on for as long. */
async function convert(file: string, folder: string): Promise<void> {
  const stored = parseLlama2c(readFileSync(file), file);
  const { bosId: _, eosId: __, ...config } = stored.config;
  const params = loadStored({ ...stored, config }, file);
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of await modelFiles(params)) writeFileSync(join(folder, name), bytes);
  disposeParameters(params);
}

const optimisations = ['-O2', '-O3 -march=native', '-Ofast -march=native'] as const;

/** Compiles it first; null where llama2.c or a compiler is absent. */
async function startLlama2c({ root, peers }: BenchContext, work: string, model: string, flags: string): Promise<Subject | null> {
  if (!peers.llama2c || spawnSync('gcc', ['--version']).status !== 0) return null;
  const program = join(work, `llama2c${flags.replaceAll(' ', '')}`);
  const source = join(root, 'test/bench/peers/llama2c.c');
  execFileSync('gcc', [...flags.split(' '), '-w', '-I', peers.llama2c, source, '-o', program, '-lm']);
  return Subject.start(program, [model, flags]);
}

/** For the first answers: whoever has other ids, or other logits, than the one before is not running the same model. */
function sameNumbers(): (name: string, answer: Told) => void {
  const seen: Told = { seconds: 0 };
  return (name, answer) => {
    for (const key of ['ids', 'logits'] as const) {
      const [before, now] = [seen[key], answer[key]];
      // Rounding may turn a choice after some time.
      const same = !before || !now || now.slice(0, 16).every((value, i) => Math.abs(value - (before[i] as number)) < 1e-3);
      if (!same) throw new Error(`${name} has other ${key}: ${now?.slice(0, 16)} for ${before?.slice(0, 16)}`);
    }
    Object.assign(seen, answer);
  };
}

function row(
  name: string,
  turns: ReadonlyMap<string, Turn>,
  answers: ReadonlyMap<string, Told[]>,
  ours: string,
  theirs: string,
  fallback: string,
  goal?: Goal,
): BenchRow {
  /** Median tokens in a second. */
  const speed = (key: string) => {
    const turn = turns.get(key);
    if (!turn) return null;
    const { tokens, prefill, repeats } = turn.request as { tokens?: number; prefill?: number[]; repeats: number };
    const seconds = median((answers.get(key) ?? []).map((answer) => answer.seconds));
    return ((tokens ?? (prefill as number[]).length) * repeats) / seconds;
  };
  const loupe = speed(ours) as number;
  const peerName = turns.get(theirs)?.subject.name ?? fallback;
  return against({ name, unit: 'tokens/s', loupe, peer: speed(theirs), peerName, ...(goal ? { goal } : {}) });
}
