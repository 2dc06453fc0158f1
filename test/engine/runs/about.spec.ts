import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { readAbout, writeAbout } from '../../../src/engine/runs/about';
import { runInfo } from '../../../src/engine/runs/list';
import { temporaryFolder } from '../folders';

const runs = temporaryFolder();
let path: string;
let count = 0;
let run: string;
beforeEach(() => {
  run = `run-${count++}`;
  path = join(runs, run);
  mkdirSync(path);
  writeFileSync(join(path, 'run.json'), JSON.stringify({ name: 'first', settings: { steps: 10 } }));
  writeFileSync(join(path, 'model.safetensors'), 'weights');
});

test('a run is listed under the name and with the note it was given', async () => {
  expect(await runInfo(runs, run)).toMatchObject({ id: run, name: 'first', note: '' });
  await writeAbout(path, { note: 'Two lines:\nwarm-up twice as long.' });
  await writeAbout(path, { name: '  The one\nwith dropout ' });
  expect(await runInfo(runs, run)).toMatchObject({ id: run, name: 'The one with dropout', note: 'Two lines:\nwarm-up twice as long.' });
});

test('an empty name gives the first one back, and an empty note takes it away', async () => {
  await writeAbout(path, { name: 'other', note: 'x' });
  await writeAbout(path, { name: ' \n', note: '' });
  expect(await runInfo(runs, run)).toMatchObject({ name: 'first', note: '' });
});

test('nothing else of the run is touched', async () => {
  const before = readFileSync(join(path, 'run.json'), 'utf8');
  await writeAbout(path, { name: 'n'.repeat(500), note: 'x'.repeat(20_000) });
  expect((await readAbout(path)).name).toBe('n'.repeat(80));
  expect((await readAbout(path)).note.length).toBe(10_000);
  expect(readdirSync(path).sort()).toEqual(['about.json', 'model.safetensors', 'run.json']);
  expect(readFileSync(join(path, 'run.json'), 'utf8')).toBe(before);
  expect(readFileSync(join(path, 'model.safetensors'), 'utf8')).toBe('weights');
});

test.each(['not JSON', '[]', 'null', '{"name":7,"note":[]}'])('%s does not hide the run', async (text) => {
  writeFileSync(join(path, 'about.json'), text);
  expect(await runInfo(runs, run)).toMatchObject({ name: 'first', note: '' });
});

test('only a run is described', async () => {
  mkdirSync(join(runs, 'other'));
  await expect(writeAbout(join(runs, 'other'), { name: 'x' })).rejects.toMatchObject({ code: 'training.noRun' });
  expect(readdirSync(join(runs, 'other'))).toEqual([]);
});
