import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CorpusFile, CorpusRequest } from '../../../src/core/corpus/types';
import { corpusTexts, readCorpusText } from '../../../src/engine/corpus/texts';
import { surveyCorpus } from '../../../src/engine/corpus/walk';
import { add, request, tree } from './tree';

const text = (seed: number, words = 60) => `${Array.from({ length: words }, (_, i) => `w${(seed * 1000 + i) * 7919}`).join(' ')}\n`;
const kept = (files: readonly CorpusFile[]) => files.filter((file) => !file.leftOut).map((file) => file.id);
const reasons = (files: readonly CorpusFile[]) =>
  Object.fromEntries(files.flatMap((file) => (file.leftOut ? [[file.id, file.leftOut]] : [])));
const survey = async (root: string, more: Partial<CorpusRequest> = {}) => surveyCorpus(request(root, more));

async function collect(files: readonly CorpusFile[], part: 'train' | 'validation', unsaved = {}): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of corpusTexts(files, part, { unsaved })) texts.push(text);
  return texts;
}

describe('what is left out, and why', () => {
  test('one file of each kind', async () => {
    const root = tree({
      'a.txt': text(1),
      'b/copy.txt': text(1),
      'blank.txt': ' \n',
      'empty.txt': '',
      'utf16.txt': Buffer.from('\ufeffdéjà vu', 'utf16le'),
      'latin1.txt': Buffer.from('déjà vu, encore une fois', 'latin1'),
      'image.png': 'not even a picture',
      'data.raw': Uint8Array.of(1, 0, 2, 0, 3),
      'large.txt': 'x'.repeat(100_001),
      'package-lock.json': '{}',
      'app.min.js': 'x',
      'api.ts': '// @generated\nexport {}\n',
      '.env.local': 'A=1\n',
      'config.ts': `export const key = '${['ghp', 'a1B2'.repeat(9)].join('_')}';\n`,
      '.git/HEAD': 'ref: refs/heads/main\n',
      '.git/info/exclude': 'private/\n',
      '.gitignore': 'build/\n*.log\n',
      'build/out.txt': text(2),
      'x.log': text(3),
      'private/diary.txt': text(4),
      'node_modules/p/index.js': text(5),
      '.vscode/settings.json': '{ "llmLoupe.exact": true, "editor.fontSize": 14 }\n',
      'docs/old.md': text(6),
      'no.txt': text(7),
    });
    const { files, summary } = await survey(root, { exclude: ['docs/**'], unticked: ['r/no.txt'] });
    expect(kept(files)).toEqual(['r/.gitignore', 'r/a.txt', 'r/utf16.txt']);
    expect(reasons(files)).toEqual({
      'r/b/copy.txt': 'duplicate',
      'r/blank.txt': 'empty',
      'r/empty.txt': 'empty',
      'r/latin1.txt': 'invalidUtf8',
      'r/image.png': 'binary',
      'r/data.raw': 'binary',
      'r/large.txt': 'tooLarge',
      'r/package-lock.json': 'lockFile',
      'r/app.min.js': 'minified',
      'r/api.ts': 'generated',
      'r/.env.local': 'secret',
      'r/config.ts': 'secret',
      'r/build/': 'ignored',
      'r/x.log': 'ignored',
      'r/private/': 'ignored',
      'r/node_modules/': 'unasked',
      'r/.vscode/': 'unasked',
      'r/docs/': 'excluded',
      'r/no.txt': 'unticked',
    });
    expect(summary.leftOut.find(({ reason }) => reason === 'tooLarge')).toEqual({ reason: 'tooLarge', files: 1, bytes: 100_001 });
    expect(files.find((file) => file.id === 'r/utf16.txt')!.bytes).toBe(9);
    expect(summary.bytes).toBe(9 + 13 + text(1).length);
    expect(summary.trainBytes + summary.validationBytes).toBe(summary.bytes);
    expect(summary.kinds[0]).toEqual({ extension: '.txt', bytes: 9 + text(1).length });
  });

  test('folders of training runs, and what a run writes into the root itself', async () => {
    const run = { 'events.jsonl': '', lock: '{"token":"random"}', 'tokens/train.bin': 'x', 'checkpoint-5/config.json': '{"a": 1}' };
    const inside = (folder: string) => Object.fromEntries(Object.entries(run).map(([name, content]) => [folder + name, content]));
    const mine = { 'a.txt': text(1), 'tokens/b.txt': text(2), 'events.jsonl': '{"mine": 1}\n' };
    const other = { ...inside('begun/'), ...inside('done/'), 'done/run.json': '{"version": 1}', 'done/notes.txt': text(3) };
    expect((await survey(tree({ ...mine, ...other }))).files.map(({ id, leftOut }) => [id, leftOut])).toEqual([
      ['r/a.txt', null],
      ['r/begun/', 'generated'],
      ['r/done/', 'generated'],
      ['r/events.jsonl', null],
      ['r/tokens/b.txt', null],
    ]);
    const { files } = await survey(tree({ ...run, 'a.txt': text(1), 'corpus.json': '{"files": 3}' }));
    expect(files.map(({ id, leftOut }) => [id, leftOut])).toEqual([
      ['r/a.txt', null],
      ['r/checkpoint-5/', 'generated'],
      ['r/corpus.json', 'generated'],
      ['r/events.jsonl', 'generated'],
      ['r/lock', 'generated'],
      ['r/tokens/', 'generated'],
    ]);
  });

  test('include and exclude globs', async () => {
    const root = tree({
      'a.md': text(1),
      'src/a.ts': text(2),
      'src/deep/b.ts': text(3),
      'src/c.py': text(4),
      'node_modules/p/i.ts': text(5),
    });
    const ids = async (include: string[], exclude: string[] = []) => kept((await survey(root, { include, exclude })).files);
    expect(await ids(['**/*.ts'])).toEqual(['r/src/a.ts', 'r/src/deep/b.ts']);
    expect(await ids(['*.ts'])).toEqual(['r/src/a.ts', 'r/src/deep/b.ts']);
    expect(await ids(['src/'])).toEqual(['r/src/a.ts', 'r/src/c.py', 'r/src/deep/b.ts']);
    expect(await ids([], ['**/deep', '*.{py,md}'])).toEqual(['r/src/a.ts']);
    expect(await ids([' '], ['src'])).toEqual(['r/a.md']);
    expect(await ids(['node_modules/**'])).toEqual(['r/node_modules/p/i.ts']);
  });

  test('links out of the roots, into them, in circles, and broken', async () => {
    const outside = tree({ 'secret.txt': text(1) });
    const root = tree({ 'a/a.txt': text(2) });
    symlinkSync(outside, join(root, 'out'));
    symlinkSync(join(outside, 'secret.txt'), join(root, 'out.txt'));
    symlinkSync(root, join(root, 'a/circle'));
    symlinkSync(join(root, 'a/a.txt'), join(root, 'in.txt'));
    symlinkSync(join(root, 'gone'), join(root, 'broken.txt'));
    const { files } = await survey(root);
    expect(kept(files)).toEqual(['r/a/a.txt']);
    expect(reasons(files)).toEqual({
      'r/out/': 'outsideLink',
      'r/out.txt': 'outsideLink',
      'r/a/circle/': 'duplicate',
      'r/in.txt': 'duplicate',
      'r/broken.txt': 'unreadable',
    });
  });

  test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('what may not be read is counted', async () => {
    const root = tree({ 'a.txt': text(1), 'locked.txt': text(2), 'folder/b.txt': text(3) });
    chmodSync(join(root, 'locked.txt'), 0);
    chmodSync(join(root, 'folder'), 0);
    const { files } = await survey(root);
    chmodSync(join(root, 'folder'), 0o755);
    expect(reasons(files)).toEqual({ 'r/locked.txt': 'unreadable', 'r/folder/': 'unreadable' });
  });

  test('a root that does not exist', async () => {
    await expect(survey('/no/such/folder')).rejects.toMatchObject({ code: 'file.notFound', args: { path: '/no/such/folder' } });
  });
});

describe('roots', () => {
  test('ordered by name, then path, by code unit; nested and repeated ones count once', async () => {
    const root = tree({
      'B/z.txt': text(1),
      'B/a-b.txt': text(2),
      'B/a/b.txt': text(3),
      'B/inner/c.txt': text(4),
      'a/é.txt': text(5),
      'a/z.txt': text(6),
    });
    const roots = ['a', 'B', 'B/inner', 'a'].map((path) => ({ path: join(root, path), name: path.split('/').at(-1)! }));
    const { files } = await survey(root, { roots });
    expect(kept(files)).toEqual(['B/a-b.txt', 'B/a/b.txt', 'B/z.txt', 'a/z.txt', 'a/é.txt', 'inner/c.txt']);
    expect((await survey(root, { roots: roots.toReversed() })).files).toEqual(files);
  });

  test('two roots of one name stay apart, and a root may be a file, whatever its name says', async () => {
    const root = tree({ '1/src/a.txt': text(1), '2/src/a.txt': text(2), 'x.min.js': text(3), '.env': 'A=1' });
    const roots = ['1/src', '2/src', 'x.min.js', '.env'].map((path) => ({ path: join(root, path), name: '' }));
    const { files } = await survey(root, { roots, exclude: ['*.js'] });
    expect(kept(files)).toEqual(['src/a.txt', 'src (2)/a.txt', 'x.min.js']);
    expect(reasons(files)).toEqual({ '.env': 'secret' });
  });

  test('a folder inside a repository obeys the rules above it, unless it is itself ignored', async () => {
    const repository = tree({
      '.git/HEAD': '',
      '.gitignore': 'out/\n*.tmp\n/pkg/local.txt\n',
      'pkg/local.txt': text(1),
      'pkg/a.tmp': text(2),
      'pkg/b.txt': text(3),
    });
    add(repository, { 'out/a.txt': text(4), 'out/b.tmp': text(5) });
    expect(kept((await survey(join(repository, 'pkg'))).files)).toEqual(['r/b.txt']);
    expect(kept((await survey(join(repository, 'out'))).files)).toEqual(['r/a.txt', 'r/b.tmp']);
  });
});

describe('what is on screen', () => {
  test('counts instead of the file, also where there is no file yet', async () => {
    const root = tree({ 'a.txt': 'on disk', '.gitignore': 'ignored/\n' });
    const unsaved = {
      [join(root, 'a.txt')]: 'on screen',
      [join(root, 'new/b.txt')]: 'new \ud800 file',
      [join(root, 'ignored/c.txt')]: 'not this',
      [join(root, '../elsewhere.txt')]: 'nor this',
    };
    const { files } = await survey(root, { unsaved, validationShare: 0, include: ['*.txt'] });
    expect(kept(files)).toEqual(['r/a.txt', 'r/new/b.txt']);
    expect(reasons(files)).toEqual({ 'r/.gitignore': 'excluded', 'r/ignored/c.txt': 'ignored' });
    expect(await collect(files, 'train', unsaved)).toEqual(['on screen', 'new \ufffd file']);
  });
});

describe('texts', () => {
  test('each part in order; one document alone gives its end to the validation', async () => {
    const root = tree(Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`f${String(i).padStart(2, '0')}.txt`, text(i)])));
    const { files, summary } = await survey(root);
    const train = await collect(files, 'train');
    const validation = await collect(files, 'validation');
    expect(train.length + validation.length).toBe(30);
    expect(validation.length).toBeGreaterThan(0);
    expect(Buffer.byteLength(validation.join(''))).toBe(summary.validationBytes);

    const lines = Array.from({ length: 200 }, (_, i) => `ligne ${i} été\n`).join('');
    const alone = await survey(tree({ 'one.txt': lines }));
    const [before] = await collect(alone.files, 'train');
    const [after] = await collect(alone.files, 'validation');
    expect(before! + after!).toBe(lines);
    expect(before).toMatch(/\n$/);
    expect(alone.summary.validationBytes).toBe(Buffer.byteLength(after!));
    expect(alone.summary.validationBytes / alone.summary.bytes).toBeCloseTo(0.1, 1);
  });

  test('a file that changed since the survey is an error', async () => {
    const root = tree({ 'a.txt': text(1) });
    const { files } = await survey(root);
    expect(await readCorpusText(files[0]!)).toBe(text(1));
    add(root, { 'a.txt': text(2) });
    await expect(readCorpusText(files[0]!)).rejects.toMatchObject({ code: 'corpus.changed' });
  });
});

test('the digest follows contents, names and parts, and nothing else', async () => {
  const files = { 'a.txt': text(1), 'b/c.txt': text(2), 'd.txt': text(3) };
  const digest = async (root: string, more = {}) => (await survey(root, more)).summary.digest;
  const first = await digest(tree(files));
  expect(await digest(tree(Object.fromEntries(Object.entries(files).toReversed())))).toBe(first);
  expect(await digest(tree({ ...files, 'e.png': 'left out' }))).toBe(first);
  expect(await digest(tree({ ...files, 'a.txt': text(9) }))).not.toBe(first);
  expect(await digest(tree({ 'z.txt': text(1), 'b/c.txt': text(2), 'd.txt': text(3) }))).not.toBe(first);
  const root = tree(files);
  expect(await digest(root, { holdOut: [join(root, 'b')] })).not.toBe(first);
});

test('which documents are held out does not depend on what the one folder is called', async () => {
  const root = tree(Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`f${i}.txt`, text(i)])));
  const held = async (name: string) => {
    const { files } = await survey(root, { roots: [{ path: root, name }], validationShare: 0.3 });
    return files.filter(({ part }) => part === 'validation').map(({ id }) => id.slice(name.length));
  };
  const first = await held('course');
  expect(first.length).toBeGreaterThan(5);
  for (const name of ['course-main', 'cours de Zoé', 'a']) expect(await held(name)).toEqual(first);
});

test('a copy of a training document is never held out', async () => {
  const files: Record<string, string> = {};
  for (let i = 0; i < 40; i++) {
    files[`${i}.txt`] = text(i, 300);
    files[`copy/${i}.txt`] = text(i, 300).replace(`w${(i * 1000 + 150) * 7919}`, 'changed');
  }
  const survey = (await surveyCorpus(request(tree(files), { validationShare: 0.3 }))).files;
  const part = new Map(survey.map((file) => [file.id, file.part]));
  for (let i = 0; i < 40; i++) expect(part.get(`r/copy/${i}.txt`)).toBe(part.get(`r/${i}.txt`));
  expect(new Set(part.values())).toEqual(new Set(['train', 'validation']));
});

test('what is named to be held out is never trained on through an exact copy of it', async () => {
  const files = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}.txt`, text(i)]));
  const root = tree({ ...files, 'a/copy.txt': text(100), 'test/held.txt': text(100) });
  const { files: found } = await survey(root, { holdOut: [join(root, 'test')] });
  expect((await collect(found, 'train')).includes(text(100))).toBe(false);
  expect((await collect(found, 'validation')).filter((each) => each === text(100))).toHaveLength(1);
});

test('progress is reported, and a signal stops the walk', async () => {
  const root = tree();
  mkdirSync(join(root, 'sub'));
  add(root, Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`sub/${i}.txt`, text(i)])));
  const seen: number[] = [];
  const controller = new AbortController();
  await surveyCorpus(request(root), { progress: ({ files }) => seen.push(files) });
  expect(seen).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  const stopped = surveyCorpus(request(root), {
    signal: controller.signal,
    progress: ({ files }) => files === 5 && controller.abort(new Error('enough')),
  });
  await expect(stopped).rejects.toThrow('enough');
});
