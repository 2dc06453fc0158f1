import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { disk, makeFolder, writeDurably } from '../../../src/engine/files';
import { checkpoints, type Latest, readLatest, readRun, runPath, tidy, writeCheckpoint } from '../../../src/engine/runs/folder';
import { keptPath, keptSteps, retire, superfluous } from '../../../src/engine/runs/kept';
import { temporaryFolder } from '../folders';
import { failingDisk } from './failingDisk';

const root = temporaryFolder();
const folder = () => mkdtempSync(join(root, 'run-'));
const files = (text: string) =>
  new Map([
    ['model.safetensors', Buffer.from(text)],
    ['trainer_state.json', Buffer.from('{}')],
  ]);
const latest = (step: number, best = step): Latest => ({ step, best: { step: best, valLoss: 1 } });

test('a durable write replaces the file whole and leaves nothing else', async () => {
  const path = join(folder(), 'file');
  await writeDurably(path, 'old');
  await writeDurably(path, new Uint8Array([110, 101, 119]));
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(readdirSync(join(path, '..'))).toEqual(['file']);
});

test('where it cannot write it says why and leaves nothing', async () => {
  await expect(writeDurably(join(root, 'absent', 'file'), '')).rejects.toMatchObject({
    code: 'file.notFound',
    args: { path: join(root, 'absent') },
  });
  const path = folder();
  mkdirSync(join(path, 'taken'));
  const inItsWay = { code: 'file.unwritable', args: { path: join(path, 'taken'), detail: 'a folder is in its way.' } };
  await expect(writeDurably(join(path, 'taken'), 'x')).rejects.toMatchObject(inItsWay);
  expect(readdirSync(path)).toEqual(['taken']);
});

test('a folder that cannot be made is said', async () => {
  const path = folder();
  writeFileSync(join(path, 'file'), '');
  for (const inside of ['file', 'file/a', 'file/a/b']) {
    const refused = { code: 'file.unwritable', args: { path: join(path, inside), detail: 'a file is in its way.' } };
    await expect(makeFolder(join(path, inside))).rejects.toMatchObject(refused);
  }
});

test('what is damaged is said', async () => {
  const path = folder();
  writeFileSync(join(path, 'latest'), '{"step":');
  writeFileSync(join(path, 'run.json'), '');
  for (const read of [readLatest, readRun]) await expect(read(path)).rejects.toMatchObject({ code: 'file.broken' });
  expect(await readLatest(join(path, 'latest'))).toBeNull();
});

test('keeps the last checkpoints and the best', async () => {
  const path = folder();
  for (const step of [10, 20, 30, 40, 50]) await writeCheckpoint(disk, path, files(`${step}`), latest(step, 20), 2, retire);
  expect(await checkpoints(path)).toEqual([20, 40, 50]);
  expect(await readLatest(path)).toEqual(latest(50, 20));
});

test('older checkpoints stay as models, without what only training needs', async () => {
  const path = folder();
  for (const step of [10, 20, 30, 40, 50]) await writeCheckpoint(disk, path, files(`${step}`), latest(step, 20), 2, retire);
  expect(await keptSteps(path)).toEqual([10, 20, 30, 40, 50]);
  const first = await keptPath(path, 10);
  expect(readdirSync(first!)).toEqual(['model.safetensors']);
  expect(readFileSync(join(first!, 'model.safetensors'), 'utf8')).toBe('10');
  expect(await keptPath(path, 40)).toBe(join(path, 'checkpoint-40'));
  expect(await keptPath(path, 15)).toBeNull();
});

test('of many older models some stay, spread over the run', async () => {
  const path = folder();
  for (let step = 1; step <= 40; step++) await writeCheckpoint(disk, path, files(`${step}`), latest(step), 2, retire);
  const kept = await keptSteps(path);
  expect(kept.length).toBe(14);
  expect([kept[0], ...kept.slice(-2)]).toEqual([1, 39, 40]);
  expect(Math.max(...kept.slice(1).map((step, i) => step - kept[i]!))).toBeLessThanOrEqual(6);
  expect(superfluous([10, 20, 30], 5)).toEqual([]);
  expect(superfluous([10, 20, 22, 40], 3)).toEqual([20]);
  expect(superfluous([10, 20, 22], 0).sort()).toEqual([10, 20, 22]);
});

test('writes a step again after a crash, whatever was there', async () => {
  const path = folder();
  await writeCheckpoint(disk, path, files('first'), latest(10), 2, retire);
  await writeCheckpoint(disk, path, files('second'), latest(10), 2, retire);
  expect(readFileSync(join(path, 'checkpoint-10', 'model.safetensors'), 'utf8')).toBe('second');
});

test('a full disk keeps the last good checkpoint, wherever it happens', async () => {
  for (let writes = 0; writes < 3; writes++) {
    const path = folder();
    await writeCheckpoint(disk, path, files('good'), latest(10), 2, retire);
    const full = failingDisk('ENOSPC', writes);
    await expect(writeCheckpoint(full, path, files('bad'), latest(20), 2, retire)).rejects.toMatchObject({ code: 'file.diskFull' });
    expect(await readLatest(path)).toEqual(latest(10));
    expect(readFileSync(join(path, 'checkpoint-10', 'model.safetensors'), 'utf8')).toBe('good');
    expect(readdirSync(path).filter((name) => name.startsWith('.'))).toEqual([]);
  }
});

test('tidies up what a crash left half written', async () => {
  const path = folder();
  mkdirSync(join(path, '.checkpoint-20.abc'));
  writeFileSync(join(path, '.checkpoint-20.abc', 'model.safetensors'), 'half');
  mkdirSync(join(path, '.removed-x'));
  writeFileSync(join(path, 'kept'), '');
  await tidy(path);
  expect(readdirSync(path)).toEqual(['kept']);
  expect(await checkpoints(path)).toEqual([]);
});

test('a run is a name under the runs, or an absolute folder, and nothing else', () => {
  expect(runPath('/runs', 'first')).toBe(join('/runs', 'first'));
  expect(runPath(null, root)).toBe(root);
  for (const run of ['', '..', '../x', 'a/b', '.hidden']) expect(() => runPath('/runs', run)).toThrow('no training run');
  expect(() => runPath(null, 'first')).toThrow('no training run');
  expect(existsSync(root)).toBe(true);
});
