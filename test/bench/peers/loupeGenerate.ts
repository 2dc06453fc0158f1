/** Ours: greedy generation with the cache, and a first pass that keeps every attention pattern, on our backend. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBackend } from '../../../src/backend/open';
import { readModel } from '../../../src/core/formats/huggingFace';
import { forward } from '../../../src/core/model/gpt';
import { generate } from '../../../src/core/sample/generate';
import * as tf from '../../../src/core/tf';
import type { Tokenizer } from '../../../src/core/tokenizer/types';
import { seconds, serve, settings } from '../lib/serve';

type Request = { readonly tokens: number; readonly repeats: number } | { readonly prefill: readonly number[]; readonly repeats: number };

const { folder, threads, assets } = settings<{ folder: string; threads: number; assets: string }>();
await openBackend({ name: 'loupe', assets, threads });
const { params } = await readModel((name) => readFile(join(folder, name)).catch(() => undefined), folder);

/** Every token is one letter: what is measured is the model, not its words. */
const letter = Uint8Array.of(97);
const tokenizer: Tokenizer = {
  ...{ name: 'none', vocabSize: params.config.vocabSize, special: {} },
  encode: () => new Uint32Array(),
  encodeSpans: () => {
    throw new Error('not used');
  },
  decodeBytes: ({ length }) => new Uint8Array(length).fill(97),
  decode: ({ length }) => 'a'.repeat(length),
  tokenBytes: () => letter,
  rank: () => undefined,
  parents: () => undefined,
};
const greedy = { temperature: 0, topK: 0, topP: 1, minP: 0, seed: 0 };

async function generated(maxTokens: number): Promise<number[]> {
  const ids: number[] = [];
  const steps = generate(params, tokenizer, Uint32Array.of(1), { settings: greedy, maxTokens, candidates: 0 });
  for await (const { id } of steps) ids.push(id);
  return ids;
}

/** Logits of the last position; every pattern has been made by then. They are read outside of `tidy`, which would look for tensors among them. */
function prefilled(ids: Int32Array): Float32Array {
  const last = tf.tidy(() => {
    const { logits, taps } = forward(params, ids, { taps: { names: ['pattern'] } });
    for (const { pattern } of taps.layers) if (!pattern) throw new Error('a pattern is missing');
    return tf.slice(logits, [ids.length - 1, 0], [1, params.config.vocabSize]);
  });
  const values = last.dataSync() as Float32Array;
  last.dispose();
  return values;
}

await serve<Request>('LLM Loupe', async (request) => {
  if ('tokens' in request) {
    let ids: number[] = [];
    const took = await seconds(async () => {
      for (let i = 0; i < request.repeats; i++) ids = await generated(request.tokens);
    });
    return { seconds: took, ids };
  }
  let logits: Float32Array = new Float32Array();
  const took = await seconds(() => {
    for (let i = 0; i < request.repeats; i++) logits = prefilled(Int32Array.from(request.prefill));
  });
  return { seconds: took, logits: [...logits.subarray(0, 8)] };
});
