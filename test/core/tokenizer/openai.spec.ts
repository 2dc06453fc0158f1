import fc from 'fast-check';
import { get_encoding } from 'tiktoken';
import { afterAll, describe, expect, it } from 'vitest';
import { openAiTokenizer } from '../../../src/core/tokenizer/openai';
import { strings } from './golden';
import { trickyText, wellFormed } from './texts';

describe.each([
  ['gpt2', 'gpt2', 50257],
  ['cl100k', 'cl100k_base', 100277],
  ['o200k', 'o200k_base', 200019],
] as const)('%s', (name, official, size) => {
  const reference = get_encoding(official);
  const loading = openAiTokenizer(name);
  afterAll(() => reference.free());

  it('gives the ids of tiktoken', async () => {
    const tokenizer = await loading;
    expect(tokenizer.vocabSize).toBe(size);
    for (const text of strings) expect([...tokenizer.encode(text)], JSON.stringify(text)).toEqual([...reference.encode_ordinary(text)]);
    fc.assert(
      fc.property(trickyText.map(wellFormed), (text) => {
        expect([...tokenizer.encode(text)]).toEqual([...reference.encode_ordinary(text)]);
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same merges one at a time, and every entry its parents', async () => {
    const tokenizer = await loading;
    const text = 'Supercalifragilistic, naïvement';
    const { steps, tokens } = tokenizer.merges(text);
    expect(steps.at(-1)!.tokens).toEqual([...tokenizer.encode(text)]);
    expect(tokens).toEqual([...tokenizer.encode(text)]);
    for (const { merged, rank } of steps) expect(rank).toBe(merged);
    for (let id = 300; id < size - 300; id += 997) {
      const parents = tokenizer.parents(id);
      if (parents === undefined) continue;
      expect(parents.flatMap((parent) => [...tokenizer.tokenBytes(parent)])).toEqual([...tokenizer.tokenBytes(id)]);
    }
  });

  it('knows its special tokens', async () => {
    const tokenizer = await loading;
    const end = tokenizer.special.eos!;
    expect([...tokenizer.encode('a<|endoftext|>', { special: true })].at(-1)).toBe(end);
    expect([...tokenizer.encode('a<|endoftext|>')]).not.toContain(end);
    expect(tokenizer.decode([end])).toBe('<|endoftext|>');
  });
});
