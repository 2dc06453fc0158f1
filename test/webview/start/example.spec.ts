/** The worked example of "Start Here" against the attention of the model itself, its known weights, and the words around it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { attentionHeads, attentionPattern, attentionScores } from '../../../src/core/model/attention';
import * as tf from '../../../src/core/tf';
import { k, type Matrix, q, v, workOut } from '../../../webview/start/example';
import { formulaOf, type Stage, shown, valueAt, worked } from '../../../webview/start/formulas';
import { openTestBackend } from '../../support/backend';

beforeAll(() => openTestBackend('cpu').then(() => undefined));

const tensor = (matrix: Matrix) => tf.tensor4d([[matrix.map((row) => [...row])]]);

function expectClose(ours: Matrix, theirs: tf.Tensor): void {
  const expected = theirs.dataSync();
  const flat = ours.flat();
  expect(flat).toHaveLength(expected.length);
  flat.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i]!, 5);
  });
}

test('the numbers are those of the attention of the model', () => {
  const example = workOut(q, k, v);
  tf.tidy(() => {
    const scores = attentionScores(tensor(q), tensor(k));
    const pattern = attentionPattern(scores, 2, null);
    expectClose(example.scores, scores);
    expectClose(example.weights, pattern);
    expectClose(example.output, attentionHeads(pattern, tensor(v)));
  });
});

test('so are those of other matrices', () => {
  const [a, b, c] = [
    [[0.3, -1.2, 2, 0.1]],
    [
      [1, 2, 3, 4],
      [-0.5, 0.25, 0, 1],
    ],
    [[7], [-2]],
  ];
  const example = workOut(a!, b!, c!);
  tf.tidy(() => {
    const pattern = attentionPattern(attentionScores(tensor(a!), tensor(b!)), 4, null);
    expectClose(example.weights, pattern);
    expectClose(example.output, attentionHeads(pattern, tensor(c!)));
  });
});

test('the weights that are told everywhere', () => {
  expect(worked.weights.map((row) => row.map(shown).join(' '))).toEqual(['0.401 0.198 0.401', '0.198 0.401 0.401', '0.248 0.248 0.503']);
  for (const row of worked.weights) expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
});

test('the pages of the walkthrough tell the same numbers', () => {
  for (const [file, point] of [
    ['attention.md', '.'],
    ['attention.nls.fr.md', ','],
  ] as const) {
    const text = readFileSync(fileURLToPath(new URL(`../../../media/walkthrough/${file}`, import.meta.url)), 'utf8');
    const cell = (row: readonly number[], digits: number) => row.map((x) => x.toFixed(digits).replace('.', point)).join(' ');
    q.forEach((query, i) => {
      const row = [i + 1, cell(query, 0), cell(v[i]!, 0), cell(worked.weights[i]!, 3), cell(worked.output[i]!, 3)];
      expect(text).toContain(`| ${row.join(' | ')} |`);
    });
  }
});

test('every number has a formula that ends in it, made of the numbers it names', () => {
  for (const stage of Object.keys(worked) as Stage[]) {
    worked[stage].forEach((row, i) => {
      row.forEach((value, j) => {
        const place = { stage, row: i, column: j };
        const { text, words, from } = formulaOf(place);
        expect(text.endsWith(`${Number.isInteger(value) ? '=' : '≈'} ${shown(value)}`)).toBe(true);
        expect(words).not.toContain('{');
        for (const source of from) expect(text).toContain(shown(valueAt(source)));
        expect(from.length > 0).toBe(!['q', 'k', 'v'].includes(stage));
      });
    });
  }
});
