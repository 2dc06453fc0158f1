/**
 * Continues text one token at a time. Everything is a function of (weights, prompt, settings): the number that chooses the
 * n-th token depends on (seed, n) alone, so a run can be replayed, and cut or lengthened without changing what comes before.
 * Cancelling is an `AbortSignal`; the event loop gets its turn every few milliseconds.
 */

import { LoupeError } from '../errors';
import { log } from '../math';
import { KvCache } from '../model/cache';
import { forward } from '../model/gpt';
import type { Parameters } from '../model/parameters';
import { Rng } from '../rng';
import * as tf from '../tf';
import type { Tokenizer } from '../tokenizer/types';
import { validTextOf } from '../tokenizer/unicode';
import { type Distribution, distribution, drawnProbability, massOf, placeOf } from './processors';
import { TextStream } from './textStream';
import type { Candidate, FinishReason, Generated, GenerateStep, SampleSettings } from './types';

export interface GenerateOptions {
  readonly settings: SampleSettings;
  readonly maxTokens: number;
  /** Ends before the first of these; '' is ignored. */
  readonly stop?: readonly string[];
  readonly signal?: AbortSignal;
  /** How many candidates each step tells, at least the chosen one. Default 20. */
  readonly candidates?: number;
  /**
   * What happens when the context is full: true (default) goes on with `<bos>` and the last half of it, as if the text
   * before were not there; false finishes with `context`.
   */
  readonly slide?: boolean;
}

/** Positions per pass of a long prompt, so that it can be cancelled on the way. */
const prefillChunk = 128;
/** Milliseconds of work after which others get a turn. */
const turn = 10;

/** Ids that a model is given for a text: `<bos>` first, where the model knows one. */
export function promptIds(params: Parameters, tokenizer: Tokenizer, text: string): Uint32Array {
  const bos = beginId(params, tokenizer);
  const ids = tokenizer.encode(text);
  return bos === undefined ? ids : Uint32Array.from([bos, ...ids]);
}

/**
 * Continues `prompt`, ids with `<bos>`. Of a prompt that is too long, the end counts. Being cancelled is no error: it
 * returns with `cancelled`. Throws `text.empty` for no ids, `tokenizer.badId`, `model.nan`.
 */
export async function* generate(
  params: Parameters,
  tokenizer: Tokenizer,
  prompt: Uint32Array,
  options: GenerateOptions,
): AsyncGenerator<GenerateStep, Generated> {
  if (prompt.length === 0) throw new LoupeError('text.empty');
  const { settings, signal, slide = true, candidates = 20 } = options;
  const { contextLength } = params.config;
  const bos = beginId(params, tokenizer);
  const eos = params.config.eosId ?? tokenizer.special.eos;
  const draws = Rng.from(settings.seed).split('generate');
  const stream = new TextStream(options.stop ?? []);
  const pause = pauser();
  const ids: number[] = [];
  let text = '';
  const result = (finish: FinishReason): Generated => ({ text, prompt, ids: Uint32Array.from(ids), finish });

  let cache = new KvCache();
  try {
    let given = lastIds(prompt, contextLength, bos);
    while (ids.length < options.maxTokens) {
      if (signal?.aborted) return result('cancelled');
      const logits = await run(params, given, cache, pause, signal);
      if (!logits) return result('cancelled');

      const made = distribution(logits, settings);
      const draw = settings.temperature === 0 ? 0 : draws.uniform(ids.length);
      const { place, before } = placeOf(made, draw);
      const id = made.order.at(place);
      ids.push(id);

      const full = cache.length >= contextLength;
      let added = id === eos ? '' : stream.push(bytesOf(tokenizer, id));
      const finish: FinishReason | undefined =
        id === eos ? 'eos' : stream.stopped ? 'stop' : ids.length >= options.maxTokens ? 'length' : full && !slide ? 'context' : undefined;
      if (finish) added += stream.end();
      text += added;
      yield {
        id,
        text: added,
        logprob: log(made.probability(place)),
        rank: place,
        kept: made.kept,
        draw,
        top: top(made, tokenizer, candidates, place),
        ...(settings.temperature === 0 ? {} : { mass: { topK: massOf(made, made.stages.topK), kept: made.keptMass, before } }),
      };
      if (finish) return result(finish);

      if (full) {
        cache.dispose();
        cache = new KvCache();
        given = lastIds([...prompt, ...ids], Math.max(1, Math.floor(contextLength / 2)), bos);
      } else given = Int32Array.of(id);
      await pause();
    }
    return result('length');
  } finally {
    cache.dispose();
  }
}

/** Runs a generation to its end. */
export async function complete(
  params: Parameters,
  tokenizer: Tokenizer,
  prompt: Uint32Array,
  options: GenerateOptions,
): Promise<Generated> {
  const steps = generate(params, tokenizer, prompt, options);
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return value;
  }
}

/** The most probable tokens after `ids` (`<bos>` included; of too many, the end counts), without drawing one. */
export async function nextTokens(
  params: Parameters,
  tokenizer: Tokenizer,
  ids: Uint32Array,
  count: number,
): Promise<{ id: number; text: string; logit: number; probability: number }[]> {
  if (ids.length === 0) throw new LoupeError('text.empty');
  const cache = new KvCache();
  try {
    const given = lastIds(ids, params.config.contextLength, beginId(params, tokenizer));
    const logits = await run(params, given, cache, pauser(), undefined);
    const made = distribution(logits!, { temperature: 1, topK: 0, topP: 1, minP: 0, seed: 0 });
    return top(made, tokenizer, count, 0).map(({ id, text, logit, probability }) => ({ id, text, logit, probability }));
  } finally {
    cache.dispose();
  }
}

/** Text of one token for people; ids that only pad the embedding have none. */
export function tokenText(tokenizer: Tokenizer, id: number): string {
  return id < tokenizer.vocabSize ? tokenizer.decode([id]) : '';
}

/** Logits [V] after `ids`, which follow what the cache holds; undefined when cancelled on the way. */
async function run(
  params: Parameters,
  ids: Int32Array,
  cache: KvCache,
  pause: () => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<Float32Array | undefined> {
  for (let at = 0; ; at += prefillChunk) {
    const last = at + prefillChunk >= ids.length;
    const chunk = ids.subarray(at, at + prefillChunk);
    const logits = tf.tidy(() => {
      const { logits } = forward(params, chunk, { cache, last: 1 });
      return last ? tf.reshape(logits, [-1]) : undefined;
    }) as tf.Tensor | undefined;
    if (logits) {
      const values = (await logits.data()) as Float32Array;
      logits.dispose();
      return values;
    }
    await pause();
    if (signal?.aborted) return undefined;
  }
}

function beginId(params: Parameters, tokenizer: Tokenizer): number | undefined {
  return params.config.bosId ?? tokenizer.special.bos;
}

/** The last `limit` of the ids, with `<bos>` in front again if they began with it. */
function lastIds(ids: ArrayLike<number>, limit: number, bos: number | undefined): Int32Array {
  const all = Int32Array.from(ids);
  if (all.length <= limit) return all;
  const last = all.slice(-limit);
  if (bos !== undefined && all[0] === bos && limit > 1) last[0] = bos;
  return last;
}

/** Bytes that a token adds to the text: special tokens, and ids that only pad the embedding, add none. */
function bytesOf(tokenizer: Tokenizer, id: number): Uint8Array {
  const silent = id >= tokenizer.vocabSize || Object.values(tokenizer.special).includes(id);
  return silent ? new Uint8Array() : tokenizer.tokenBytes(id);
}

/** The first `count` places, and the chosen one. */
function top(made: Distribution, tokenizer: Tokenizer, count: number, chosen: number): Candidate[] {
  const places = Array.from({ length: Math.min(count, made.order.length) }, (_, place) => place);
  if (chosen >= places.length) places.push(chosen);
  return places.map((place) => {
    const id = made.order.at(place);
    const bytes = id < tokenizer.vocabSize ? tokenizer.tokenBytes(id) : new Uint8Array();
    return {
      id,
      text: tokenText(tokenizer, id),
      ...(validTextOf(bytes) === null ? { bytes: Array.from(bytes) } : {}),
      logit: made.logits[id]!,
      probability: made.probability(place),
      drawn: drawnProbability(made, place),
    };
  });
}

/** Lets the event loop turn when the last turn is some milliseconds ago. Timing decides when, never what. */
function pauser(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < turn) return;
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    since = performance.now();
  };
}
