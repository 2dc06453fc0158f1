import { Tokenizer as Library } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteLevelTokenizer, createTokenizer } from '../../../src/core/tokenizer/encode';
import { tokenizerConfigJson, writeTokenizerJson } from '../../../src/core/tokenizer/huggingFaceJson';
import { parseTokenizerJson } from '../../../src/core/tokenizer/load';
import { trainTokenizer } from '../../../src/core/tokenizer/train';
import { corpus, own, strings } from './golden';
import { platformAgrees, trickyText, wellFormed } from './texts';

const patterns = ['llama3', 'gpt2', 'cl100k', 'o200k', 'none'] as const;
const trained = Object.fromEntries(
  await Promise.all(
    patterns.map(async (pattern) => [pattern, (await trainTokenizer([corpus], { vocabSize: 600, pattern })).vocabulary] as const),
  ),
);

describe('tokenizer.json', () => {
  it.each(patterns)('gives the ids of Hugging Face’s own library (%s)', (pattern) => {
    const tokenizer = createTokenizer(trained[pattern]!, pattern);
    expect(own[pattern]!.length).toBe(strings.length);
    // Their library always takes special tokens that are written in a text for such.
    for (const [i, text] of strings.entries()) {
      expect([...tokenizer.encode(text, { special: true })], JSON.stringify(text)).toEqual(own[pattern]![i]);
    }
  });

  it.each(patterns)('gives the same ids in their JavaScript library (%s)', (pattern) => {
    const tokenizer = createTokenizer(trained[pattern]!, pattern);
    const library = new Library(JSON.parse(writeTokenizerJson(trained[pattern]!)) as object, {});
    // Its case folding knows ASCII only, and its classes are the platform's.
    const shared = trickyText.map(wellFormed).filter((text) => platformAgrees(text) && !text.includes('ſ'));
    fc.assert(
      fc.property(fc.oneof(shared, fc.constantFrom(...strings.filter((text) => !text.includes('ſ')))), (text) => {
        expect([...tokenizer.encode(text, { special: true })]).toEqual(library.encode(text, { add_special_tokens: false }).ids);
      }),
      { numRuns: 300 },
    );
  });

  it.each(patterns)('is read as it was written (%s)', async (pattern) => {
    const read = await parseTokenizerJson(writeTokenizerJson(trained[pattern]!), 'read');
    expect(read).toBeInstanceOf(ByteLevelTokenizer);
    expect((read as ByteLevelTokenizer).vocabulary).toEqual(trained[pattern]);
    expect(read.special).toEqual({ pad: 0, unk: 1, bos: 2, eos: 3 });
  });

  it('keeps an entry whose name means something to JavaScript', async () => {
    const { vocabulary } = await trainTokenizer(['__proto__', '__proto__', 'constructor', 'constructor'], {
      vocabSize: 300,
      pattern: 'none',
    });
    const json = JSON.parse(writeTokenizerJson(vocabulary)) as { model: { vocab: object } };
    const texts = Array.from({ length: vocabulary.offsets.length - 1 }, (_, id) => createTokenizer(vocabulary, '').decode([id]));
    expect(texts).toContain('__proto__');
    expect(Object.keys(json.model.vocab)).toHaveLength(texts.length);
    const read = await parseTokenizerJson(writeTokenizerJson(vocabulary), 'read');
    expect((read as ByteLevelTokenizer).vocabulary).toEqual(vocabulary);
  });

  it('has Loupe’s ids', () => {
    const json = JSON.parse(writeTokenizerJson(trained.llama3!)) as { model: { vocab: Record<string, number>; merges: string[][] } };
    expect(json.model.vocab).toMatchObject({ '<pad>': 0, '<unk>': 1, '<bos>': 2, '<eos>': 3, Ā: 4, ÿ: 259 });
    const [left, right] = json.model.merges[0]!;
    expect(json.model.vocab[`${left}${right}`]).toBe(260);
  });

  it('comes with the configuration that AutoTokenizer asks for', () => {
    expect(JSON.parse(tokenizerConfigJson(trained.llama3!, 256))).toMatchObject({
      tokenizer_class: 'PreTrainedTokenizerFast',
      bos_token: '<bos>',
      eos_token: '<eos>',
      pad_token: '<pad>',
      unk_token: '<unk>',
      model_max_length: 256,
    });
  });

  it.each([
    ['', 'it is not JSON'],
    ['null', 'it has no model with a vocabulary'],
    ['[]', 'it has no model with a vocabulary'],
    ['{"model": 3}', 'it has no model with a vocabulary'],
    ['{"model": {"vocab": {}}, "added_tokens": 3}', 'its added tokens are not a list'],
  ])('refuses %j', async (text, detail) => {
    await expect(parseTokenizerJson(text, 'x.json')).rejects.toMatchObject({
      code: 'tokenizer.badFile',
      args: { file: 'x.json', detail },
    });
  });

  it('refuses a file that contradicts itself', async () => {
    const change = (edit: (model: { vocab: Record<string, number>; merges: string[][] }) => void) => {
      const json = JSON.parse(writeTokenizerJson(trained.llama3!)) as { model: { vocab: Record<string, number>; merges: string[][] } };
      edit(json.model);
      return parseTokenizerJson(JSON.stringify(json), 'x.json');
    };
    await expect(change((model) => delete model.vocab.a)).rejects.toMatchObject({ code: 'tokenizer.badFile' });
    await expect(change((model) => model.merges.push(['zzz', 'qqq']))).rejects.toMatchObject({ code: 'tokenizer.badFile' });
    await expect(change((model) => Object.assign(model.vocab, { a: 1e9 }))).rejects.toMatchObject({ code: 'tokenizer.badFile' });
  });
});
