/** What the generation panel exports. */
import { expect, test } from 'vitest';
import type { GenerateStep, SampleSettings } from '../../../src/core/sample/types';
import type { GeneratedWith } from '../../../src/protocol/panels';
import { generationJson, stepRows } from '../../../webview/generate/exports';
import type { Generation } from '../../../webview/generate/generateView';
import { drawToken } from '../../../webview/generate/simulate';
import { readWords } from '../../../webview/generate/words';

const settings: SampleSettings = { temperature: 1, topK: 0, topP: 1, minP: 0, seed: 1 };
/** The second most probable of three. */
const step: GenerateStep = drawToken([2, 1, 0], ['a', 'b', 'c'], settings, 0.7);
const generation: Generation = { settings, maxTokens: 1, prompt: 'x', steps: [step], finish: 'length', tokensPerSecond: 1 };

test('ranks count from 1 in JSON and in CSV, as the panel says them', () => {
  expect(step.rank).toBe(1);
  expect(generationJson('mine', generation)).toMatchObject({ model: 'mine', prompt: 'x', steps: [{ id: 1, rank: 2 }] });
  const [titles, ...rows] = stepRows([step]);
  const ranks = rows.map((row) => row[titles!.indexOf('rank')]);
  expect(ranks).toEqual([1, 2, 3]);
});

test('JSON says what wrote it, from which ids, and that <bos> was read', () => {
  const made: GeneratedWith = {
    model: 'novels',
    tokenizer: { name: 'novels', vocabSize: 3 },
    contextLength: 16,
    dtype: 'f16',
    backend: 'wasm',
    special: ['<bos>'],
    prompt: [2, 101],
  };
  const written = generationJson('novels', { ...generation, made });
  expect(written).toMatchObject({ model: 'novels', dtype: 'f16', weights: 'as stored', backend: 'wasm', promptIds: [2, 101] });
  expect(written).toMatchObject({ context: { special: ['<bos>'] }, prompt: 'x', settings });
  expect(readWords(made)).toBe('The model read <bos>, then 1 token of the prompt.');
  expect(readWords({ ...made, prompt: Array(50).fill(2) })).toBe('The model read <bos>, then 15 tokens of the prompt.');
  expect(readWords({ ...made, special: [] })).toBe('The model read 2 tokens of the prompt.');
});

test('a piece of a character is its bytes, never a replacement character', () => {
  const [first, ...others] = step.top;
  const cut = { ...step, top: [{ ...first!, text: '\ufffd', bytes: [0xf0] }, ...others] };
  const { steps } = generationJson('mine', { ...generation, steps: [cut] });
  expect(steps[0]!.top[0]).toMatchObject({ id: first!.id, text: null, bytes: [0xf0] });
  expect(stepRows([cut])[1]).toContain('\\xf0');
});
