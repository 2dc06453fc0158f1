import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../src/client/engine';
import { temporaryFolder } from '../folders';
import { buildRealms, openEngine, story, writeTinyModel } from '../realms';
import { requestFor, writeWorkspace } from './requests';

const root = temporaryFolder();
const runs = join(root, 'runs');
const workspace = writeWorkspace(join(root, 'workspace'));
/** Unlike the others, which are near-copies of each other: all of them would be held out with it. */
const heldOut = join(workspace, 'apart.txt');
writeFileSync(heldOut, Array.from({ length: 80 }, (_, i) => `export const value${i * i} = ${i * 7919} % ${i + 3};\n`).join(''));
const text = story.slice(0, 600);
let engine: Engine;

beforeAll(async () => {
  const starter = await writeTinyModel(join(root, 'starter'));
  engine = openEngine({ realms: await buildRealms('text', 'train', 'inspect'), starter, runs });
});

/** Trains, and scores the text by the model being trained whenever its weights change; training waits for nobody. */
async function trainAndWatch(run: string, from: string | null) {
  const model = `run:${run}@live`;
  const seen: { step: number; nll: number }[] = [];
  const asked: Promise<unknown>[] = [];
  const plain = requestFor(workspace, run, from === null ? {} : { from, preset: null, config: {} });
  // Paused at each evaluation until the look is taken, so that what is seen is known.
  const look = async (step: number) => {
    const { nll } = await engine.inspect.score({ model, context: '', text });
    seen.push({ step, nll });
    await engine.train.unpause({});
  };
  const corpus = { ...plain.corpus, holdOut: [heldOut] };
  const result = engine.train.start(
    { ...plain, corpus },
    {
      onProgress(event) {
        if (event.type === 'start') asked.push(look(0));
        if (event.type === 'eval') {
          asked.push(engine.train.pause({}).then(() => look(event.step)));
        }
      },
    },
  );
  await result;
  await Promise.all(asked);
  return seen;
}

test('the model being trained can be looked at, from its beginning to its end', async () => {
  const seen = await trainAndWatch('new', null);
  expect(seen.map(({ step }) => step)).toEqual([0, 8, 16, 24]);
  expect(seen.at(-1)!.nll).toBeLessThan(seen[0]!.nll - 0.1);
  // The folder goes with the training; the name stays, for the model that came of it.
  expect(existsSync(join(runs, 'new', 'live'))).toBe(false);
  const after = await engine.inspect.score({ model: 'run:new@live', context: '', text });
  const final = await engine.inspect.score({ model: 'run:new', context: '', text });
  expect([...after.scores.logprob]).toEqual([...final.scores.logprob]);
});

test('what a run started from can be looked at: its first weights again, or the model that it continued', async () => {
  const { nll } = await engine.inspect.score({ model: 'run:new@start', context: '', text });
  // As good as drawing one of 300 tokens.
  expect(nll).toBeGreaterThan(Math.log(300) - 0.3);
  await trainAndWatch('more', 'starter');
  const start = await engine.inspect.score({ model: 'run:more@start', context: '', text });
  const starter = await engine.inspect.score({ model: 'starter', context: '', text });
  expect([...start.scores.logprob]).toEqual([...starter.scores.logprob]);
  expect((await engine.text.tokenizerInfo({ tokenizer: 'run:new@start' })).vocabSize).toBe(
    (await engine.text.tokenizerInfo({ tokenizer: 'run:new' })).vocabSize,
  );
});

test('what was held out is on record, and can be asked for', async () => {
  const { corpus } = await engine.text.runRecord({ run: 'new' });
  expect(corpus.heldOut).toEqual(['workspace/apart.txt']);
  expect(await engine.text.partOf({ model: 'run:new@live', path: heldOut })).toBe('validation');
  const parts = await Promise.all([0, 1, 2, 4, 5].map((i) => engine.text.partOf({ model: 'run:new', path: join(workspace, `${i}.txt`) })));
  expect(parts).toContain('train');
  expect(await engine.text.partOf({ model: 'run:new', path: join(workspace, 'other.txt') })).toBeNull();
  expect(await engine.text.partOf({ model: 'starter', path: heldOut })).toBeNull();
});

test('the most surprising lines of a file are those of its scores, all or some', async () => {
  const path = heldOut;
  const all = await engine.inspect.surprisingLines({ model: 'run:new', path, text: null, lines: null, count: 5 });
  expect(all.lines.length).toBe(5);
  const perByte = all.lines.map(({ bits, bytes }) => bits / bytes);
  expect(perByte).toEqual([...perByte].sort((a, b) => b - a));
  const { line } = all.lines[0]!;
  const one = await engine.inspect.surprisingLines({ model: 'run:new', path, text: null, lines: [line], count: 5 });
  expect(one.lines).toEqual([all.lines[0]]);
  const whole = await engine.inspect.score({ model: 'run:new', context: '', text });
  const given = await engine.inspect.surprisingLines({ model: 'run:new', path, text, lines: null, count: 1 });
  expect(given.bits / given.bytes).toBeCloseTo(whole.bitsPerByte, 10);
  await expect(
    engine.inspect.surprisingLines({ model: 'run:new', path: join(workspace, 'absent'), text: null, lines: null, count: 1 }),
  ).rejects.toMatchObject({ code: 'file.notFound' });
});
