/** A model whose next token is whatever a table says, and a tokenizer of given pieces: for tests of what happens around a model. */
import type { ModelConfig } from '../../../src/core/model/config';
import { type Parameters, parameterSpecs, parametersFrom } from '../../../src/core/model/parameters';
import type { Tokenizer } from '../../../src/core/tokenizer/types';

/**
 * `logits[id]` are the logits after the token `id`. Embeddings are one-hot, nothing is added to the residual, so the last
 * norm gives sqrt(V) times one-hot and the head picks a column.
 */
export function markovModel(
  logits: readonly (readonly number[])[],
  contextLength = 16,
  special: { bosId?: number; eosId?: number } = {},
): Parameters {
  const size = logits.length;
  const config: ModelConfig = {
    vocabSize: size,
    dModel: size,
    nLayers: 1,
    nHeads: 1,
    nKvHeads: 1,
    headDim: 2,
    dFf: 2,
    contextLength,
    ropeTheta: 10000,
    normEps: 1e-12,
    tieEmbeddings: false,
    ...special,
  };
  const shapes = new Map(parameterSpecs(config).map(({ name, shape }) => [name, shape]));
  return parametersFrom(config, (name) => {
    const shape = shapes.get(name)!;
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    if (name.includes('norm')) data.fill(1);
    if (name === 'model.embed_tokens.weight') for (let id = 0; id < size; id++) data[id * size + id] = 1;
    if (name === 'lm_head.weight') {
      for (const [id, row] of logits.entries()) {
        for (const [next, logit] of row.entries()) data[next * size + id] = logit / Math.sqrt(size);
      }
    }
    return { shape, dtype: 'f32', data };
  });
}

/** The table of a model that goes `next[id]` after `id`, almost surely. */
export function chain(next: readonly number[]): number[][] {
  return next.map((to) => next.map((_, id) => (id === to ? 40 : 0)));
}

/** Encodes by the longest piece that fits; pieces in `special` are found in no text. */
export function pieceTokenizer(pieces: readonly (string | readonly number[])[], special: Tokenizer['special'] = {}): Tokenizer {
  const bytes = pieces.map((piece) => (typeof piece === 'string' ? new TextEncoder().encode(piece) : Uint8Array.from(piece)));
  const isSpecial = (id: number) => Object.values(special).includes(id);
  const decodeBytes = (ids: ArrayLike<number>) => Uint8Array.from(Array.from(ids).flatMap((id) => [...bytes[id]!]));
  const encode = (text: string) => {
    const given = new TextEncoder().encode(text);
    const ids: number[] = [];
    for (let at = 0; at < given.length; ) {
      let best = -1;
      bytes.forEach((piece, id) => {
        const fits = !isSpecial(id) && piece.every((byte, i) => byte === given[at + i]);
        if (fits && piece.length > (bytes[best]?.length ?? 0)) best = id;
      });
      if (best < 0) throw new Error(`no piece fits at ${at}`);
      ids.push(best);
      at += bytes[best]!.length;
    }
    return Uint32Array.from(ids);
  };
  return {
    name: 'pieces',
    vocabSize: pieces.length,
    special,
    encode,
    encodeSpans: () => {
      throw new Error('not in this toy');
    },
    decodeBytes,
    decode: (ids) => new TextDecoder().decode(decodeBytes(ids)),
    tokenBytes: (id) => bytes[id]!,
    rank: () => undefined,
    parents: () => undefined,
  };
}
