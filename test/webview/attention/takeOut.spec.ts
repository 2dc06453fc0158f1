import { describe, expect, test } from 'vitest';
import type { AttentionView } from '../../../src/protocol/engine';
import { sheet } from '../../../webview/attention/numbers';
import { json, rows, type Shown } from '../../../webview/attention/takeOut';

const view: AttentionView = {
  view: 1,
  model: 'novels',
  tokenizer: { name: 'novels', vocabSize: 4096 },
  tokens: [
    { id: 2, text: '<bos>', fragment: null, start: -1, end: -1 },
    { id: 300, text: 'Le', fragment: null, start: 0, end: 2 },
    { id: 301, text: ' chat', fragment: null, start: 2, end: 7 },
  ],
  firstSelected: 2,
  droppedContext: 5,
  droppedText: 0,
  nLayers: 1,
  nHeads: 1,
  nKvHeads: 1,
  headDim: 4,
  contextLength: 16,
  dtype: 'f16',
  backend: 'wasm',
  metrics: [{ layer: 0, head: 0, previousToken: 0.5, firstToken: 0.25, self: 0.1, induction: Number.NaN, entropy: 1, distance: 2 }],
};
const data = { scores: Float32Array.of(1, 9, 9, 2, 4, 9, 0, 2, 4), pattern: Float32Array.of(1, 0, 0, 0.25, 0.75, 0, 0.5, 0.125, 0.375) };

function shown(hideFirst: boolean): Shown {
  const legend = { name: 'weight', low: '0 %', high: '100 %', note: '' };
  const common = {
    layer: 0,
    head: 0,
    view,
    document: 'a.txt',
    title: '',
    reading: '',
    legend,
    data,
    labels: [],
    squareRoot: false,
    mode: 'matrix' as const,
  };
  return { ...common, sheet: sheet(data, 3, 4, 'softmax', hideFirst) };
}

describe('what the inspector exports', () => {
  test('JSON says what it is of: model, tokenizer, context, dtype, backend, stage', () => {
    const whole = json(shown(false)) as Record<string, unknown>;
    expect(whole).toMatchObject({
      model: 'novels',
      tokenizer: { name: 'novels', vocabSize: 4096 },
      dtype: 'f16',
      weights: 'as stored',
      backend: 'wasm',
      document: 'a.txt',
      positions: 3,
      contextLength: 16,
      context: { special: ['<bos>'], tokens: 1, dropped: 5 },
      metrics: { previousToken: 0.5, distance: 2 },
      selection: { first: 2, tokens: 1, dropped: 0 },
      shown: { picture: 'matrix', stage: 'softmax', scale: 'linear', firstColumn: 'shown', renormalised: false },
      scaled: [
        [0.5, null, null],
        [1, 2, null],
        [0, 1, 2],
      ],
    });
    expect(whole).not.toHaveProperty('withoutFirst');
  });

  test('JSON names what is shown, be it the table', () => {
    expect(json({ ...shown(false), mode: 'table' })).toMatchObject({ shown: { picture: 'table' } });
  });

  test('a piece of a character is its bytes, not the whole character again', () => {
    const own = { text: null, bytes: [0xf0] };
    const [bos, , last] = view.tokens;
    const cut = { ...view, tokens: [bos!, { ...view.tokens[1]!, text: '🎉', fragment: { index: 0, of: 4 }, own }, last!] };
    const whole = json({ ...shown(false), view: cut }) as { tokens: unknown[] };
    expect(whole.tokens[1]).toEqual({ id: 300, text: null, bytes: [0xf0], start: 0, end: 2 });
    expect(rows({ ...shown(false), view: cut })[2]).toContain('\\xf0');
  });

  test('a hidden first column is said, and what the others were raised to stands beside the weights', () => {
    const hidden = json(shown(true)) as Record<string, unknown>;
    expect(hidden.shown).toMatchObject({ firstColumn: 'hidden', renormalised: true });
    expect(hidden.pattern).toEqual([
      [1, 0, 0],
      [0.25, 0.75, 0],
      [0.5, 0.125, 0.375],
    ]);
    expect(hidden.withoutFirst).toEqual([
      [null, null, null],
      [null, 1, null],
      [null, 0.25, 0.75],
    ]);
    const [titles, ...cells] = rows(shown(true));
    expect(titles?.at(-1)).toBe('weight_without_first');
    expect(cells.map((row) => row.at(-1))).toEqual(['', '', 1, '', 0.25, 0.75]);
  });

  test('CSV names model, layer and head in each row', () => {
    const [titles, ...cells] = rows(shown(false));
    expect(titles).toEqual(['model', 'layer', 'head', 'row', 'column', 'row_token', 'column_token', 'score', 'scaled', 'weight']);
    expect(cells).toHaveLength(6);
    expect(cells.at(-1)).toEqual(['novels', 0, 0, 2, 2, ' chat', ' chat', 4, 2, 0.375]);
  });
});
