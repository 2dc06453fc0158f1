import { describe, expect, it } from 'vitest';
import type { HeadMetrics } from '../../../src/core/inspect/types';
import type { AttentionView } from '../../../src/protocol/engine';
import { firstLook, restoredLook, within } from '../../../webview/attention/look';
import { clearestHead, headTitle, readingSentence, repeats } from '../../../webview/attention/sentences';

function view(size: number, metrics: Partial<HeadMetrics>, ids: (i: number) => number = (i) => i): AttentionView {
  const full = {
    layer: 1,
    head: 2,
    previousToken: 0,
    firstToken: 0,
    self: 0,
    induction: Number.NaN,
    entropy: 1.234,
    distance: 2,
    ...metrics,
  };
  return {
    view: 1,
    model: 'starter',
    tokenizer: { name: 'starter', vocabSize: 4096 },
    tokens: Array.from({ length: size }, (_, i) => ({
      id: ids(i),
      text: i === 0 ? '<bos>' : `t${i}`,
      fragment: null,
      start: i - 1,
      end: i,
    })),
    firstSelected: 1,
    droppedContext: 0,
    droppedText: 0,
    nLayers: 3,
    nHeads: 4,
    nKvHeads: 4,
    headDim: 8,
    contextLength: 256,
    dtype: 'f16',
    backend: 'wasm',
    metrics: [{ ...full, layer: 0, head: 0, previousToken: 0, self: 0.1, induction: Number.NaN }, full],
  };
}

describe('the title of a head', () => {
  it('claims a habit only over 32 tokens or more, and names the count', () => {
    expect(headTitle(view(49, { previousToken: 0.712 }), 1, 2)).toBe('L1H2 looks at the previous token, 71\u202f% over 48 tokens');
    expect(headTitle(view(20, { previousToken: 0.9 }), 1, 2)).toBe('L1H2 over 20 tokens');
    expect(headTitle(view(32, { previousToken: 0.9 }), 1, 2)).not.toContain('previous');
    expect(headTitle(view(1, {}), 1, 2)).toBe('L1H2 over 1 token');
  });

  it('counts repeated tokens for induction', () => {
    const few = view(60, { induction: 0.9 }, (i) => Math.min(i, 40));
    expect(repeats(few)).toBe(19);
    expect(headTitle(few, 1, 2)).not.toContain('followed');
    const many = view(60, { induction: 0.9 }, (i) => i % 20);
    expect(headTitle(many, 1, 2)).toContain('what followed the same token before, 90\u202f% over 40 tokens');
  });

  it('says the strongest habit, or how spread the attention is', () => {
    expect(headTitle(view(50, { firstToken: 0.5, self: 0.45 }), 1, 2)).toContain('rests on the first token');
    expect(headTitle(view(50, { entropy: 3 }), 1, 2)).toContain('spreads its attention');
    expect(headTitle(view(50, { entropy: 0.3 }), 1, 2)).toContain('few tokens at a time');
    expect(headTitle(view(50, { entropy: 1.3 }), 1, 2)).toBe('L1H2, mean entropy 1.30 nats over 49 tokens');
  });

  it('starts at the clearest head', () => {
    expect(clearestHead(view(50, { previousToken: 0.8 }))).toEqual({ layer: 1, head: 2 });
  });

  it('starts rather at a head that finds what came before', () => {
    const text = view(60, { induction: 0.4 }, (i) => i % 20);
    const [other, finds] = text.metrics;
    expect(clearestHead({ ...text, metrics: [{ ...other!, self: 0.9 }, finds!] })).toEqual({ layer: 1, head: 2 });
    expect(
      clearestHead({
        ...text,
        metrics: [
          { ...other!, self: 0.9 },
          { ...finds!, induction: 0.1 },
        ],
      }),
    ).toEqual({ layer: 0, head: 0 });
  });
});

describe('the header', () => {
  it('says what was read, what did not fit, and how the weights are stored', () => {
    const sentence = readingSentence({ ...view(50, {}), firstSelected: 11, droppedContext: 1204 }, 'poem.md');
    for (const part of [
      '<bos>',
      '10 tokens of context',
      '39 tokens of',
      'poem.md',
      '1,204 tokens before',
      '50 positions of 256',
      'f16',
      'wasm',
    ])
      expect(sentence).toContain(part);
    expect(readingSentence(view(2, {}), 'a')).toContain('then 1 token of');
  });

  it('names no <bos> where the model has none', () => {
    const whole = view(12, {});
    const bare = { ...whole, tokens: whole.tokens.slice(1), firstSelected: 0 };
    expect(readingSentence(bare, 'a.md')).toMatch(/^starter reads 11 tokens of \S*a\.md/);
    expect(readingSentence({ ...bare, firstSelected: 4 }, 'a.md')).toMatch(
      /^starter reads 4 tokens of context \(dimmed\), then 7 tokens of/,
    );
  });
});

describe('a saved look', () => {
  it('comes back, as far as it is sound', () => {
    const look = { ...firstLook, layer: 2, head: 3, stage: 'masked' as const, cell: { row: 5, col: 4 }, locked: true, hideFirst: true };
    expect(restoredLook(JSON.parse(JSON.stringify(look)))).toEqual(look);
    expect(restoredLook(undefined)).toEqual(firstLook);
    expect(restoredLook({ layer: -1, head: 'x', stage: 'later', mode: 3, cell: { row: 1.5 }, locked: true })).toEqual({
      ...firstLook,
      cell: { row: 0, col: 0 },
      locked: true,
    });
  });

  it('fits the text and the model that are there now', () => {
    const look = { ...firstLook, layer: 9, head: 9, cell: { row: 60, col: 4 }, locked: true };
    expect(within(look, view(50, {}))).toEqual({ ...look, layer: 2, head: 3, cell: null, locked: false });
  });
});
