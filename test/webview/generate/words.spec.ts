import { describe, expect, it } from 'vitest';
import type { SampleSettings } from '../../../src/core/sample/types';
import { stepRows } from '../../../webview/generate/exports';
import { drawToken } from '../../../webview/generate/simulate';
import { stages } from '../../../webview/generate/stages';
import { drawnTitle, drawWords, finishWords, settingHint, share, tokenName } from '../../../webview/generate/words';

const settings: SampleSettings = { temperature: 1, topK: 2, topP: 1, minP: 0, seed: 1 };
const logits = [Math.log(0.5), Math.log(0.26), Math.log(0.24)];

describe('sentences about a draw', () => {
  const step = drawToken(logits, [' a', '\n', '\ufffd'], settings, 0.7);
  it('name what was drawn, with the values in them', () => {
    const made = stages(step, settings);
    expect(drawnTitle(step, made).replace(/\u202f/g, ' ')).toBe(
      '“⏎” was drawn with 34 %. The model itself gives it 26 %: its choice number 2.',
    );
    expect(drawWords(step, made)).toBe('2 tokens were left to draw from. The random number 0.700 fell on its part, from 0.657 to 1.000.');
  });
  it('say that a greedy choice is no draw', () => {
    const greedy = { ...settings, temperature: 0 };
    const first = drawToken(logits, [' a', '\n', '\ufffd'], greedy, 0);
    expect(drawnTitle(first, stages(first, greedy))).toContain('“·a” is the most probable token');
    expect(drawWords(first, stages(first, greedy))).toContain('nothing is drawn');
  });
  it('never round a random number up to 1, nor show a replacement character', () => {
    expect(share(0.99996)).toBe('0.999');
    expect(tokenName('\ufffd', 7)).toBe('a piece of a character (token 7)');
  });
});

describe('words of the panel', () => {
  it('tell why a generation ended', () => {
    expect(finishWords('length', 64, 45.4)).toBe('64 tokens at 45 tokens/s: as many as asked.');
    expect(finishWords('cancelled', 1, null)).toBe('1 token: stopped by you.');
  });
  it('tell what a setting does at its value', () => {
    expect(settingHint('temperature', 0)).toBe('always the most probable');
    expect(settingHint('topP', 1)).toBe('off');
    expect(settingHint('topK', 40)).toBe('the 40 most probable');
  });
});

describe('stepRows', () => {
  it('has one row a candidate, the chosen one marked', () => {
    const rows = stepRows([drawToken(logits, ['a', 'b', 'c'], settings, 0.7)]);
    expect(rows).toHaveLength(4);
    expect(rows.slice(1).map((row) => row[1])).toEqual([0, 1, 0]);
    expect(rows.slice(1).map((row) => row[6])).toEqual([0.5 / 0.76, 0.26 / 0.76, 0].map((value) => expect.closeTo(value, 12)));
  });
});
