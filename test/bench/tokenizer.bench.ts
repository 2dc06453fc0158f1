/**
 * Encoding and learning, interleaved; medians; MB of UTF-8 per second. `o200k`: GPT-4o's entries, against the other tokenizers
 * of npm, in this process: other ids are an error. `encode` and `train`: a vocabulary of our own on French novels (`../shared`),
 * against those and against rustbpe and Hugging Face's tokenizers, each in a process of its own.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode as gptEncode } from 'gpt-tokenizer/encoding/o200k_base';
import { get_encoding } from 'tiktoken';
import { writeTokenizerJson } from '../../src/core/tokenizer/huggingFaceJson';
import { openAiTokenizer } from '../../src/core/tokenizer/openai';
import { patternSource } from '../../src/core/tokenizer/pretokenize';
import { trainTokenizer } from '../../src/core/tokenizer/train';
import { against, type BenchContext, type BenchRow, median } from './lib/row';
import { type Answer, interleave, type Subject, startPython, startScript, type Turn } from './lib/subject';

export const parts = ['o200k', 'encode', 'train'];

const rounds = 5;
const vocabSize = 8192;
const novels = '../shared/data/corpora/fr';

export async function* rows(context: BenchContext): AsyncGenerator<BenchRow> {
  if (context.wants('o200k')) yield* withOpenAi(context);
  if (!context.wants('encode') && !context.wants('train')) return;
  const corpus = join(context.root, novels);
  if (!existsSync(corpus)) {
    console.log(`  left out: ${novels} is not there`);
    return;
  }
  if (context.wants('encode')) yield* encoding(context, corpus);
  if (context.wants('train')) yield* training(context, corpus);
}

interface Encoded extends Answer {
  readonly tokens?: number;
}

/** 4 MB of French, each tokenizer with the vocabulary that ours has learnt from it all. */
async function* encoding(context: BenchContext, corpus: string): AsyncGenerator<BenchRow> {
  const work = mkdtempSync(join(tmpdir(), 'loupe-bench-'));
  const turns = new Map<string, Turn>();
  try {
    const texts = readdirSync(corpus).map((name) => readFileSync(join(corpus, name)));
    const [text, tokenizer] = [join(work, 'text.txt'), join(work, 'tokenizer.json')];
    writeFileSync(text, gather(corpus, /\.txt$/, 4e6));
    writeFileSync(tokenizer, writeTokenizerJson((await trainTokenizer(texts, { vocabSize, pattern: 'llama3' })).vocabulary));
    const add = (name: string, subject: Subject | null, count: number) =>
      subject && turns.set(name, { subject, request: { encode: text, count } });
    for (const which of ['loupe', 'gpt-tokenizer', 'tiktoken'])
      add(which, await startScript(context, 'encode.ts', { which, tokenizer }), 1);
    for (const which of ['rustbpe', 'tokenizers']) add(which, await startBpe(context, which, { tokenizer, corpus }), 1);
    const tokens = new Map<string, number>();
    const answers = await interleave<Encoded>(turns, rounds, (name, answer) => tokens.set(name, answer.tokens as number));
    for (const [name, count] of tokens) {
      // rustbpe learns its own merges: of pairs that are equally frequent it may take another.
      const ours = tokens.get('loupe') as number;
      if (Math.abs(count - ours) > (name === 'rustbpe' ? 0.01 * ours : 0)) throw new Error(`${count} tokens of ${name}, ours are ${ours}`);
    }
    const megabytes = statSync(text).size / 1e6;
    const found = speeds(turns, answers, megabytes);
    const best = Math.max(...[...found].flatMap(([name, speed]) => (name === 'loupe' ? [] : [speed])));
    for (const peer of ['rustbpe', 'gpt-tokenizer', 'tiktoken', 'tokenizers']) {
      const goal = found.get(peer) === best ? { goal: { least: 1.5 } } : {};
      yield own(`encode ${megabytes.toFixed(0)} MB of French, ${vocabSize} entries`, turns, found, peer, goal);
    }
  } finally {
    for (const { subject } of turns.values()) subject.stop();
    rmSync(work, { recursive: true, force: true });
  }
}

async function* training(context: BenchContext, corpus: string): AsyncGenerator<BenchRow> {
  const turns = new Map<string, Turn>();
  const request = { train: corpus, vocabSize };
  try {
    turns.set('loupe', { subject: await startScript(context, 'encode.ts', { which: 'loupe' }), request });
    for (const which of ['rustbpe', 'tokenizers']) {
      const subject = await startBpe(context, which, {});
      if (subject) turns.set(which, { subject, request });
    }
    const megabytes = readdirSync(corpus).reduce((sum, name) => sum + statSync(join(corpus, name)).size, 0) / 1e6;
    const found = speeds(turns, await interleave(turns, rounds), megabytes);
    for (const peer of ['rustbpe', 'tokenizers']) {
      const goal = peer === 'rustbpe' ? { goal: { least: 1 } } : {};
      yield own(`learn ${vocabSize} entries from ${megabytes.toFixed(0)} MB of French`, turns, found, peer, goal);
    }
  } finally {
    for (const { subject } of turns.values()) subject.stop();
  }
}

const startBpe = (context: BenchContext, which: string, more: object) =>
  startPython(context, 'bpe.py', [which], { which, vocabSize, threads: availableParallelism(), pattern: patternSource.llama3, ...more });

/** Median MB/s by name. */
function speeds(turns: ReadonlyMap<string, Turn>, answers: ReadonlyMap<string, Answer[]>, megabytes: number): Map<string, number> {
  return new Map([...turns.keys()].map((name) => [name, megabytes / median((answers.get(name) ?? []).map(({ seconds }) => seconds))]));
}

function own(
  name: string,
  turns: ReadonlyMap<string, Turn>,
  found: ReadonlyMap<string, number>,
  peer: string,
  goal: { goal?: { least: number } },
): BenchRow {
  const peerName = turns.get(peer)?.subject.name ?? peer;
  return against({ name, unit: 'MB/s', loupe: found.get('loupe') as number, peer: found.get(peer), peerName, ...goal });
}

async function* withOpenAi({ root }: BenchContext): AsyncGenerator<BenchRow> {
  const ours = await openAiTokenizer('o200k');
  const tiktoken = get_encoding('o200k_base');
  for (const [name, text] of texts(root)) {
    const megabytes = Buffer.byteLength(text) / 1e6;
    const speeds = await interleaved(megabytes, {
      loupe: () => ours.encode(text),
      'gpt-tokenizer': () => gptEncode(text),
      tiktoken: () => tiktoken.encode_ordinary(text),
    });
    for (const peerName of ['gpt-tokenizer', 'tiktoken'] as const) yield row(`encode ${name}, o200k`, speeds, peerName);
    yield { name: `encode ${name} with spans, o200k`, ...alone(await interleaved(megabytes, { loupe: () => ours.encodeSpans(text).ids })) };
  }
  tiktoken.free();

  const word = 'a'.repeat(1e6);
  yield { name: 'encode one word of 1 MB', ...alone(await interleaved(1, { loupe: () => ours.encode(word) })) };
}

/** About 2 MB each: source code that the project installs and, where the shared data are, French novels. */
function texts(root: string): [string, string][] {
  const code = join(root, 'node_modules/@tensorflow/tfjs-core/dist');
  const found: [string, string][] = [['source code', gather(code, /\.js$/, 2e6)]];
  const french = join(root, novels);
  if (existsSync(french)) found.push(['French', gather(french, /\.txt$/, 2e6)]);
  return found;
}

function gather(folder: string, names: RegExp, length: number): string {
  let text = '';
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    // Source maps inside the code are no code.
    if (names.test(name)) text += readFileSync(join(folder, name), 'utf8').replace(/^\/\/# sourceMappingURL=.*$/gm, '');
    if (text.length >= length) break;
  }
  return text.slice(0, length);
}

type Run = () => ArrayLike<number> | Promise<ArrayLike<number>>;

/** Median MB/s of each, one after the other in each round. Different ids for the same text are an error. */
async function interleaved<Name extends string>(megabytes: number, runs: Record<Name, Run>): Promise<Record<Name, number>> {
  const names = Object.keys(runs) as Name[];
  const times = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    let first: string | undefined;
    for (const name of names) {
      const began = performance.now();
      const ids = await runs[name]();
      const seconds = (performance.now() - began) / 1000;
      if (round > 0) times.get(name)!.push(seconds);
      else if (first === undefined) first = Array.from(ids).join();
      else if (first !== Array.from(ids).join()) throw new Error(`${name} gives other ids than ${names[0]}`);
    }
  }
  const speed = (name: Name) => megabytes / times.get(name)!.sort((a, b) => a - b)[rounds >> 1]!;
  return Object.fromEntries(names.map((name) => [name, speed(name)])) as Record<Name, number>;
}

function row<Peer extends string>(name: string, speeds: Record<Peer | 'loupe', number>, peerName: Peer): BenchRow {
  return { name, unit: 'MB/s', loupe: speeds.loupe, peer: speeds[peerName], peerName, ratio: speeds.loupe / speeds[peerName] };
}

function alone(speeds: { loupe: number }): Omit<BenchRow, 'name'> {
  return { unit: 'MB/s', loupe: speeds.loupe, peer: null, peerName: null, ratio: null };
}
