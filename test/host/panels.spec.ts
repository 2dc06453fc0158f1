import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CorpusFile, CorpusSummary } from '../../src/core/corpus/types';
import { contextStart, nearestText, tokenAt, tokenOffsets } from '../../src/host/attention/source';
import { shifted } from '../../src/host/attention/textSource';
import { moveGhost } from '../../src/host/generate/ghost';
import { smallModelNotice } from '../../src/host/generate/notice';
import { isAlone, paragraph } from '../../src/host/services/paragraph';
import { pieceOfText } from '../../src/host/services/pieceOfText';
import { runsFolder } from '../../src/host/services/runsFolder';
import { words } from '../../src/host/services/words';
import { kindsLine, manifestLine, manifestPage, offerLine, runName } from '../../src/host/training/manifest';
import { statusText } from '../../src/host/training/statusText';
import { pageHtml } from '../../src/host/webviews/html';

const fill = (message: string, ...args: (string | number)[]) => message.replace(/\{(\d)\}/g, (_, i) => String(args[Number(i)]));
const english = words(fill, 'en');
const french = words(fill, 'fr');

describe('the text of the attention panel', () => {
  const lines = ['', 'one', 'two', ' ', 'three', ''];
  const text = (line: number) => lines[line]!;

  test('a paragraph ends at blank lines', () => {
    expect(paragraph(2, lines.length, text)).toEqual({ first: 1, last: 2 });
    expect(paragraph(4, lines.length, text)).toEqual({ first: 4, last: 4 });
    expect(paragraph(3, lines.length, text)).toBeNull();
    expect(isAlone({ first: 1, last: 2 }, lines.length, text)).toBe(false);
    expect(nearestText(3, lines.length, text)).toBe(4);
    expect(nearestText(0, 1, () => '')).toBeNull();
  });

  test('a paragraph is all that is written where the rest is blank, as after the last line break of a file', () => {
    const file = ['One line', 'and another', ''];
    const line = (at: number) => file[at]!;
    expect(isAlone(paragraph(0, file.length, line)!, file.length, line)).toBe(true);
  });

  test('a piece of a text is never cut inside what people see as one character', () => {
    expect(pieceOfText('abc', 3)).toEqual({ text: 'abc', left: 0 });
    expect(pieceOfText('abcd', 3)).toEqual({ text: 'abc', left: 1 });
    expect(pieceOfText('ab😀cd', 3)).toEqual({ text: 'ab', left: 4 });
    expect(pieceOfText('abe\u0301f', 3)).toEqual({ text: 'ab', left: 3 });
    expect(pieceOfText('a👩\u200d💻b', 4)).toEqual({ text: 'a', left: 6 });
    expect(pieceOfText('😀😀', 1).text).toHaveLength(1);
  });

  test('a context never begins inside a surrogate pair', () => {
    const document = 'a😀b';
    expect(contextStart(4, 2, (at) => document.charCodeAt(at))).toBe(3);
    expect(contextStart(4, 3, (at) => document.charCodeAt(at))).toBe(1);
    expect(contextStart(4, 99, (at) => document.charCodeAt(at))).toBe(0);
  });

  test('tokens and places of the document find each other', () => {
    const tokens = [
      { id: 2, text: '<bos>', fragment: null, start: -1, end: -1 },
      { id: 5, text: 'ab', fragment: null, start: 0, end: 2 },
      { id: 6, text: ' c', fragment: null, start: 2, end: 4 },
    ];
    expect(tokenAt(tokens, 100, 102)).toBe(2);
    expect(tokenAt(tokens, 100, 99)).toBeNull();
    expect(tokenAt(tokens, 100, 104)).toBeNull();
    expect(tokenOffsets(tokens[1], 100)).toEqual({ start: 100, end: 102 });
    expect(tokenOffsets(tokens[0], 100)).toBeNull();
    expect(tokenOffsets(undefined, 100)).toBeNull();
  });

  test('it moves with edits before it and stretches with edits inside', () => {
    const source = { uri: 'u', start: 10, end: 20, cursor: null };
    const edit = (rangeOffset: number, rangeLength: number, replacement: string) =>
      shifted(source, [{ rangeOffset, rangeLength, text: replacement }]);
    expect(edit(0, 0, 'abc')).toMatchObject({ start: 13, end: 23 });
    expect(edit(10, 0, 'abc')).toMatchObject({ start: 13, end: 23 });
    expect(edit(15, 2, '')).toMatchObject({ start: 10, end: 18 });
    expect(edit(20, 0, 'abc')).toMatchObject({ start: 10, end: 20 });
    expect(edit(30, 0, 'abc')).toMatchObject({ start: 10, end: 20 });
    expect(edit(5, 20, '')).toMatchObject({ start: 5, end: 5 });
  });

  test('any edit that leaves the text alone leaves it found', () => {
    const edits = fc.record({ at: fc.nat(30), length: fc.nat(5), text: fc.string({ maxLength: 4 }) });
    fc.assert(
      fc.property(edits, ({ at, length, text: inserted }) => {
        const document = 'abcdefghij[selection]klmnopqrstuvwxyz';
        const [start, end] = [10, 21];
        const removed = Math.min(length, document.length - at);
        fc.pre(at + removed <= start || at >= end);
        const after = document.slice(0, at) + inserted + document.slice(at + removed);
        const moved = shifted({ uri: 'u', start, end, cursor: null }, [{ rangeOffset: at, rangeLength: removed, text: inserted }]);
        expect(after.slice(moved.start, moved.end)).toBe('[selection]');
      }),
    );
  });
});

describe('ghost text', () => {
  const ghost = { anchor: 10, text: ' hello' };
  const edit = (rangeOffset: number, rangeLength: number, text: string) => moveGhost(ghost, [{ rangeOffset, rangeLength, text }]);

  test('edits elsewhere do not displace it', () => {
    expect(edit(0, 0, 'abc')).toEqual({ anchor: 13, text: ' hello' });
    expect(edit(2, 3, '')).toEqual({ anchor: 7, text: ' hello' });
    expect(edit(11, 4, 'x')).toEqual(ghost);
    expect(moveGhost({ anchor: 10, text: '' }, [{ rangeOffset: 0, rangeLength: 0, text: 'a' }])).toEqual({ anchor: 11, text: '' });
  });

  test('its own beginning may be typed, anything else at its place ends it', () => {
    expect(edit(10, 0, ' he')).toEqual({ anchor: 13, text: 'llo' });
    expect(edit(10, 0, ' hello')).toBeNull();
    expect(edit(10, 0, 'x')).toBeNull();
    expect(edit(9, 1, '')).toBeNull();
    expect(edit(8, 5, 'abc')).toBeNull();
    expect(edit(10, 1, '')).toBeNull();
  });
});

describe('training in words', () => {
  const summary: CorpusSummary = {
    files: 128,
    bytes: 3_400_000,
    trainBytes: 3_000_000,
    validationBytes: 400_000,
    leftOut: [
      { reason: 'binary', files: 60, bytes: 10 },
      { reason: 'ignored', files: 1_200, bytes: 10 },
      { reason: 'duplicate', files: 2, bytes: 10 },
      { reason: 'secret', files: 1, bytes: 10 },
    ],
    digest: 'x',
    kinds: [
      { extension: '.ts', bytes: 3_060_000 },
      { extension: '', bytes: 340_000 },
    ],
  };

  test('the manifest in one line', () => {
    expect(manifestLine(summary, english)).toBe(
      '128 files, 3.4 MB; 1,263 files left out: 1,200 files ignored by .gitignore, 60 binary files, 2 duplicates, …',
    );
    expect(manifestLine({ ...summary, files: 1, leftOut: [] }, english)).toBe('1 file, 3.4 MB');
    const heldOut = { ...summary, files: 1, leftOut: [], heldOut: ['shop/src/shop.ts'] };
    expect(manifestLine(heldOut, english)).toBe('1 file, 3.4 MB; shop.ts is held out');
    // The semicolon is the language's.
    const spaced = { ...english, t: (text: string, ...args: (string | number)[]) => english.t(text.replace(';', '\u202f;'), ...args) };
    expect(manifestLine(heldOut, spaced)).toBe('1 file, 3.4 MB\u202f; shop.ts is held out');
    const one = { ...summary, files: 1, leftOut: [{ reason: 'lockFile', files: 1, bytes: 10 }] } as const;
    expect(manifestLine(one, english)).toBe('1 file, 3.4 MB; 1 file left out: 1 lock file');
    expect(manifestLine({ ...one, files: 0 }, french)).toMatch(/^0 file, /);
    expect(manifestLine({ ...one, files: 0 }, english)).toMatch(/^0 files, /);
    expect(kindsLine(summary, english)).toBe('.ts 90\u202f%, no extension 10\u202f%');
    expect(kindsLine({ ...summary, bytes: 0, kinds: [] }, english)).toBe('');
  });

  test('the whole account names every file once', () => {
    const file = (id: string, leftOut: CorpusFile['leftOut'], part: CorpusFile['part']): CorpusFile => ({
      id,
      path: `/${id}`,
      bytes: 2_000,
      part,
      leftOut,
    });
    const files = [
      file('w/a.md', null, 'train'),
      file('w/b.md', null, 'validation'),
      file('w/c.png', 'binary', null),
      file('w/.env', 'secret', null),
    ];
    const page = manifestPage(summary, files, english);
    for (const { id } of files) expect(page.split(id)).toHaveLength(2);
    expect(page).toContain('# Left out: 1 file with possible secrets');
  });

  test('what a choice costs', () => {
    const offer = { preset: 'nano', parameters: 812_000, seconds: 250, memoryBytes: 180e6, settings: { steps: 600 } } as Parameters<
      typeof offerLine
    >[0];
    expect(offerLine(offer, english)).toBe('0.8 M parameters · about 4 min · 180 MB of memory · 600 steps');
    expect(offerLine({ ...offer, seconds: 69_660 }, english)).toContain('about 19 h ·');
    expect(offerLine({ ...offer, seconds: null }, french)).toContain('0,8 M parameters · time not known yet');
  });

  test('names of runs are new and fit for a folder', () => {
    expect(runName('Mes Romans (été)', 'nano', new Set())).toBe('mes-romans-ete-nano');
    expect(runName('a', 'nano', new Set(['a-nano', 'a-nano-2']))).toBe('a-nano-3');
    expect(runName('文学', 'nano', new Set())).toBe('nano');
  });

  test('how it stands', () => {
    const standing = {
      run: 'r',
      name: 'r',
      phase: 'running',
      step: 34,
      steps: 100,
      remainingSeconds: 240,
      preparing: { what: 'model', done: 0, total: 0 },
    } as const;
    expect(statusText(standing, english)).toBe('$(pulse) Training 34\u202f% · 4 min left');
    expect(statusText({ ...standing, remainingSeconds: Number.NaN }, english)).toBe('$(pulse) Training 34\u202f%');
    expect(statusText({ ...standing, phase: 'paused' }, english)).toBe('$(debug-pause) Training paused 34\u202f%');
    expect(statusText({ ...standing, phase: 'preparing' }, english)).toBe('$(loading~spin) Preparing the model');
  });
});

test('numbers, sizes and times in two languages', () => {
  expect(english.int(1_234_567)).toBe('1,234,567');
  expect(french.num(0.4212)).toBe('0,421');
  expect([29, 4_200, 2_340_000, 43e6].map(english.size)).toEqual(['29 bytes', '4.2 kB', '2.3 MB', '43 MB']);
  expect([english.percent(0.0004), english.percent(0.5), english.percent(0)]).toEqual(['<\u202f0.1\u202f%', '50\u202f%', '0.0\u202f%']);
  expect([8, 100, 3_600, 7_500].map(english.duration)).toEqual(['8 s', '2 min', '1 h', '2 h 5 min']);
});

test('the page of a panel allows nothing but its own files, and no string breaks out of it', () => {
  const html = pageHtml({
    script: 'https://file/attention.js',
    style: 'https://file/attention.css',
    source: 'https://file',
    nonce: 'abc',
    title: 'Attention & "more"',
    language: 'fr',
    strings: { '</script><b>': '<!--' },
    panel: 'attention',
  });
  expect(html).toContain("default-src 'none'; script-src 'nonce-abc'; style-src https://file 'nonce-abc'");
  expect(html).not.toMatch(/unsafe/);
  expect(html.match(/<\/script>/g)).toHaveLength(2);
  const boot = /id="loupe-boot" nonce="abc">(.*)<\/script>/.exec(html)![1]!;
  expect(JSON.parse(boot)).toEqual({ strings: { '</script><b>': '<!--' }, language: 'fr', panel: 'attention' });
});

test('every window of a workspace has the same runs', () => {
  const folder = (id: string) => runsFolder(join('/data', id, 'llm-loupe.llm-loupe'));
  expect(folder('0cc175b9c0f1b6a831c399e269772661-1')).toBe(folder('0cc175b9c0f1b6a831c399e269772661'));
  expect(folder('-49018f17-2')).toBe(folder('-49018f17'));
  expect(folder('-49018f17')).toBe(join('/data', '-49018f17', 'llm-loupe.llm-loupe', 'runs'));
  expect(folder('1611312727921')).toBe(join('/data', '1611312727921', 'llm-loupe.llm-loupe', 'runs'));
});

test('a small model is called bad where it is, with its figure', () => {
  expect(smallModelNotice(3.41, english)).toContain('bad (3.41 bits per byte)');
  expect(smallModelNotice(2.5, french)).toContain('(2,5 bits per byte)');
  expect(smallModelNotice(2, english)).toContain('not their sense');
  expect(smallModelNotice(null, english)).not.toContain('{');
});
