import { expect, test } from 'vitest';
import { surprisingLines } from '../../../src/core/inspect/lines';
import { encodeFake } from './pieces';

test('lines come by bits per byte, with their most surprising token', () => {
  const pieces = [
    'const answer',
    ' =',
    ' forty',
    '_two;\n',
    'return',
    ' answer;',
    ' // yes\n',
    '}\n',
    '  ',
    'aéîo',
    ' aéîo aéîo\n    ',
    'last line of all',
  ];
  const bits = [1, 2, 30, 1, 1, 1, 1, 50, 0, 8, 2, Number.NaN];
  const text = pieces.join('');
  const logprob = Float32Array.from(bits, (each) => -each * Math.LN2);
  const lines = surprisingLines(text, encodeFake(pieces), logprob, 10);
  // The bracket is too short to be told; nothing predicts the last line; a token with the end of a line and the next one's
  // indentation counts for the next.
  expect(lines.map(({ line, text: said }) => [line, said])).toEqual([
    [0, 'const answer = forty_two;'],
    [3, 'aéîo aéîo aéîo'],
    [1, 'return answer; // yes'],
    [4, 'last line of all'],
  ]);
  expect(lines[0]).toMatchObject({ bits: expect.closeTo(34, 4), bytes: 26, start: 14, end: 20 });
  expect(text.split('\n')[0]!.slice(14, 20)).toBe(' forty');
  expect(lines[1]).toMatchObject({ bits: expect.closeTo(8, 4), start: 2, end: 6 });
  expect(surprisingLines(text, encodeFake(pieces), logprob, 1).length).toBe(1);
  expect(surprisingLines('', encodeFake([]), new Float32Array(), 3)).toEqual([]);
});
