import { existsSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/client/engine';
import { parseSafetensors, tensorFloats } from '../../../src/core/formats/safetensors';
import type { GenerateStep } from '../../../src/core/sample/types';
import { temporaryFolder } from '../folders';
import { buildRealms, openEngine, repository, tinyConfig, writeTinyModel } from '../realms';

const root = temporaryFolder();
const starter = join(root, 'starter');
let inspect: Engine['inspect'];
let text: Engine['text'];
const model = 'starter';
const greedy = { temperature: 0, topK: 0, topP: 1, minP: 0, seed: 1 };

beforeAll(async () => {
  await writeTinyModel(starter);
  ({ inspect, text } = openEngine({ realms: await buildRealms('text', 'inspect'), starter }));
});

test('describes a model', async () => {
  const card = await inspect.model({ model });
  expect(card).toMatchObject({ ref: 'starter', name: 'starter', config: tinyConfig, dtype: 'f16', tokenizer: { vocabSize: 320 } });
  expect(card.backend).toContain('WebAssembly');
  expect(card.bytes).toBe(card.parameters * 2);
  expect(card.parametersByGroup.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(card.parameters);
});

test('says what is not there', async () => {
  await expect(inspect.model({ model: join(root, 'absent') })).rejects.toMatchObject({ code: 'model.notFound' });
  await expect(inspect.model({ model: 'relative' })).rejects.toMatchObject({ code: 'model.notFound' });
  await expect(inspect.attend({ model, context: '', text: '' })).rejects.toMatchObject({ code: 'text.empty' });
  const long = 'xyz '.repeat(100);
  await expect(inspect.attend({ model, context: '', text: long })).rejects.toMatchObject({ code: 'text.tooLong', args: { limit: 32 } });
});

describe('attention', () => {
  const context = 'Il était une fois un petit chat qui buvait beaucoup de lait chaud le matin. ';
  const selection = 'Le chat 🎉 boit.';

  test('shows the selection behind <bos> and as much of its context as fits', async () => {
    const view = await inspect.attend({ model, context, text: selection });
    expect(view.tokens).toHaveLength(32);
    expect(view.tokens[0]).toEqual({ id: 2, text: '<bos>', fragment: null, start: -1, end: -1 });
    expect(view.droppedContext).toBeGreaterThan(0);
    const whole = context + selection;
    for (const { text, start, end } of view.tokens.slice(1)) expect(text).toBe(whole.slice(start, end));
    // ' Le' is one token, though the space was not selected.
    expect(view.tokens[view.firstSelected]).toMatchObject({ text: ' Le', start: context.length - 1 });
    expect(view.tokens.at(-1)?.end).toBe(whole.length);
    // The model sees the text as in the file: tokens are those of the whole.
    const [encoded] = await text.encode({ texts: [whole], tokenizer: model });
    expect(view.tokens.slice(1).map(({ id }) => id)).toEqual([...encoded!.ids.slice(-31)]);
    const pieces = view.tokens.filter(({ text }) => text === '🎉').map(({ fragment }) => fragment);
    expect(pieces).toEqual([0, 1, 2, 3].map((index) => ({ index, of: 4 })));
    expect(view.tokens.flatMap(({ own }) => (own ? [own] : []))).toEqual(
      [...Buffer.from('🎉')].map((byte) => ({ text: null, bytes: [byte] })),
    );
    expect(view.metrics).toHaveLength(8);
  });

  test('a text that does not fit can be cut to its beginning, and says so', async () => {
    const long = 'un mot '.repeat(100);
    const [encoded] = await text.encode({ texts: [long], tokenizer: model });
    const view = await inspect.attend({ model, context: '', text: long, cut: true });
    expect(view.tokens.slice(1).map(({ id }) => id)).toEqual([...encoded!.ids.slice(0, 31)]);
    expect(view).toMatchObject({ firstSelected: 1, droppedContext: 0, droppedText: encoded!.ids.length - 31 });
  });

  test('without context the selection is alone', async () => {
    const view = await inspect.attend({ model, context: '', text: selection });
    expect(view).toMatchObject({ firstSelected: 1, droppedContext: 0, nLayers: 2, nHeads: 4, nKvHeads: 2, headDim: 4, dtype: 'f16' });
  });

  test('gives heads, rows and thumbnails that agree', async () => {
    const { view, tokens } = await inspect.attend({ model, context: '', text: selection });
    const count = tokens.length;
    const { scores, pattern } = await inspect.head({ view, layer: 1, head: 3 });
    expect([scores.length, pattern.length]).toEqual([count * count, count * count]);
    const row = count - 2;
    const line = pattern.subarray(row * count, (row + 1) * count);
    expect(line.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    expect(line[count - 1]).toBe(0);

    const { q, k, v, output } = await inspect.row({ view, layer: 1, head: 3, row });
    const dot = (column: number) => q.reduce((sum, value, i) => sum + value * k[column * 4 + i]!, 0);
    for (let column = 0; column < count; column++) expect(scores[row * count + column]).toBeCloseTo(dot(column), 4);
    for (let i = 0; i < 4; i++)
      expect(output[i]).toBeCloseTo(
        line.reduce((sum, weight, column) => sum + weight * v[column * 4 + i]!, 0),
        4,
      );

    const { size, values } = await inspect.thumbnails({ view, size: 1000 });
    expect(size).toBe(count);
    const last = values.subarray(7 * count * count);
    for (const [i, value] of last.entries()) expect(value).toBeCloseTo(pattern[i]!, 4);
  });

  test('a view that was released is gone', async () => {
    const { view } = await inspect.attend({ model, context: '', text: selection });
    await inspect.release({ view });
    await expect(inspect.head({ view, layer: 0, head: 0 })).rejects.toMatchObject({ code: 'view.gone' });
  });

  test('only so many views are kept', async () => {
    const first = await inspect.attend({ model, context: '', text: 'a' });
    for (let i = 0; i < 16; i++) await inspect.attend({ model, context: '', text: 'b' });
    await expect(inspect.thumbnails({ view: first.view, size: 8 })).rejects.toMatchObject({ code: 'view.gone' });
  });
});

describe('writing', () => {
  test('streams steps, and gives the same text for the same seed', async () => {
    const settings = { ...greedy, temperature: 1, seed: 5 };
    const steps: GenerateStep[] = [];
    const ask = { model, prompt: 'Le petit', maxTokens: 40, stop: [], settings };
    const result = await inspect.generate(ask, { onProgress: (step) => steps.push(step) });
    expect(steps.length).toBeGreaterThan(0);
    expect(steps.map((step) => step.text).join('')).toBe(result.text);
    expect(result.prompt[0]).toBe(2);
    expect(result).toMatchObject({ model: 'starter', dtype: 'f16', contextLength: 32, special: ['<bos>'] });
    for (const { text: piece, bytes } of steps.flatMap(({ top }) => top)) expect(piece.includes('\ufffd')).toBe(bytes !== undefined);
    expect((await inspect.generate(ask)).text).toBe(result.text);
  });

  test('is cancelled while it writes, and other calls are answered meanwhile', async () => {
    const controller = new AbortController();
    const ask = { model, prompt: 'Le', maxTokens: 1_000_000, stop: [], settings: { ...greedy, temperature: 5 } };
    const endless = { ...ask, settings: { ...ask.settings, seed: 11 } };
    let steps = 0;
    const call = inspect.generate(endless, {
      signal: controller.signal,
      onProgress: () => {
        steps++;
      },
    });
    const ended = expect(call).rejects.toMatchObject({ code: 'cancelled' });
    await inspect.next({ model, text: 'Le', count: 1 });
    controller.abort();
    await ended;
    const then = steps;
    await inspect.next({ model, text: 'Le', count: 1 });
    expect(steps).toBe(then);
    // What a whole one says of itself is known of it too.
    const { text: _, finish, tokensPerSecond, ...made } = await inspect.generate({ ...ask, maxTokens: 1 });
    expect(finish).toBe('length');
    expect(tokensPerSecond).toBeGreaterThan(0);
    expect(await inspect.prompted(ask)).toEqual(made);
  });

  test('the most probable next token is what greedy writing takes', async () => {
    const next = await inspect.next({ model, text: 'Le petit', count: 5 });
    expect(next).toHaveLength(5);
    const steps: GenerateStep[] = [];
    await inspect.generate(
      { model, prompt: 'Le petit', maxTokens: 1, stop: [], settings: greedy },
      { onProgress: (step) => steps.push(step) },
    );
    expect(steps[0]?.id).toBe(next[0]?.id);
    expect(steps[0]?.logprob).toBeCloseTo(Math.log(next[0]!.probability), 4);
  });
});

test('scores a text after its context, longer than the model reads at once', async () => {
  const context = 'Le petit chat ';
  const body = 'boit du lait. The quick brown fox jumps. '.repeat(6);
  const { tokens, scores, bytes, nll, bitsPerByte, perplexity } = await inspect.score({ model, context, text: body });
  expect(tokens.ids).toHaveLength(scores.logprob.length);
  expect(tokens.end.at(-1)).toBe(body.length);
  expect(bytes).toBe(body.length);
  expect(perplexity).toBeCloseTo(Math.exp(nll), 6);
  expect(bitsPerByte).toBeCloseTo((nll * tokens.ids.length) / Math.LN2 / bytes, 6);
});

test('gives every intermediate tensor, as a file', async () => {
  const { bytes } = await inspect.activations({ model, text: 'Le chat', ids: null, only: 'layers.0.*' });
  const { tensors } = parseSafetensors(bytes, 'activations');
  expect([...tensors.keys()].every((name) => name.startsWith('layers.0.'))).toBe(true);
  const pattern = tensors.get('layers.0.pattern')!;
  expect(tensorFloats(pattern, '', '')[0]).toBe(1);
  const byIds = await inspect.activations({ model, text: null, ids: [2, 80, 81], only: 'ids' });
  expect(parseSafetensors(byIds.bytes, 'activations').tensors.get('ids')?.shape).toEqual([3]);
});

test('finds neighbours and analogies of tokens', async () => {
  const near = await inspect.neighbours({ model, token: 'petit', count: 3 });
  expect(near).toHaveLength(3);
  expect(near[0]!.similarity).toBeGreaterThanOrEqual(near[1]!.similarity);
  expect(await inspect.analogy({ model, a: 'a', b: 'b', c: 'c', count: 2 })).toHaveLength(2);
  await expect(inspect.neighbours({ model, token: '', count: 3 })).rejects.toMatchObject({ code: 'text.empty' });
  await expect(inspect.neighbours({ model, token: 'xylophone', count: 3 })).rejects.toMatchObject({ code: 'token.notOne' });
});

test('reads a model again when it changed on disk, and says when it is gone', async () => {
  const folder = await writeTinyModel(join(root, 'changing'));
  const before = await inspect.next({ model: folder, text: 'Le', count: 1 });
  const file = join(folder, 'model.safetensors');
  const later = statSync(file).mtimeMs / 1000 + 10;
  utimesSync(file, later, later);
  expect(await inspect.next({ model: folder, text: 'Le', count: 1 })).toEqual(before);
  rmSync(folder, { recursive: true });
  await expect(inspect.next({ model: folder, text: 'Le', count: 1 })).rejects.toMatchObject({ code: 'model.notFound' });
  await inspect.unload({});
  expect(await inspect.next({ model, text: 'Le', count: 1 })).toHaveLength(1);
});

const stories = join(repository, '../shared/data/models/stories260k/stories260K.bin');
test.skipIf(!existsSync(stories))('continues as llama2.c does (skipped where the trained model is not beside the project)', async () => {
  const result = await inspect.generate({ model: stories, prompt: '', maxTokens: 40, stop: [], settings: greedy });
  expect(result.text).toContain('Once upon a time, there was a little girl named Lily. She loved to play outside in the park.');
});
