import { appendFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TrainEvent } from '../../../src/core/train/events';
import { disk } from '../../../src/engine/files';
import { EventLog, history, readEvents } from '../../../src/engine/runs/events';
import { temporaryFolder } from '../folders';

const root = temporaryFolder();
const folder = () => mkdtempSync(join(root, 'run-'));
const step = (n: number): TrainEvent => ({
  type: 'step',
  step: n,
  loss: 1 / n,
  learningRate: 0.001,
  gradNorm: 1,
  tokensPerSecond: 100,
  elapsedSeconds: n,
  remainingSeconds: 0,
});
const sample = (text: string): TrainEvent => ({ type: 'sample', step: 1, prompt: 'é', text, truth: '🎉' });

test('what is appended is read, from the beginning and from where one was', async () => {
  const path = folder();
  const log = await EventLog.open(path, disk);
  await log.append(step(1));
  const first = await readEvents(path, 0);
  await log.append(sample('l’été\n'));
  await log.flush();
  const second = await readEvents(path, first.next);
  expect([first.events, second.events]).toEqual([[step(1)], [sample('l’été\n')]]);
  expect(await readEvents(path, second.next)).toEqual({ events: [], next: second.next });
  await log.close();
});

test('a loss that is not a number stays one', async () => {
  const path = folder();
  const log = await EventLog.open(path, disk);
  const done: TrainEvent = { type: 'done', steps: 1, loss: 2, valLoss: Number.NaN, bitsPerByte: Number.NaN, path: '', stopped: false };
  await log.append(done);
  await log.close();
  expect((await readEvents(path, 0)).events).toEqual([done]);
});

test('survives a crash in the middle of a line', async () => {
  const path = folder();
  const log = await EventLog.open(path, disk);
  await log.append(step(1));
  await log.close();
  appendFileSync(join(path, 'events.jsonl'), '{"type":"step","step":2,"lo');
  const before = await readEvents(path, 0);
  expect(before.events).toEqual([step(1)]);

  const again = await EventLog.open(path, disk);
  await again.append(step(2));
  await again.close();
  expect((await readEvents(path, 0)).events).toEqual([step(1), step(2)]);
  expect((await readEvents(path, before.next)).events).toEqual([step(2)]);
});

test('reads lines longer than one chunk', async () => {
  const path = folder();
  const long = sample('é'.repeat(1_500_000));
  const log = await EventLog.open(path, disk);
  for (const event of [step(1), long, step(2)]) await log.append(event);
  await log.close();
  expect((await readEvents(path, 0)).events).toEqual([step(1), long, step(2)]);
  expect(readFileSync(join(path, 'events.jsonl'), 'utf8').split('\n')).toHaveLength(4);
});

test('a run without events has none', async () => {
  expect(await readEvents(folder(), 0)).toEqual({ events: [], next: 0 });
});

test('steps computed again after a resume replace the old ones', () => {
  const resumed: TrainEvent = { type: 'resumed', step: 2 };
  expect(history([step(1), step(2), step(3), sample('a'), step(4), resumed, step(3)])).toEqual([
    step(1),
    step(2),
    step(3),
    sample('a'),
    resumed,
    step(3),
  ]);
  const paused: TrainEvent[] = [step(1), { type: 'paused', step: 1 }, { type: 'resumed', step: 1 }, step(2)];
  expect(history(paused)).toEqual(paused);
});
