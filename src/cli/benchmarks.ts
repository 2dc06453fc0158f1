/**
 * What `bench` measures. A peer counts only where it was found on this machine and measured in this run, on the same text
 * with the same vocabulary; otherwise `peer` and `ratio` are null. Times move from run to run; ratios much less.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../client/engine';
import type { ModelRef } from '../protocol/engine';

export interface Benchmark {
  readonly name: string;
  readonly unit: string;
  readonly loupe: number;
  readonly peer: number | null;
  readonly peerName: string | null;
  /** loupe / peer: above 1, Loupe is faster. */
  readonly ratio: number | null;
  /** Why there is no peer. */
  readonly absent: string | null;
}

/** What is measured with. */
export interface Bench {
  readonly engine: Engine;
  readonly model: ModelRef;
  /** The package: its own files are the text that is encoded. */
  readonly root: string;
}

const rounds = 5;

export const benchmarks: Readonly<Record<'tokenizer' | 'training' | 'generation', (bench: Bench) => Promise<Benchmark>>> = {
  async tokenizer({ engine, model, root }) {
    const texts = ownTexts(root);
    const megabytes = Buffer.byteLength(texts.join('')) / 1e6;
    const seconds: number[] = [];
    const measure = async () => {
      const start = performance.now();
      await engine.text.count({ texts, tokenizers: [model] });
      seconds.push((performance.now() - start) / 1000);
    };
    // The first one loads the tokenizer and warms up. Ours runs before and after the peer, which has a process of its own.
    await measure();
    seconds.pop();
    for (let i = 0; i < rounds; i++) await measure();
    const peer = peerSeconds(join(model === 'starter' ? join(root, 'media', 'starter') : model, 'tokenizer.json'), texts);
    for (let i = 0; i < rounds; i++) await measure();
    const rate = megabytes / median(seconds);
    return peer === null
      ? alone('tokenizer', 'MB/s', rate, 'python3 with the package "tokenizers" was not found')
      : { name: 'tokenizer', unit: 'MB/s', loupe: rate, peer: megabytes / peer, peerName, ratio: (rate * peer) / megabytes, absent: null };
  },

  async training({ engine }) {
    const [offer] = await engine.train.offers({ from: null, presets: ['micro'], bytes: 1_000_000 });
    return alone('training (micro)', 'tokens/s', offer?.tokensPerSecond ?? Number.NaN, unknown);
  },

  async generation({ engine, model }) {
    const settings = { temperature: 0, topK: 0, topP: 1, minP: 0, seed: 0 };
    const rates: number[] = [];
    for (let i = 0; i < rounds; i++) {
      const { tokensPerSecond } = await engine.inspect.generate({ model, prompt: 'The ', maxTokens: 64, stop: [], settings });
      rates.push(tokensPerSecond);
    }
    return alone('generation', 'tokens/s', median(rates), unknown);
  },
};

const peerName = 'Hugging Face tokenizers';
const unknown = 'this command knows no peer to measure against yet';

function alone(name: string, unit: string, loupe: number, absent: string): Benchmark {
  return { name, unit, loupe, peer: null, peerName: null, ratio: null, absent };
}

/** About a megabyte of prose and code in two languages, in pieces of some kilobytes: long texts slow some peers down. */
function ownTexts(root: string): string[] {
  const folders = ['.', 'l10n', 'dist'].map((folder) => join(root, folder)).filter(existsSync);
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /\.(?:md|json|js)$/.test(name))
      .sort()
      .map((name) => join(folder, name)),
  );
  const text = files.map((file) => readFileSync(file, 'utf8').slice(0, 300_000)).join('\n');
  return text.slice(0, 1_000_000).match(/[\s\S]{1,8000}(?:\n|$)|[\s\S]{8000}/g) ?? [];
}

const python = `
import json, sys, time
from tokenizers import Tokenizer
given = json.load(sys.stdin)
tokenizer = Tokenizer.from_file(given["file"])
times = []
for _ in range(given["rounds"] + 1):
    start = time.perf_counter()
    for text in given["texts"]:
        tokenizer.encode(text)
    times.append(time.perf_counter() - start)
print(sorted(times[1:])[len(times[1:]) // 2])
`;

/** Median seconds of Hugging Face's own library on the same file; null where Python or the library is not here. */
function peerSeconds(file: string, texts: readonly string[]): number | null {
  if (!existsSync(file)) return null;
  const run = spawnSync('python3', ['-c', python], { input: JSON.stringify({ file, texts, rounds }), encoding: 'utf8', timeout: 120_000 });
  const seconds = Number(run.stdout);
  return run.status === 0 && seconds > 0 ? seconds : null;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
