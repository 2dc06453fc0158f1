/**
 * Encoding and learning, against the other tokenizers that npm has. The same entries (GPT-4o's), the same texts, the same
 * ids or it is an error; interleaved; medians. Throughput is in MB of UTF-8 per second on one core.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode as gptEncode } from 'gpt-tokenizer/encoding/o200k_base';
import { get_encoding } from 'tiktoken';
import { createTokenizer } from '../../src/core/tokenizer/encode';
import { openAiTokenizer } from '../../src/core/tokenizer/openai';
import { trainTokenizer } from '../../src/core/tokenizer/train';
import type { BenchRow } from './lib/row';

const rounds = 5;

export async function* rows({ root }: { root: string }): AsyncGenerator<BenchRow> {
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

  const [, sample] = texts(root).at(-1)!;
  const corpus = Array.from({ length: Math.max(1, Math.round(8e6 / sample.length)) }, () => sample);
  const bytes = corpus.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  let vocabulary = (await trainTokenizer(corpus, { vocabSize: 8192, pattern: 'llama3' })).vocabulary;
  const training = await interleaved(bytes / 1e6, {
    loupe: async () => {
      ({ vocabulary } = await trainTokenizer(corpus, { vocabSize: 8192, pattern: 'llama3' }));
      return vocabulary.left;
    },
  });
  yield { name: `learn 8192 entries from ${Math.round(bytes / 1e6)} MB`, ...alone(training) };
  const own = createTokenizer(vocabulary, 'bench');
  yield {
    name: 'encode with 8192 entries',
    ...alone(await interleaved(Buffer.byteLength(sample) / 1e6, { loupe: () => own.encode(sample) })),
  };

  const word = 'a'.repeat(1e6);
  yield { name: 'encode one word of 1 MB', ...alone(await interleaved(1, { loupe: () => own.encode(word) })) };
}

/** About 2 MB each: source code that the project installs and, where the shared data are, French novels. */
function texts(root: string): [string, string][] {
  const code = join(root, 'node_modules/@tensorflow/tfjs-core/dist');
  const found: [string, string][] = [['source code', gather(code, /\.js$/, 2e6)]];
  const novels = join(root, '../shared/data/corpora/fr');
  if (existsSync(novels)) found.push(['French', gather(novels, /\.txt$/, 2e6)]);
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
