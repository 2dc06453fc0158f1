/** The text that every sample of a run continues: a piece of the held-out text, with how it really goes on. */
import type { Parameters } from '../../core/model/parameters';
import { complete } from '../../core/sample/generate';
import type { Tokenizer } from '../../core/tokenizer/types';
import type { TokenSource } from '../../core/train/source';

const promptTokens = 24;
const sampleTokens = 64;
/** How far a place is looked for. */
const searched = 2000;

export interface SamplePlace {
  readonly prompt: Uint32Array;
  readonly truth: Uint32Array;
}

/** A place inside one document, at the beginning of a line where there is one; null where the text is too short. */
export async function samplePlace(source: TokenSource, tokenizer: Tokenizer): Promise<SamplePlace | null> {
  const needed = promptTokens + sampleTokens;
  // Not the beginning of the file: licences and imports say little.
  for (const from of [Math.floor(source.length / 3), 0]) {
    const ids = await source.read(from, Math.min(searched, source.length - from));
    const special = new Set(Object.values(tokenizer.special));
    const newline = (id: number | undefined) => id !== undefined && tokenizer.tokenBytes(id).at(-1) === 10;
    let last = -1;
    const fits = Array.from(ids, (id, at) => {
      if (special.has(id)) last = at;
      return at - last >= needed;
    });
    const starts = fits.flatMap((fit, at) => (fit ? [at - needed + 1] : []));
    const start = starts.find((at) => newline(ids[at - 1])) ?? starts[0];
    if (start === undefined) continue;
    const piece = Uint32Array.from(ids.subarray(start, start + needed));
    return { prompt: piece.slice(0, promptTokens), truth: piece.slice(promptTokens) };
  }
  return null;
}

/** What the model is given to read. */
export function promptIds(params: Parameters, tokenizer: Tokenizer, place: SamplePlace): Int32Array {
  const bos = params.config.bosId ?? tokenizer.special.bos;
  return Int32Array.from(bos === undefined ? place.prompt : [bos, ...place.prompt]);
}

/** Continues the prompt with the model as it is: the same draws at every step of a run. */
export async function drawSample(
  params: Parameters,
  tokenizer: Tokenizer,
  place: SamplePlace,
  seed: number,
): Promise<{ prompt: string; text: string; truth: string }> {
  const prompt = Uint32Array.from(promptIds(params, tokenizer, place));
  const settings = { temperature: 0.8, topK: 0, topP: 0.95, minP: 0, seed };
  const { text } = await complete(params, tokenizer, prompt, { settings, maxTokens: sampleTokens, candidates: 1 });
  return { prompt: tokenizer.decode(place.prompt), text, truth: tokenizer.decode(place.truth) };
}
