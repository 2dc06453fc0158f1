import { expect, test } from 'vitest';
import { pythonString } from '../../../src/core/formats/python';
import { windowOf } from '../../../src/core/sample/window';

test('any text is a literal of Python on one line', () => {
  expect(pythonString('a "b" \'c\'')).toBe('"a \\"b\\" \'c\'"');
  expect(pythonString('\\n\n\r\t')).toBe('"\\\\n\\n\\r\\t"');
  expect(pythonString('été 🎉')).toBe('"été 🎉"');
  expect(pythonString('\u0000\u2028\u00a0\u200d\ufe0f\u{e0061}')).toBe('"\\u0000\\u2028\\u00a0\\u200d\\ufe0f\\U000e0061"');
  // What a tokenizer reads of half a character.
  expect(pythonString('a\ud800b\udc00')).toBe('"a\\ufffdb\\ufffd"');
});

test('a full context goes on with half of it', () => {
  expect(windowOf(5, 0, 8)).toBe(5);
  expect(windowOf(5, 3, 8)).toBe(8);
  expect(windowOf(5, 4, 8)).toBe(4);
  expect(windowOf(5, 8, 8)).toBe(8);
  expect(windowOf(5, 9, 8)).toBe(4);
  expect(windowOf(20, 0, 8)).toBe(8);
  expect(windowOf(20, 1, 8)).toBe(4);
});
