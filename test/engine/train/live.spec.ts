import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../src/client/engine';
import type { Surprise } from '../../../src/protocol/engine';
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

/** Trains, and looks at the model being trained whenever it is said to have changed; training waits for nobody. */
async function trainAndWatch(run: string, from: string | null): Promise<Surprise[]> {
  const looks: Surprise[] = [];
  let looking: Promise<unknown> = Promise.resolve();
  const look = async () => {
    const found = await engine.inspect.surprise({
      model: `run:${run}@live`,
      uri: run,
      version: 1,
      text,
      ranges: [{ start: 0, end: text.length }],
      whole: false,
    });
    looks.push(found!);
  };
  const plain = requestFor(workspace, run, from === null ? {} : { from, preset: null, config: {} });
  const settings = { ...plain.settings, steps: 160, evalEvery: 16, checkpointEvery: 80, sampleEvery: 80 };
  await engine.train.start(
    { ...plain, settings, corpus: { ...plain.corpus, holdOut: [heldOut] } },
    {
      onProgress(event) {
        if (event.type === 'start' || event.type === 'eval') looking = looking.then(look);
      },
    },
  );
  await looking;
  return looks;
}

const mean = ({ pieces }: Surprise) => {
  const { logprob } = pieces[0]!.scores;
  return -logprob.reduce((sum, value) => sum + value, 0) / logprob.length;
};

test('the model being trained can be looked at, from its beginning to its end', async () => {
  const looks = await trainAndWatch('new', null);
  expect(looks.length).toBe(11);
  const live = looks.filter(({ version }) => version.includes(join('new', 'live')));
  expect(new Set(live.map(({ version }) => version)).size).toBeGreaterThan(1);
  expect(mean(looks.at(-1)!)).toBeLessThan(mean(looks[0]!) - 0.1);
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
