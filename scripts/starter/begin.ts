/**
 * What the starter begins from: fresh weights in which two pairs of heads hold the halves of an induction circuit (Elhage et al.
 * 2021; Olsson et al. 2022). A head of layer 0 looks at the token before and writes it into a subspace of its own; a head of
 * layer 1 compares the token at hand with that subspace, and so looks at what followed the token when it stood there before.
 * What comes of it is left to training: nothing copies yet, and every weight may change. By itself such a pair forms
 * in far more tokens than the starter sees (docs/decisions.md). In the way of Trockman & Kolter 2023, "Mimetic initialization".
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBackend } from '../../src/backend/open';
import { configFile, modelFiles, parseConfig } from '../../src/core/formats/huggingFace';
import type { ModelConfig } from '../../src/core/model/config';
import { initialise, parametersFrom, readParameters } from '../../src/core/model/parameters';
import { Rng } from '../../src/core/rng';

type Matrix = { readonly data: Float32Array; readonly shape: readonly number[] };

/** Pairs of heads that begin as a circuit. */
const pairs = 2;
/** One coordinate of every embedding, the same for all tokens, is what a head can look by that looks at no token's content. */
const constant = { coordinate: 0, value: 0.15 };
/** Logits that the first three frequencies give to the token before, over a mean of 0. */
const nearness = [12, 8, 6];
/** Frequencies from here on turn little within a context: the comparing heads use these alone. */
const slowFrom = 4;
const sharpness = 2;
/** What is written into the residual stream begins small, so that the tokens themselves are not drowned in it. */
const small = 0.01;

/** Changes fresh weights in place: [out, in] matrices by their Hugging Face names. */
export function plantInduction(weights: ReadonlyMap<string, Matrix>, config: ModelConfig, seed: number): void {
  const { dModel, headDim, ropeTheta } = config;
  const of = (layer: number, name: string) => weights.get(`model.layers.${layer}.self_attn.${name}_proj.weight`)?.data as Float32Array;
  for (const [name, { data }] of weights) {
    if (/(o|down)_proj/.test(name)) for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) * small;
  }
  const embedding = (weights.get('model.embed_tokens.weight') as Matrix).data;
  for (let at = constant.coordinate; at < embedding.length; at += dModel) embedding[at] = constant.value;
  const squares = embedding.reduce((sum, value) => sum + value * value, 0) / (embedding.length / dModel);
  /** After RMSNorm. */
  const constantIn = constant.value / Math.sqrt(squares / dModel);
  const length = Math.sqrt(squares - constant.value ** 2);

  const half = headDim / 2;
  const slow = Array.from({ length: headDim }, (_, i) => i).filter((i) => i % half >= slowFrom);
  const rng = Rng.from(seed).split('induction');
  for (let head = 0; head < pairs; head++) {
    const row = (i: number) => (head * headDim + i) * dModel;
    const [query, key] = [of(0, 'q'), of(0, 'k')];
    for (const [i, logit] of nearness.entries()) {
      const amount = Math.sqrt(logit * Math.sqrt(headDim)) / constantIn;
      const turn = -(ropeTheta ** (-i / half));
      key[row(i) + constant.coordinate] = amount;
      key[row(i + half) + constant.coordinate] = 0;
      query[row(i) + constant.coordinate] = amount * Math.cos(turn);
      query[row(i + half) + constant.coordinate] = amount * Math.sin(turn);
    }
    // What the value matrix reads of a token, and the subspace that it is written into.
    const read = randomRows(rng.split(`read ${head}`), headDim, dModel);
    const written = orthonormal(randomRows(rng.split(`written ${head}`), headDim, dModel));
    const [value, output] = [of(0, 'v'), of(0, 'o')];
    for (let i = 0; i < headDim; i++) {
      value.set(read[i] as Float32Array, row(i));
      for (let d = 0; d < dModel; d++) {
        output[d * config.nHeads * headDim + head * headDim + i] = ((written[i]?.[d] as number) * length) / Math.sqrt(headDim);
      }
    }
    const gain = sharpness * Math.sqrt(headDim / slow.length);
    for (const [from, to] of slow.entries()) {
      const set = (matrix: Float32Array, rows: Float32Array[]) =>
        matrix.set(
          (rows[from] as Float32Array).map((x) => x * gain),
          row(to),
        );
      set(of(1, 'q'), read);
      set(of(1, 'k'), written);
    }
    // The fast ones begin without a say: their products are 0, and only their queries are, so that they can learn.
    for (let i = 0; i < headDim; i++) if (!slow.includes(i)) of(1, 'q').fill(0, row(i), row(i) + dModel);
  }
}

/** Normal rows of about length 1 that are blind to the constant. */
function randomRows(rng: Rng, count: number, width: number): Float32Array[] {
  return Array.from({ length: count }, (_, i) => {
    const row = new Float32Array(width);
    rng.split(`${i}`).fillNormal(row, 1 / Math.sqrt(width));
    row[constant.coordinate] = 0;
    return row;
  });
}

/** Gram and Schmidt. */
function orthonormal(rows: Float32Array[]): Float32Array[] {
  for (const [i, row] of rows.entries()) {
    for (const before of rows.slice(0, i)) {
      const along = before.reduce((sum, x, d) => sum + x * (row[d] as number), 0);
      for (let d = 0; d < row.length; d++) row[d] = (row[d] as number) - along * (before[d] as number);
    }
    const length = Math.hypot(...row);
    for (let d = 0; d < row.length; d++) row[d] = (row[d] as number) / length;
  }
  return rows;
}

/** Writes the model to begin from, with the tokenizer and the shape of another. */
export async function writeBeginning(
  from: string,
  to: string,
  { seed, ropeTheta, assets }: { seed: number; ropeTheta: number; assets: string },
): Promise<void> {
  await openBackend({ name: 'loupe', assets, threads: 1 });
  const config = { ...parseConfig(readFileSync(join(from, 'config.json')), 'config.json'), ropeTheta };
  mkdirSync(to, { recursive: true });
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) cpSync(join(from, name), join(to, name));
  const weights = await readParameters(initialise(config, seed));
  plantInduction(weights, config, seed);
  const params = parametersFrom(config, (name) => ({ ...(weights.get(name) as Matrix), dtype: 'f32' }));
  for (const [name, bytes] of await modelFiles(params)) writeFileSync(join(to, name), bytes);
}

/** RoPE has no weights: a model reads as much at once as its configuration says. */
export function withContext(folder: string, contextLength: number): void {
  const path = join(folder, 'config.json');
  writeFileSync(path, configFile({ ...parseConfig(readFileSync(path), path), contextLength }, 'F32'));
}
