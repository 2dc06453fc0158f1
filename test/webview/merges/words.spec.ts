import { expect, test } from 'vitest';
import { learningSteps } from '../../../src/core/tokenizer/learning';
import { trainingFilm } from '../../../webview/merges/film';
import { isEmpty, madeSentence, nextSentence } from '../../../webview/merges/words';

const learnt = (text: string) => trainingFilm(learningSteps(text, 'llama3', 100));

test('an empty text is asked for; nothing is said of what is left in it', () => {
  const film = learnt('');
  expect(isEmpty(film)).toBe(true);
  expect(madeSentence(film, 0)).toBe('Write a text above to learn merges from');
  expect(nextSentence(film, 0, 100)).toBe('');
});

test('a text too short to learn from is not one that has been learnt', () => {
  expect(madeSentence(learnt('abc'), 0)).toBe('3 bytes, nothing is merged yet');
  expect(nextSentence(learnt('abc'), 0, 100)).toMatch(/^3 tokens\. No pair stands there twice: there is nothing to learn/);
  const film = learnt('abab');
  expect(nextSentence(film, film.steps.length, 100)).toMatch(/nothing more can be learnt/);
});
