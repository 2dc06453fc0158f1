import { describe, expect, test } from 'vitest';
import { csvText, jsonText } from '../../../webview/lib/save';

describe('data that is taken out', () => {
  test('JSON keeps a row of numbers on one line, and its values', () => {
    const value = { text: 'a\n[\n1,\n2]', odd: [[], ['x', 1]], rows: [Float32Array.of(0.5, -2, 1e-7), [Number.NaN, 3e21]] };
    const text = jsonText(value);
    expect(text).toContain('[0.5, -2, 1.0000000116860974e-7]');
    expect(text).toContain('[null, 3e+21]');
    expect(JSON.parse(text)).toEqual({ ...value, rows: [[...value.rows[0]!], [null, 3e21]] });
    expect(jsonText(undefined)).toBe('null');
  });

  test('CSV quotes what would break a row', () => {
    expect(
      csvText([
        ['token', 'weight'],
        [',"\n', 0.25],
      ]),
    ).toBe('token,weight\r\n",""\n",0.25\r\n'.replace(',""\n', ',""\n'));
  });
});
