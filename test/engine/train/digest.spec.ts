/** The digest of a run: the same however many threads compute it and however often it was interrupted; another where the curve is another. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../src/client/engine';
import type { TrainEvent } from '../../../src/core/train/events';
import type { TrainRequest } from '../../../src/protocol/engine';
import { temporaryFolder } from '../folders';
import { buildRealms, openEngine, writeTinyModel } from '../realms';
import { requestFor, writeWorkspace } from './requests';

const root = temporaryFolder();
const runs = join(root, 'runs');
const workspace = writeWorkspace(join(root, 'workspace'));
const onThreads = new Map<number, Engine>();
let whole: string;

beforeAll(async () => {
  const starter = await writeTinyModel(join(root, 'starter'));
  const realms = await buildRealms('text', 'train');
  for (const threads of [1, 3]) onThreads.set(threads, openEngine({ realms, starter, runs, threads, backend: 'loupe', exact: true }));
  whole = await train('whole');
});

/** The digest at the end of a training from its start, or of the rest of one. */
async function train(run: string, { threads = 1, stopAt = 0, resume = false, over = {} as Partial<TrainRequest> } = {}): Promise<string> {
  const engine = onThreads.get(threads)!;
  let digest: string | undefined;
  const onProgress = (event: TrainEvent) => {
    if (event.type === 'step' && event.step === stopAt) void engine.train.stop({});
    if (event.type === 'done') digest = event.digest;
  };
  if (resume) await engine.train.resume({ run }, { onProgress });
  else await engine.train.start(requestFor(workspace, run, over), { onProgress });
  expect(digest).toMatch(/^[0-9a-f]{12}$/);
  return digest!;
}
const text = () => onThreads.get(1)!.text;

test('is in the history, and known of the folder', async () => {
  const { events } = await text().runEvents({ run: 'whole', from: 0 });
  expect(events.at(-1)).toMatchObject({ type: 'done', digest: whole });
  expect(await text().runDigest({ run: 'whole' })).toMatchObject({ step: 24, digest: whole, everywhere: true });
  const { curve } = await text().runRecord({ run: 'whole' });
  expect(curve?.text).toMatch(/^[0-9a-f]{64}$/);
});

test('is the same with three threads as with one, under another name, and looked at more often', async () => {
  const settings = { ...requestFor(workspace, '').settings, evalEvery: 5, sampleEvery: 6, checkpointEvery: 7 };
  expect(await train('threads', { threads: 3, over: { settings } })).toBe(whole);
});

test('is the same in a folder of another name', async () => {
  const elsewhere = writeWorkspace(join(root, 'cours-de-Zoé'));
  const corpus = { ...requestFor(workspace, '').corpus, roots: [{ path: elsewhere, name: 'cours-de-Zoé' }] };
  expect(await train('elsewhere', { over: { corpus } })).toBe(whole);
});

test('is the same for a run that was stopped and resumed, with other threads at that', async () => {
  // Ten times as long: on a busy machine two dozen steps are over before the word to stop arrives.
  const over = { settings: { ...requestFor(workspace, '').settings, steps: 240, evalEvery: 80, sampleEvery: 120 } };
  const long = await train('long', { over });
  expect(await train('cut', { stopAt: 9, over })).not.toBe(long);
  expect(await train('cut', { resume: true, threads: 3 })).toBe(long);
});

test('is the same for a run that a crash took back to its last checkpoint', async () => {
  cpSync(join(runs, 'whole'), join(runs, 'crashed'), { recursive: true });
  // The history goes on to step 21 and half a line; the checkpoint is of step 16.
  const file = join(runs, 'crashed', 'events.jsonl');
  const lines = readFileSync(file, 'utf8').split('\n');
  const at = lines.findIndex((line) => line.startsWith('{"type":"step","step":22,'));
  writeFileSync(file, `${lines.slice(0, at).join('\n')}\n${lines[at]!.slice(0, 30)}`);
  writeFileSync(join(runs, 'crashed', 'latest'), JSON.stringify({ step: 16, best: null }));
  const before = await text().runDigest({ run: 'crashed' });
  expect(before).toMatchObject({ step: 21 });
  expect(before?.digest).not.toBe(whole);
  expect(await train('crashed', { resume: true })).toBe(whole);
});

test('says what differs', async () => {
  const parts = async (run: string) => (await text().runDigest({ run }))!.parts;
  const same = await parts('whole');

  const seeded = { ...requestFor(workspace, '').settings, seed: 2 };
  expect(await train('seed', { over: { settings: seeded } })).not.toBe(whole);
  expect(await parts('seed')).toEqual({ ...same, settings: expect.not.stringMatching(same.settings) });

  const corpus = { ...requestFor(workspace, '').corpus, exclude: ['9.txt'] };
  expect(await train('text', { over: { corpus } })).not.toBe(whole);
  const other = await parts('text');
  expect(other.settings).toBe(same.settings);
  expect(other.text).not.toBe(same.text);
});

test('counts the steps that a time limit leaves, as they are', async () => {
  const limited = await train('limited', { over: { minutes: 0.002 } });
  const { settings } = await text().runRecord({ run: 'limited' });
  const state = JSON.parse(readFileSync(join(runs, 'limited', `checkpoint-${settings.steps}`, 'trainer_state.json'), 'utf8')) as {
    training: { settings: unknown };
  };
  expect(settings).toEqual(state.training.settings);
  expect(await text().runDigest({ run: 'limited' })).toMatchObject({ step: settings.steps, digest: limited });
});
