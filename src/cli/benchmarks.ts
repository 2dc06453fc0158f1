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
    const text = ownText(root);
    const megabytes = Buffer.byteLength(text) / 1e6;
    const seconds: number[] = [];
    const measure = async () => {
      const start = performance.now();
      await engine.text.count({ texts: [text], tokenizers: [model] });
      seconds.push((performance.now() - start) / 1000);
    };
    // The first one loads the tokenizer and warms up. Ours runs before and after the peer, which has a process of its own.
    await measure();
    seconds.pop();
    for (let i = 0; i < rounds; i++) await measure();
    const peer = peerSeconds(join(model === 'starter' ? join(root, 'media', 'starter') : model, 'tokenizer.json'), text);
    for (let i = 0; i < rounds; i++) await measure();
    return result('tokenizer', 'MB/s', megabytes / median(seconds), peer === null ? null : megabytes / peer, 'Hugging Face tokenizers');
  },

  async training({ engine }) {
    const [offer] = await engine.train.offers({ from: null, presets: ['micro'], bytes: 1_000_000 });
    return result('training (micro)', 'tokens/s', offer?.tokensPerSecond ?? Number.NaN, null, null);
  },

  async generation({ engine, model }) {
    const settings = { temperature: 0, topK: 0, topP: 1, minP: 0, seed: 0 };
    const rates: number[] = [];
    for (let i = 0; i < rounds; i++) {
      const { tokensPerSecond } = await engine.inspect.generate({ model, prompt: 'The ', maxTokens: 64, stop: [], settings });
      rates.push(tokensPerSecond);
    }
    return result('generation', 'tokens/s', median(rates), null, null);
  },
};

function result(name: string, unit: string, loupe: number, peer: number | null, peerName: string | null): Benchmark {
  return { name, unit, loupe, peer, peerName: peer === null ? null : peerName, ratio: peer === null ? null : loupe / peer };
}

/** About a megabyte of prose and code in two languages, the same on every machine. */
function ownText(root: string): string {
  const folders = ['.', 'l10n', 'dist'].map((folder) => join(root, folder)).filter(existsSync);
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /\.(?:md|json|js)$/.test(name))
      .sort()
      .map((name) => join(folder, name)),
  );
  return files
    .map((file) => readFileSync(file, 'utf8').slice(0, 300_000))
    .join('\n')
    .slice(0, 1_000_000);
}

const python = `
import json, sys, time
from tokenizers import Tokenizer
given = json.load(sys.stdin)
tokenizer = Tokenizer.from_file(given["file"])
times = []
for _ in range(given["rounds"] + 1):
    start = time.perf_counter()
    tokenizer.encode(given["text"])
    times.append(time.perf_counter() - start)
print(sorted(times[1:])[len(times[1:]) // 2])
`;

/** Median seconds of Hugging Face's own library on the same file; null where Python or the library is not here. */
function peerSeconds(file: string, text: string): number | null {
  if (!existsSync(file)) return null;
  const run = spawnSync('python3', ['-c', python], { input: JSON.stringify({ file, text, rounds }), encoding: 'utf8', timeout: 120_000 });
  const seconds = Number(run.stdout);
  return run.status === 0 && seconds > 0 ? seconds : null;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
