import { describe, expect, test } from 'vitest';
import type { EncodedText } from '../../src/core/tokenizer/types';
import { words } from '../../src/host/services/words';
import { addedLines } from '../../src/host/surprise/diff';
import { addSteps, bitsLook, changeLook, type Paint, rankLook, sum } from '../../src/host/surprise/steps';
import {
  cursorText,
  type Legend,
  legendLines,
  legendSteps,
  legendText,
  linesMessage,
  surpriseLines,
  type TokenSurprise,
} from '../../src/host/surprise/text';

const english = words((message, ...args) => message.replace(/\{(\d)\}/g, (_, i) => String(args[Number(i)])), 'en');
const utf8 = (text: string) => new TextEncoder().encode(text);

function encoded(pieces: string[]): EncodedText {
  const ends: number[] = [];
  for (const each of pieces) ends.push((ends.at(-1) ?? 0) + each.length);
  const column = Uint32Array.from([0, ...ends.slice(0, -1)]);
  return {
    ids: Uint32Array.from(pieces, (_, i) => i),
    start: column,
    end: Uint32Array.from(ends),
    byteStart: column,
    byteEnd: Uint32Array.from(ends),
    fragment: new Uint8Array(pieces.length),
  };
}

describe('steps', () => {
  test('of ranks are four: to 10, to 100, to 1,000, beyond', () => {
    const looks = [0, 9, 10, 99, 100, 999, 1000, 50_000].map(rankLook);
    expect(looks).toEqual([null, null, 'surprise2', 'surprise2', 'surprise4', 'surprise4', 'surprise6', 'surprise6']);
  });

  test('of bits begin at one bit and leave what nothing predicts', () => {
    expect([0, 0.99, 1, 3.9, 11, 30, Number.NaN].map(bitsLook)).toEqual([
      null,
      null,
      'surprise1',
      'surprise2',
      'surprise6',
      'surprise6',
      null,
    ]);
  });

  test('of a change have a direction', () => {
    const looks = [0.4, 0.5, 2, 9, -0.4, -0.5, -4, Number.NaN].map(changeLook);
    expect(looks).toEqual([null, 'surpriseWorse1', 'surpriseWorse2', 'surpriseWorse3', null, 'surpriseBetter1', 'surpriseBetter3', null]);
  });
});

test('tokens are painted where they are, on each of their lines, within the window', () => {
  const pieces = ['let', ' x', ' =\n  ', '1', ';\n'];
  const paint: Paint = new Map();
  const window = { text: pieces.join('').slice(1), offset: 1, start: { line: 3, character: 1 }, glyphs: false };
  addSteps(paint, encoded(pieces), window, (i) => (i === 1 ? null : i === 3 ? 'surprise6' : 'surprise2'));
  expect(paint.get('surprise6')).toEqual([{ start: { line: 4, character: 2 }, end: { line: 4, character: 3 } }]);
  expect(paint.get('surprise2')).toEqual([
    { start: { line: 3, character: 1 }, end: { line: 3, character: 3 } },
    { start: { line: 3, character: 5 }, end: { line: 3, character: 7 } },
    { start: { line: 4, character: 0 }, end: { line: 4, character: 2 } },
    { start: { line: 4, character: 3 }, end: { line: 4, character: 4 } },
  ]);
});

test('a character that is cut into tokens is painted once, as its most surprising part', () => {
  const one = { ids: Uint32Array.of(1, 2, 3, 4), start: Uint32Array.of(0, 1, 1, 3), end: Uint32Array.of(1, 3, 3, 4) };
  const bytes = { byteStart: Uint32Array.of(0, 1, 3, 5), byteEnd: Uint32Array.of(1, 3, 5, 6) };
  const tokens = { ...one, ...bytes, fragment: Uint8Array.of(0, 1, 1, 0) };
  const paint: Paint = new Map();
  const looks = ['surprise2', 'surprise2', 'surprise6', null] as const;
  addSteps(paint, tokens, { text: 'a👩b', offset: 0, start: { line: 0, character: 0 }, glyphs: false }, (i) => looks[i]!);
  const span = (from: number, to: number) => ({ start: { line: 0, character: from }, end: { line: 0, character: to } });
  expect([...paint]).toEqual([
    ['surprise2', [span(0, 1)]],
    ['surprise6', [span(1, 3)]],
  ]);
});

test('bits per byte are those of the tokens that touch a range and have a prediction', () => {
  const tokens = encoded(['ab', 'cd', 'ef', 'gh']);
  const logprob = Float32Array.of(Number.NaN, -Math.LN2, -2 * Math.LN2, -4 * Math.LN2);
  const { bits, bytes } = sum(tokens, logprob, 1, 6);
  expect([bits, bytes]).toEqual([expect.closeTo(3, 5), 4]);
});

describe('words', () => {
  const legend: Legend = { scale: 'rank', subject: { name: 'starter', step: null }, perByte: 3.4249, part: null, active: false };

  test('of the legend name figure, model and steps', () => {
    expect(legendText(legend, english)).toBe('3.42 bits per byte · starter · rank 10·100·1,000');
    const live: Legend = { ...legend, subject: { name: 'shop-nano', step: 120 }, perByte: -1.25, scale: 'change', part: 'validation' };
    expect(legendText(live, english)).toBe('−1.25 bits per byte since the start · training, step 120 · held out · bits 0.5·2·4');
    expect(legendText({ ...live, perByte: 0.3 }, english)).toContain('+0.3 bits per byte');
    expect(legendText({ ...legend, perByte: null }, english)).toContain('surprise…');
    expect(legendText({ ...live, part: 'train' }, english)).toContain(' · trained on · ');
    // The active model is named beside; the step of a training never is.
    expect(legendText({ ...legend, active: true }, english)).toBe('3.42 bits per byte · rank 10·100·1,000');
    expect(legendText({ ...live, active: true }, english)).toContain('training, step 120');
    const long = { ...legend, subject: { name: 'a-workspace-of-a-long-name-nano-2', step: null } };
    expect(legendText(long, english)).toBe('3.42 bits per byte · a-workspa…e-nano-2 · rank 10·100·1,000');
    expect(legendLines(long, english).join()).toContain('"a-workspace-of-a-long-name-nano-2"');
    expect(legendLines(live, english).at(-1)).toBe('This file is held out: the model is not trained on it.');
    expect(legendLines(live, english)[1]).toContain('step 120');
  });

  test('of the legend say every step once', () => {
    expect(legendSteps('rank', english).map(([, text]) => text)).toEqual([
      'among its first 10 choices',
      'choice 11 to 100',
      'choice 101 to 1,000',
      'beyond choice 1,000',
    ]);
    for (const scale of ['rank', 'bits', 'change'] as const) {
      const looks = legendSteps(scale, english).map(([look]) => look);
      expect(new Set(looks).size).toBe(looks.length);
    }
  });

  const token: TokenSurprise = {
    bytes: utf8(' unknown'),
    logprob: Math.log(0.004),
    rank: 14,
    top: [
      { bytes: utf8(' string'), logprob: Math.log(0.31), own: false },
      { bytes: utf8(' `x`'), logprob: Math.log(0.1), own: false },
    ],
    context: 127,
    subject: { name: 'shop-nano', step: 120 },
    before: { logprob: -6, rank: 800 },
  };

  test('of a token say what was written, what was expected, and of how much text', () => {
    const lines = surpriseLines(token, english);
    expect(lines[0]).toBe('You wrote `` ·unknown ``; the model gave it 0.4\u202f%, `` ·string `` 31\u202f%.');
    expect(lines[1]).toBe('1. `` ·string `` 31\u202f%\n2. `` ·ˋxˋ `` 10\u202f%');
    expect(lines[2]).toBe('choice number 15 · 7.97 bits · 127 tokens read before it');
    expect(lines[3]).toBe('At the start of the run: choice number 801 · 8.66 bits.');
    expect(lines[4]).toBe('Model: shop-nano, training, step 120');
  });

  test('of a token that was expected, and of one that nothing predicts', () => {
    const own = { ...token, rank: 0, logprob: Math.log(0.31), top: [{ ...token.top[0]!, own: true }], before: null };
    expect(surpriseLines(own, english)[0]).toBe('You wrote `` ·unknown ``, which the model expected most: 31\u202f%.');
    expect(surpriseLines(own, english)[1]).toBe('1. `` ·string `` **31\u202f%**');
    expect(surpriseLines({ ...token, logprob: Number.NaN }, english).length).toBe(1);
  });

  test('of the cursor are one line', () => {
    const best = { bytes: utf8(' string'), logprob: Math.log(0.31) };
    expect(cursorText(token, best, english)).toBe('“·unknown” 0.4\u202f%, expected “·string” 31\u202f%');
    expect(cursorText(best, null, english)).toBe('“·string” 31\u202f%, as expected');
    expect(cursorText({ ...token, logprob: Number.NaN }, best, english)).toBeNull();
    // What a text says is no icon of the status bar, and no long one fills it.
    const long = cursorText({ ...token, bytes: utf8('$(flame) and many more words than fit') }, null, english);
    expect(long).toBe('“$ (flame)·and·man…” 0.4\u202f%, as expected');
  });

  test('of the list say how far it is', () => {
    const reading = { done: 3, files: 1200, bits: 30, bytes: 10, stopped: true, unread: 1 };
    expect(linesMessage(reading, legend.subject, english)).toBe(
      '3 of 1,200 files · 3 bits per byte in all · as "starter" expects them · 1 file could not be read · stopped',
    );
    expect(linesMessage({ ...reading, done: 1200, unread: 0, stopped: false }, legend.subject, english)).toMatch(/^1,200 files · 3 bits/);
  });
});

test('added lines of a diff are those of the new file', () => {
  const diff = [
    'diff --git a/a.ts b/a.ts',
    'index 1..2 100644',
    '--- a/a.ts',
    '+++ b/a.ts',
    '@@ -1,3 +1,4 @@ function a() {',
    ' one',
    '-two',
    '+2',
    '+2 and a half',
    ' three',
    '@@ -10 +11,2 @@',
    ' ten',
    '+++ eleven',
    '\\ No newline at end of file',
    'diff --git a/b.ts b/b.ts',
    '+++ b/b.ts',
    '@@ -0,0 +1 @@',
    '+first',
    '',
  ].join('\n');
  expect(addedLines(diff)).toEqual([1, 2, 11, 0]);
  expect(addedLines('')).toEqual([]);
});
