import { describe, expect, it } from 'vitest';
import { createTokenizer } from '../../../src/core/tokenizer/encode';
import { learningSteps } from '../../../src/core/tokenizer/learning';
import { vocabularyFromMerges } from '../../../src/core/tokenizer/vocabulary';
import type { MergesView } from '../../../src/protocol/panels';
import { encodingFilm, trainingFilm } from '../../../webview/merges/film';
import { learntTree, mergesIn } from '../../../webview/merges/tree';

const learning = learningSteps('low low low lower lower newest newest widest', 'llama3', 12);
const vocabulary = vocabularyFromMerges(
  Uint32Array.from(learning.steps, ({ pair }) => pair[0]),
  Uint32Array.from(learning.steps, ({ pair }) => pair[1]),
  'llama3',
);
const tokenizer = createTokenizer(vocabulary, 'own');

function view(text: string): MergesView {
  const { start, words, known, steps, tokens } = tokenizer.merges(text);
  const ids = new Set([...start, ...known.flatMap(({ pair, merged }) => [...pair, merged])]);
  const entries = [...ids].map((id) => ({ id, bytes: tokenizer.tokenBytes(id) }));
  const column = (ids: readonly number[]) => Uint32Array.from(ids);
  return { start: column(start), words: column(words), tokens: column(tokens), known: [...known], steps: [...steps], entries };
}

describe('the film of an encoding', () => {
  const text = 'lowest newer';
  const film = encodingFilm(view(text));

  it('stands, after each step, where the engine stands, and ends at the encoding', () => {
    for (const [i, { tokens }] of tokenizer.merges(text).steps.entries()) expect(film.sequence(i + 1).tokens).toEqual(tokens);
    expect(film.sequence(film.steps.length).tokens).toEqual([...tokenizer.encode(text)]);
    expect(film.encoded).toBeNull();
  });

  it('chooses from all pairs that can be merged, the lowest rank first, and the chosen one is that', () => {
    for (let at = 0; at < film.steps.length; at++) {
      const rows = film.rows(at);
      expect(rows.map(({ value }) => value)).toEqual(rows.map(({ value }) => value).sort((a, b) => a - b));
      expect(rows[0]).toMatchObject({ chosen: true, value: film.steps[at]!.value, pair: film.steps[at]!.pair });
    }
    expect(film.rows(film.steps.length)).toEqual([]);
  });

  it('says what the last step made', () => {
    for (let at = 1; at <= film.steps.length; at++) {
      const { tokens } = film.sequence(at);
      const made = film.made(at);
      expect(made).toHaveLength(film.steps[at - 1]!.at.length);
      for (const place of made) expect(tokens[place]).toBe(film.steps[at - 1]!.merged);
    }
  });

  it('says where whole words go beyond the merges', () => {
    expect(encodingFilm({ ...view('low'), tokens: Uint32Array.of(3) }).encoded).toEqual([3]);
  });
});

describe('the film of a training', () => {
  const film = trainingFilm(learning);

  it('counts every pair, the most frequent first', () => {
    for (let at = 0; at < film.steps.length; at++) {
      const rows = film.rows(at);
      expect(rows[0]).toMatchObject({ chosen: true, value: learning.steps[at]!.count });
      expect(rows.every(({ value }) => value <= rows[0]!.value)).toBe(true);
    }
  });

  it('takes an entry apart down to its bytes', () => {
    const { merged } = film.steps.at(-1)!;
    const tree = learntTree(film, merged);
    const leaves = (node: typeof tree): number[] => (node.parts ? node.parts.flatMap(leaves) : [...node.bytes]);
    expect(leaves(tree)).toEqual([...film.bytes(merged)]);
    expect(mergesIn(tree)).toBe(film.bytes(merged).length - 1);
    expect(tree.rank).toBe(film.steps.length - 1);
    expect(learntTree(film, 112)).toEqual({ id: 112, bytes: Uint8Array.of(108), rank: null, parts: null });
  });
});
