/**
 * What the starter model is judged by: bits per byte of texts that it never saw, against counted bytes and compressors, and
 * how much of an induction head its best head is. Also called by the test that holds the model and its card together.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openBackend } from '../../src/backend/open';
import { readModel } from '../../src/core/formats/huggingFace';
import { allHeadMetrics, recordAttention } from '../../src/core/inspect/attention';
import { score, summarise } from '../../src/core/inspect/surprisal';
import type { Parameters } from '../../src/core/model/parameters';
import { Rng } from '../../src/core/rng';
import { parseTokenizerJson } from '../../src/core/tokenizer/load';
import type { Tokenizer } from '../../src/core/tokenizer/types';
import { ByteCounter, type ByteModels, counterOrders } from '../../src/core/train/kneserNey';

export interface Judged {
  readonly params: Parameters;
  readonly tokenizer: Tokenizer;
}

/** A Hugging Face folder. `assets`: where the kernels are. */
export async function openModel(folder: string, assets: string): Promise<Judged> {
  await openBackend({ name: 'loupe', assets, threads: 0 });
  const { params } = await readModel((name) => readFile(join(folder, name)).catch(() => undefined), folder);
  const tokenizer = await parseTokenizerJson(await readFile(join(folder, 'tokenizer.json'), 'utf8'), 'starter');
  return { params, tokenizer };
}

/** Documents apart, each read in overlapping windows behind `<bos>`, as `llm-loupe score` does; all their bytes count. */
export async function bitsPerByte({ params, tokenizer }: Judged, documents: readonly string[]): Promise<number> {
  let [bits, bytes] = [0, 0];
  for (const document of documents) {
    const size = Buffer.byteLength(document);
    const scores = await score(params, tokenizer.encode(document), { bos: tokenizer.special.bos });
    bits += summarise(scores, size).bitsPerByte * size;
    bytes += size;
  }
  return bits / bytes;
}

/** The part of a held-out text that the test of the shipped model scores again. */
export const beginning = (text: string): string => text.slice(0, 6000);

/** Counts bytes of a training text. */
export function countBytes(documents: Iterable<Uint8Array>): ByteModels {
  const counter = new ByteCounter();
  for (const document of documents) {
    counter.begin();
    counter.add(document);
  }
  return counter.models();
}

/** Bits per byte of each order that counts. */
export function countedBitsPerByte(models: ByteModels, documents: readonly Uint8Array[]): Record<string, number> {
  const bytes = documents.reduce((sum, document) => sum + document.length, 0);
  return Object.fromEntries(
    counterOrders.map((order) => [`${order}-gram`, documents.reduce((sum, document) => sum + models.bits(order, document), 0) / bytes]),
  );
}

export interface HeadScore {
  readonly layer: number;
  readonly head: number;
  readonly score: number;
}

/** Tokens that are drawn, then come again in the same order; and how often that is done. */
export const drawn = 100;
export const sequences = 8;

/**
 * Induction score of every head (Olsson et al. 2022), best first: `<bos>`, then 100 different tokens drawn at random, then
 * the same again; how much attention each place of the second half pays to what followed its token in the first. Mean over
 * as many sequences. Tokens of single bytes are not drawn: many occur in no text.
 */
export async function inductionScores({ params, tokenizer }: Judged, seed: number, count = sequences): Promise<HeadScore[]> {
  const [firstMerge, size] = [260, params.config.vocabSize];
  const sums = new Map<string, HeadScore>();
  for (let sequence = 0; sequence < count; sequence++) {
    const rng = Rng.from(seed).split(sequence);
    const ids = new Set<number>();
    for (let i = 0; ids.size < drawn; i++) ids.add(firstMerge + rng.below(i, size - firstMerge));
    const record = await recordAttention(params, Int32Array.from([tokenizer.special.bos ?? 2, ...ids, ...ids]));
    for (const { layer, head, induction } of await allHeadMetrics(record)) {
      const key = `${layer} ${head}`;
      sums.set(key, { layer, head, score: (sums.get(key)?.score ?? 0) + induction / count });
    }
  }
  return [...sums.values()].sort((a, b) => b.score - a.score);
}
