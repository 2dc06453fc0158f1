import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../src/client/engine';
import { appendFrame, readFrames } from '../../../src/engine/runs/attentionFilm';
import type { AttentionFrame } from '../../../src/protocol/engine';
import { temporaryFolder } from '../folders';
import { buildRealms, openEngine, story, writeTinyModel } from '../realms';
import { requestFor, writeWorkspace } from './requests';

const root = temporaryFolder();
const runs = join(root, 'runs');
const workspace = writeWorkspace(join(root, 'workspace'));
let engine: Engine;
let prompt = '';

beforeAll(async () => {
  const starter = await writeTinyModel(join(root, 'starter'));
  engine = openEngine({ realms: await buildRealms('text', 'train', 'inspect'), starter, runs });
  const plain = requestFor(workspace, 'new');
  const settings = { ...plain.settings, steps: 80, evalEvery: 8, checkpointEvery: 16, sampleEvery: 40, keep: 1 };
  // The prompt, 24 tokens and one more, has to fit.
  await engine.train.start(
    { ...plain, settings, config: { ...plain.config, contextLength: 32 } },
    {
      onProgress(event) {
        if (event.type === 'sample') prompt = event.prompt;
      },
    },
  );
});

test('checkpoints that resuming no longer needs can be looked at, and nothing resumes from them', async () => {
  const kept = await engine.text.keptSteps({ run: 'new' });
  expect(kept).toEqual([16, 32, 48, 64, 80]);
  const [info] = await engine.text.runs({});
  expect(info!.checkpoints.length).toBeLessThanOrEqual(2);
  expect(existsSync(join(runs, 'new', 'model-16', 'optimizer.safetensors'))).toBe(false);
  const surprise = async (step: number) =>
    (await engine.inspect.score({ model: `run:new@${step}`, context: '', text: story.slice(0, 300) })).nll;
  expect(await surprise(80)).toBeLessThan((await surprise(16)) - 0.02);
  expect((await engine.inspect.model({ model: 'run:new@16' })).name).toBe('new@16');
  await expect(engine.inspect.model({ model: 'run:new@17' })).rejects.toMatchObject({ code: 'model.notFound' });
});

test('what the heads look at in the prompt is recorded at each evaluation, as the inspector shows it', async () => {
  const frames = await engine.text.attentionFrames({ run: 'new', after: -1 });
  expect(frames.map(({ step }) => step)).toEqual([0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80]);
  expect(await engine.text.attentionFrames({ run: 'new', after: 64 })).toEqual(frames.slice(-2));
  const frame = frames.find(({ step }) => step === 32)!;
  expect(frame).toMatchObject({ nLayers: 1, nHeads: 2, size: 25 });
  const view = await engine.inspect.attend({ model: 'run:new@32', context: '', text: prompt });
  const { size, values } = await engine.inspect.thumbnails({ view: view.view, size: 25 });
  expect(size).toBe(25);
  const furthest = values.reduce((most, value, i) => Math.max(most, Math.abs(Math.sqrt(value) - frame.values[i]! / 255)), 0);
  // Half a step of 255.
  expect(furthest).toBeLessThan(0.0021);
  // They change as it learns.
  expect(frames.at(-1)!.values).not.toEqual(frames[0]!.values);
});

test('a run that has no record of it, or half of one, says what it has', async () => {
  const folder = join(root, 'frames');
  expect(await readFrames(join(root, 'absent'), -1)).toEqual([]);
  mkdirSync(folder);
  const frame = (step: number): AttentionFrame => ({ step, size: 1, nLayers: 1, nHeads: 2, values: Uint8Array.of(255, step) });
  for (const step of [0, 8, 16, 24]) await appendFrame(folder, frame(step));
  // Resumed from step 8, after a crash that left half a line.
  appendFileSync(join(folder, 'attention.jsonl'), '{"step":32,"size"');
  appendFileSync(join(folder, 'attention.jsonl'), '\n');
  await appendFrame(folder, frame(16));
  expect((await readFrames(folder, -1)).map(({ step }) => step)).toEqual([0, 8, 16]);
});

test('runs are measured on the same text where it is held out alike, whatever their tokens', async () => {
  const own = await engine.text.measuredOn({ run: 'new' });
  const request = requestFor(workspace, 'more', { config: { ...requestFor(workspace, 'more').config, vocabSize: 280 } });
  await engine.train.start(request);
  const other = await engine.text.measuredOn({ run: 'more' });
  expect(other.text).toBe(own.text);
  expect(other.tokenizer).not.toBe(own.tokenizer);
  const elsewhere = join(root, 'elsewhere');
  mkdirSync(elsewhere);
  for (let i = 0; i < 10; i++) writeFileSync(join(elsewhere, `${i}.txt`), `${i} ${story.slice(i * 500, i * 500 + 3000)}`.repeat(2));
  await engine.train.start(requestFor(elsewhere, 'third'));
  expect((await engine.text.measuredOn({ run: 'third' })).text).not.toBe(own.text);
  await expect(engine.text.measuredOn({ run: 'absent' })).rejects.toMatchObject({ code: 'training.noRun' });
});
