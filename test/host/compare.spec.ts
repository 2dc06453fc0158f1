import { expect, test } from 'vitest';
import { comparedRows } from '../../src/host/compare/rows';

test('another active model takes the row of its own tokenizer, and no other', () => {
  expect(comparedRows(null, 'starter')).toEqual(['starter', 'gpt2', 'cl100k', 'o200k']);
  expect(comparedRows(null, 'run:a-nano')).toEqual(['run:a-nano', 'gpt2', 'cl100k', 'o200k']);
});

test('rows that were chosen stay', () => {
  const chosen = ['starter', '/a/tokenizer.json', 'cl100k'];
  for (const active of ['starter', 'run:a-nano']) expect(comparedRows(chosen, active)).toBe(chosen);
});
