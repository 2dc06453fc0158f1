import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../src/client/engine';
import { temporaryFolder } from '../folders';
import { buildRealms, openEngine, writeTinyModel } from '../realms';
import { requestFor, writeWorkspace } from '../train/requests';

const root = temporaryFolder();
let engine: Engine;
let trained: string[];

beforeAll(async () => {
  const starter = await writeTinyModel(join(root, 'starter'));
  engine = openEngine({ realms: await buildRealms('text', 'train'), starter, runs: join(root, 'runs') });
  await engine.train.start(requestFor(writeWorkspace(join(root, 'workspace')), 'copied'));
  const { files } = JSON.parse(readFileSync(join(root, 'runs', 'copied', 'corpus.json'), 'utf8')) as {
    files: { path: string; part: string | null }[];
  };
  trained = files.filter(({ part }) => part === 'train').map(({ path }) => path);
}, 60_000);

test('a copied run links to the file and the line it came from', async () => {
  const path = trained[3]!;
  const source = readFileSync(path, 'utf8');
  // The last lines are this file's alone: its number's square, twenty times.
  const at = source.lastIndexOf('\n', source.length - 60) + 1;
  const copied = source.slice(at, at + 50);
  const [found, invented] = (await engine.text.copies({ model: 'run:copied', texts: [`≠${copied}≠`, 'qwz'.repeat(30)] }))!;
  const run = found!.runs.find(({ start, end }) => start <= 1 && end >= 51);
  expect(run).toEqual({
    start: 1,
    end: 51,
    source: { id: `workspace/${basename(path)}`, path, line: expect.any(Number), character: expect.any(Number) },
  });
  const { line, character } = run!.source!;
  const lines = source.split('\n');
  const there = lines.slice(0, line).join('\n').length + 1 + character;
  expect(source.slice(there, there + 50)).toBe(copied);
  expect(found!.share).toBeCloseTo(50 / 56, 10);
  expect(invented).toEqual({ runs: [], share: 0 });
});

test('a run that continues another has read its text, too', async () => {
  const other = writeWorkspace(join(root, 'other'), 20);
  await engine.train.start(requestFor(other, 'continued', { from: 'run:copied', preset: null, config: {} }));
  const [first, own] = [readFileSync(trained[3]!, 'utf8'), readFileSync(join(other, '4.txt'), 'utf8')];
  const tail = (text: string) => text.slice(-60);
  const [before, now] = (await engine.text.copies({ model: 'run:continued', texts: [tail(first), tail(own)] }))!;
  expect([before!.share, before!.runs.at(-1)?.source?.path]).toEqual([1, trained[3]]);
  expect([now!.share, now!.runs.at(-1)?.source?.path]).toEqual([1, join(other, '4.txt')]);
  const { line, character } = before!.runs.at(-1)!.source!;
  expect(first.split('\n')[line]!.slice(character)).toBe(tail(first).split('\n')[0]);
});

test('a model whose training text is elsewhere has nothing to compare with', async () => {
  expect(await engine.text.copies({ model: 'starter', texts: ['x'] })).toBeNull();
  expect(await engine.text.copies({ model: join(root, 'starter'), texts: ['x'] })).toBeNull();
});
