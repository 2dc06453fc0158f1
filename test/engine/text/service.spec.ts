import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/client/engine';
import type { CorpusRequest } from '../../../src/core/corpus/types';
import type { TrainEvent } from '../../../src/core/train/events';
import { temporaryFolder } from '../folders';
import { buildRealms, openEngine, story, writeTinyModel } from '../realms';

const root = temporaryFolder();
const runs = join(root, 'runs');
let engine: Engine;
let text: Engine['text'];

beforeAll(async () => {
  const starter = await writeTinyModel(join(root, 'starter'));
  engine = openEngine({ realms: await buildRealms('text'), starter, runs });
  text = engine.text;
});

describe('tokenizers', () => {
  test('lists what there is', async () => {
    const names = (await text.tokenizers({})).map(({ ref }) => ref);
    expect(names).toContain('starter');
    expect(await text.tokenizerInfo({ tokenizer: 'starter' })).toEqual({ ref: 'starter', name: 'starter', vocabSize: 320 });
    expect(await text.tokenizerInfo({ tokenizer: join(root, 'starter', 'tokenizer.json') })).toMatchObject({ vocabSize: 320 });
  });

  test('encodes each text alone, and back', async () => {
    const texts = ['Le petit chat', '', 'é🎉'];
    const encoded = await text.encode({ texts, tokenizer: 'starter' });
    expect(encoded.map(({ ids }) => ids.length > 0)).toEqual([true, false, true]);
    expect(await text.count({ texts, tokenizers: ['starter'] })).toEqual([encoded[0]!.ids.length + encoded[2]!.ids.length]);
    for (const [index, each] of encoded.entries()) {
      const { bytes } = await text.decode({ ids: each.ids, tokenizer: 'starter' });
      expect(new TextDecoder().decode(bytes)).toBe(texts[index]);
    }
  });

  test('tells how a token was built, small to large', async () => {
    const { ids } = (await text.encode({ texts: [' petit'], tokenizer: 'starter' }))[0]!;
    expect(ids).toHaveLength(1);
    const token = await text.token({ tokenizer: 'starter', id: ids[0]! });
    expect(token.text).toBe(' petit');
    expect(token.path.at(-1)?.merged).toBe(ids[0]);
    const known = new Set(Array.from({ length: 260 }, (_, id) => id));
    for (const step of token.path) {
      expect(known.has(step.left) && known.has(step.right)).toBe(true);
      known.add(step.merged);
    }
    expect(await text.token({ tokenizer: 'starter', id: 2 })).toMatchObject({ special: true, path: [], text: '<bos>' });
    expect(await text.tokens({ tokenizer: 'starter', ids: Uint32Array.of(4, 0xe9 + 4) })).toMatchObject([{ text: '\0' }, { text: null }]);
    await expect(text.token({ tokenizer: 'starter', id: 320 })).rejects.toMatchObject({ code: 'tokenizer.badId' });
  });

  test('shows the merges from the bytes on', async () => {
    const { start, steps } = await text.merges({ text: 'petit chat', tokenizer: 'starter' });
    expect([...start]).toEqual([...Buffer.from('petit chat')].map((byte) => byte + 4));
    const { ids } = (await text.encode({ texts: ['petit chat'], tokenizer: 'starter' }))[0]!;
    expect(steps.at(-1)?.tokens).toEqual([...ids]);
  });

  test('says what it does not know', async () => {
    await expect(text.tokenizerInfo({ tokenizer: 'nobody' })).rejects.toMatchObject({ code: 'tokenizer.unknown' });
    await expect(text.tokenizerInfo({ tokenizer: join(root, 'absent') })).rejects.toMatchObject({
      code: 'model.notFound',
      args: { path: join(root, 'absent') },
    });
    await expect(text.tokenizerInfo({ tokenizer: join(root, 'absent.json') })).rejects.toMatchObject({ code: 'file.notFound' });
    await expect(text.tokenizerInfo({ tokenizer: 'run:absent' })).rejects.toMatchObject({ code: 'training.noRun' });
    writeFileSync(join(root, 'broken.json'), '{');
    await expect(text.tokenizerInfo({ tokenizer: join(root, 'broken.json') })).rejects.toMatchObject({ code: 'tokenizer.badFile' });
  });
});

describe('documents', () => {
  test('give the tokens of the whole document that touch the ranges, after every change', async () => {
    const uri = 'file:///a';
    let content = story.slice(0, 3000);
    await text.openDocument({ uri, version: 1, text: content });
    for (const [version, offset, length, added] of [
      [2, 100, 5, 'déjà vu '],
      [3, 0, 0, '\n\n'],
      [4, 2500, 300, ''],
    ] as const) {
      content = content.slice(0, offset) + added + content.slice(offset + length);
      await text.changeDocument({ uri, version, changes: [{ offset, length, text: added }] });
      const ranges = [
        { start: 0, end: 50 },
        { start: 90, end: 400 },
        { start: content.length - 20, end: content.length },
      ];
      const [whole] = await text.encode({ texts: [content], tokenizer: 'starter' });
      const tokens = await text.documentTokens({ uri, version, tokenizer: 'starter', ranges });
      for (const [index, { start, end }] of ranges.entries()) {
        const expected = [...whole!.ids.keys()].filter((i) => whole!.start[i]! < end && whole!.end[i]! > start);
        expect([...tokens![index]!.start]).toEqual(expected.map((i) => whole!.start[i]));
        expect([...tokens![index]!.ids]).toEqual(expected.map((i) => whole!.ids[i]));
      }
      expect(await text.documentTokens({ uri, version: version - 1, tokenizer: 'starter', ranges })).toBeNull();
      const tokenizers = ['starter', 'o200k'];
      const counts = await text.count({ texts: [content], tokenizers });
      expect(await text.countDocument({ uri, version, tokenizers })).toEqual({ counts, characters: [...content].length });
      expect(await text.countDocument({ uri, version: version - 1, tokenizers })).toBeNull();
    }
    await text.closeDocument({ uri });
    await expect(text.documentTokens({ uri, version: 4, tokenizer: 'starter', ranges: [] })).rejects.toMatchObject({ code: 'view.gone' });
  });
});

describe('corpus', () => {
  const request = (path: string): CorpusRequest => ({
    roots: [{ path, name: 'workspace' }],
    include: [],
    exclude: [],
    maxFileBytes: 1_000_000,
    unsaved: {},
    unticked: [],
    holdOut: [],
    seed: 1,
    validationShare: 0.1,
  });

  test('is surveyed, then listed file by file', async () => {
    const folder = join(root, 'workspace');
    mkdirSync(folder);
    for (let i = 0; i < 5; i++) writeFileSync(join(folder, `${i}.txt`), `${i} ${story}`.repeat(i + 1));
    const { corpus, summary } = await text.survey(request(folder));
    expect(summary.files).toBe(5);
    const { files, total } = await text.corpusFiles({ corpus, offset: 1, count: 2 });
    expect([files.length, total]).toEqual([2, 5]);
    await expect(text.corpusFiles({ corpus: corpus + 1, offset: 0, count: 1 })).rejects.toMatchObject({ code: 'view.gone' });
  });

  test('teaches a tokenizer', async () => {
    const out = join(root, 'tokenizer');
    const file = join(root, 'story.txt');
    writeFileSync(file, story);
    const result = await text.trainTokenizer({ paths: [file], vocabSize: 300, pattern: 'llama3', out });
    expect(result).toMatchObject({ vocabSize: 300, merges: 40, stoppedEarly: false, bytes: Buffer.byteLength(story) });
    expect(await text.tokenizerInfo({ tokenizer: out })).toMatchObject({ vocabSize: 300 });
    expect(existsSync(join(out, 'tokenizer_config.json'))).toBe(true);
  });
});

describe('runs', () => {
  const step = (n: number) =>
    ({ type: 'step', step: n, loss: 1, learningRate: 1, gradNorm: 1, tokensPerSecond: 1, elapsedSeconds: 1, remainingSeconds: 1 }) as const;
  const write = (run: string, ...events: TrainEvent[]) => {
    mkdirSync(join(runs, run), { recursive: true });
    const record = { version: 1, name: run, created: 1, preset: 'nano', from: null, settings: { steps: 10 } };
    writeFileSync(join(runs, run, 'run.json'), JSON.stringify(record));
    for (const event of events) appendFileSync(join(runs, run, 'events.jsonl'), `${JSON.stringify(event)}\n`);
  };

  test('are listed with how they stand', async () => {
    write('stopped', step(1), { type: 'done', steps: 1, loss: 1, valLoss: 1, bitsPerByte: 2, path: '', stopped: true });
    write('interrupted', step(1), { type: 'eval', step: 1, loss: 1, valLoss: 1, bitsPerByte: 2.5 }, step(2));
    write('failed', step(1), { type: 'error', code: 'file.diskFull', args: {} });
    mkdirSync(join(runs, 'no run'), { recursive: true });
    const found = new Map((await text.runs({})).map((run) => [run.id, run]));
    expect([...found.keys()].sort()).toEqual(['failed', 'interrupted', 'stopped']);
    expect(found.get('stopped')?.state).toBe('stopped');
    expect(found.get('failed')?.state).toBe('failed');
    expect(found.get('interrupted')).toMatchObject({ state: 'interrupted', step: 2, steps: 10, bitsPerByte: 2.5, pid: null });
  });

  test('are watched while another process writes, until it ends', async () => {
    write('watched', step(1));
    // Process 1 always lives.
    writeFileSync(join(runs, 'lock'), JSON.stringify({ pid: 1, host: (await import('node:os')).hostname(), run: 'watched', token: 'x' }));
    const { events, next } = await text.runEvents({ run: 'watched', from: 0 });
    expect(events).toEqual([step(1)]);
    const seen: TrainEvent[] = [];
    const watching = text.watchRun({ run: 'watched', from: next }, { onProgress: (event) => seen.push(event) });
    appendFileSync(join(runs, 'watched', 'events.jsonl'), `${JSON.stringify(step(2))}\n`);
    await expect.poll(() => seen.length).toBe(1);
    appendFileSync(join(runs, 'watched', 'events.jsonl'), `${JSON.stringify(step(3))}\n`);
    writeFileSync(
      join(runs, 'lock'),
      JSON.stringify({ pid: 2 ** 22 + 1, host: (await import('node:os')).hostname(), run: 'watched', token: 'x' }),
    );
    await watching;
    expect(seen).toEqual([step(2), step(3)]);
  });

  test('are deleted, and nothing else is', async () => {
    write('old', step(1));
    expect((await text.deleteRun({ run: 'old' })).bytes).toBeGreaterThan(100);
    expect(existsSync(join(runs, 'old'))).toBe(false);
    await expect(text.deleteRun({ run: '../starter' })).rejects.toMatchObject({ code: 'training.noRun' });
    await expect(text.deleteRun({ run: 'no run' })).rejects.toMatchObject({ code: 'training.noRun' });
    expect(readFileSync(join(root, 'starter', 'config.json'), 'utf8')).toContain('Llama');
  });
});
