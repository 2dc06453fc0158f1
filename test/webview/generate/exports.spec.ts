/** What the generation panel exports. */
import { expect, test } from 'vitest';
import type { GenerateStep, SampleSettings } from '../../../src/core/sample/types';
import { generationJson, stepRows } from '../../../webview/generate/exports';
import type { Generation } from '../../../webview/generate/generateView';
import { drawToken } from '../../../webview/generate/simulate';

const settings: SampleSettings = { temperature: 1, topK: 0, topP: 1, minP: 0, seed: 1 };
/** The second most probable of three. */
const step: GenerateStep = drawToken([2, 1, 0], ['a', 'b', 'c'], settings, 0.7);
const generation: Generation = { settings, maxTokens: 1, prompt: 'x', steps: [step], finish: 'length', tokensPerSecond: 1 };

test('ranks count from 1 in JSON and in CSV, as the panel says them', () => {
  expect(step.rank).toBe(1);
  expect(generationJson(generation)).toMatchObject({ prompt: 'x', steps: [{ id: 1, rank: 2 }] });
  const [titles, ...rows] = stepRows([step]);
  const ranks = rows.map((row) => row[titles!.indexOf('rank')]);
  expect(ranks).toEqual([1, 2, 3]);
});
