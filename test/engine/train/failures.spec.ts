/** A disk that fills up, a folder that may not be written, weights that are no numbers: in one thread, with a disk that fails. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { floatTensor, parseSafetensors, writeSafetensors } from '../../../src/core/formats/safetensors';
import type { TrainEvent } from '../../../src/core/train/events';
import { disk } from '../../../src/engine/files';
import { readEvents } from '../../../src/engine/runs/events';
import { checkpoints, readLatest } from '../../../src/engine/runs/folder';
import { runInfo } from '../../../src/engine/runs/list';
import { trainService } from '../../../src/engine/train/service';
import type { TrainRequest } from '../../../src/protocol/engine';
import { temporaryFolder } from '../folders';
import { assets, writeTinyModel } from '../realms';
import { failingDisk } from '../runs/failingDisk';
import { requestFor, writeWorkspace } from './requests';

const root = temporaryFolder();
const runs = join(root, 'runs');
const workspace = writeWorkspace(join(root, 'workspace'));
const config = { starter: join(root, 'starter'), runs, assets, backend: 'auto', threads: 0 } as const;
const request = (run: string, over: Partial<TrainRequest> = {}) => requestFor(workspace, run, over);
const context = (progress: (event: TrainEvent) => void = () => undefined) => ({ signal: new AbortController().signal, progress });

beforeAll(() => writeTinyModel(config.starter));

test('a disk that fills up during training keeps the last good checkpoint, from which it goes on', async () => {
  // corpus.json, two files of the tokenizer, run.json; then seven files and `latest` for each checkpoint.
  const service = trainService(config, failingDisk('ENOSPC', 4 + 8 + 3));
  const path = join(runs, 'full');
  const full = { code: 'file.diskFull', args: { path: join(path, 'checkpoint-16') } };
  await expect(service.start(request('full'), context())).rejects.toMatchObject(full);
  expect(await readLatest(path)).toMatchObject({ step: 8 });
  expect(await checkpoints(path)).toEqual([8]);
  expect((await readEvents(path, 0)).events.at(-1)).toMatchObject({ type: 'error', code: 'file.diskFull' });
  expect(await runInfo(runs, 'full')).toMatchObject({ state: 'failed', step: 16 });

  const again = trainService(config, disk);
  expect((await again.resume({ run: 'full' }, context())).state).toBe('finished');
  expect((await again.start(request('whole'), context())).state).toBe('finished');
  expect(readFileSync(join(path, 'model.safetensors'))).toEqual(readFileSync(join(runs, 'whole', 'model.safetensors')));
});

test('a disk that is full before training starts leaves no run behind', async () => {
  const service = trainService(config, failingDisk('ENOSPC', 1));
  await expect(service.start(request('early'), context())).rejects.toMatchObject({ code: 'file.diskFull' });
  expect(existsSync(join(runs, 'early'))).toBe(false);
  expect(existsSync(join(runs, 'lock'))).toBe(false);
});

test('a folder that may not be written is said', async () => {
  const service = trainService(config, failingDisk('EACCES', 0));
  await expect(service.start(request('forbidden'), context())).rejects.toMatchObject({ code: 'file.noPermission' });
});

test('a folder that holds files of others is refused, and they stay', async () => {
  const service = trainService(config, disk);
  for (const name of ['tokens/blue.json', 'config.json', 'corpus.json', 'tokenizer.json', 'model.safetensors', 'checkpoint-500/x']) {
    const out = join(root, `theirs ${name.replace('/', ' ')}`);
    mkdirSync(join(out, dirname(name)), { recursive: true });
    writeFileSync(join(out, name), 'mine');
    const refused = { code: 'training.notEmpty', args: { path: out, name: name.split('/')[0] } };
    await expect(service.start(request(out), context())).rejects.toMatchObject(refused);
    expect(readdirSync(out)).toEqual([name.split('/')[0]]);
    expect(readFileSync(join(out, name), 'utf8')).toBe('mine');
  }
});

test('a folder with other files, or with its tokenizer, is trained into; what fails takes away only its own', async () => {
  const service = trainService(config, disk);
  const out = join(root, 'beside');
  mkdirSync(out);
  writeFileSync(join(out, 'notes.txt'), 'mine');
  await expect(trainService(config, failingDisk('ENOSPC', 3)).start(request(out), context())).rejects.toMatchObject({
    code: 'file.diskFull',
  });
  expect(readdirSync(out)).toEqual(['notes.txt']);
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) copyFileSync(join(config.starter, name), join(out, name));
  const nothing = { ...request(out).corpus, include: ['*.none'] };
  const wish = request(out, { tokenizer: join(out, 'tokenizer.json'), config: {}, preset: 'nano', settings: { steps: 1, batch: 1 } });
  await expect(service.start({ ...wish, corpus: nothing }, context())).rejects.toMatchObject({ code: 'corpus.empty' });
  expect(readdirSync(out).sort()).toEqual(['notes.txt', 'tokenizer.json', 'tokenizer_config.json']);
  expect((await service.start(wish, context())).state).toBe('finished');
  expect(readFileSync(join(out, 'notes.txt'), 'utf8')).toBe('mine');
});

test('weights that turn into no numbers end the run with an error, and the lock is free', async () => {
  const broken = await writeTinyModel(join(root, 'broken'));
  const file = join(broken, 'model.safetensors');
  const { tensors } = parseSafetensors(readFileSync(file), file);
  const norm = tensors.get('model.norm.weight')!;
  const bad = new Map([...tensors, ['model.norm.weight', floatTensor(new Float32Array(norm.shape[0]!).fill(Number.NaN), norm.shape)]]);
  writeFileSync(file, writeSafetensors(bad));
  const service = trainService(config, disk);
  const wish = request('nan', { from: broken, config: {} });
  await expect(service.start(wish, context())).rejects.toMatchObject({ code: 'training.nan', args: { step: 1 } });
  expect(await runInfo(runs, 'nan')).toMatchObject({ state: 'failed', pid: null });
  await expect(service.resume({ run: 'nan' }, context())).rejects.toMatchObject({ code: 'training.nothingToResume' });
});

test('one run at a time in one realm', async () => {
  const service = trainService(config, disk);
  let second: Promise<unknown> | undefined;
  const first = service.start(
    request('first'),
    context((event) => {
      if (event.type === 'start') second = Promise.resolve(service.start(request('second'), context())).catch((error: unknown) => error);
    }),
  );
  await first;
  expect(await second).toMatchObject({ code: 'training.busy', args: { pid: process.pid } });
});

test('being cancelled is not a failure of the run', async () => {
  const service = trainService(config, disk);
  const controller = new AbortController();
  const progress = (event: TrainEvent) => {
    if (event.type === 'step' && event.step === 10) controller.abort();
  };
  const run = service.start(request('cancelled'), { signal: controller.signal, progress });
  await expect(run).rejects.toMatchObject({ code: 'cancelled' });
  expect(await runInfo(runs, 'cancelled')).toMatchObject({ state: 'interrupted', checkpoints: [8] });
});

test('says when it goes on with something that computes otherwise', async () => {
  const events: TrainEvent[] = [];
  const stopping = trainService(config, disk);
  const stop = (event: TrainEvent) => {
    if (event.type === 'step') void stopping.stop({}, context());
  };
  await stopping.start(request('moved'), context(stop));
  const elsewhere = trainService({ ...config, backend: 'cpu' }, disk);
  const watch = (event: TrainEvent) => {
    events.push(event);
    if (event.type === 'step') void elsewhere.stop({}, context());
  };
  await elsewhere.resume({ run: 'moved' }, context(watch));
  expect(events.find((event) => event.type === 'warning')?.message).toContain('backend');
});
