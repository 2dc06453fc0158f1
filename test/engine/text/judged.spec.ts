import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { judgedRun, judgedStarter } from '../../../src/engine/text/judged';
import { temporaryFolder } from '../folders';

const root = temporaryFolder();

test('a run is judged by its last evaluation, a checkpoint by its own', async () => {
  const path = join(root, 'run');
  mkdirSync(path);
  const evaluated = (step: number, bitsPerByte: number) => JSON.stringify({ type: 'eval', step, loss: 1, valLoss: 1, bitsPerByte });
  writeFileSync(join(path, 'events.jsonl'), `${[evaluated(10, 3), evaluated(20, 2.5), evaluated(30, 2.6)].join('\n')}\n`);
  const count = async () => ({ bytes1: 4, bytes2: 3.5, bytes3: 3, bytes5: 2.4 });
  expect(await judgedRun(path, 'run:run', count)).toEqual({ bitsPerByte: 2.6, fiveBytes: 2.4, kind: null });
  expect(await judgedRun(path, 'run:run@20', count)).toEqual({ bitsPerByte: 2.5, fiveBytes: 2.4, kind: null });
  expect(await judgedRun(path, 'run:run@5', count)).toBeNull();
  expect(await judgedRun(path, 'run:run@start', count)).toBeNull();
  expect(await judgedRun(path, 'run:run', async () => null)).toBeNull();
});

test('the starter is judged by its card, for the kinds of text that it names', async () => {
  const folder = join(root, 'starter');
  mkdirSync(folder);
  expect(await judgedStarter(folder, 'french')).toBeNull();
  const card = `| parameters | 1 |
|---|---|

| held-out text | starter | 5-gram counter | 3-gram counter | gzip | xz |
|---|---|---|---|---|---|
| French, 120 KB | **2.104** | 2.230 | 2.9 | 3 | 3 |
| TypeScript, 90 KB | **1.905** | 1.871 | 2.9 | 3 | 3 |
`;
  writeFileSync(join(folder, 'README.md'), card);
  expect(await judgedStarter(folder, 'french')).toEqual({ bitsPerByte: 2.104, fiveBytes: 2.23, kind: 'french' });
  expect(await judgedStarter(folder, 'typescript')).toEqual({ bitsPerByte: 1.905, fiveBytes: 1.871, kind: 'typescript' });
  expect(await judgedStarter(folder, 'english')).toBeNull();
  expect(await judgedStarter(folder, null)).toBeNull();
});
