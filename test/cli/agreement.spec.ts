/**
 * `score` and `attend` print the numbers that the views show, to the last bit: what a class reads on the command line is what it
 * sees in the editor. (`merges`: see text.spec.)
 */
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../src/client/engine';
import { sheet } from '../../webview/attention/numbers';
import { json, rows, type Shown } from '../../webview/attention/takeOut';
import { openEngine, repository } from '../engine/realms';
import { buildCli, type Cli, type Scored } from './cli';

/** 32 numbers a head: their square root is no round number. */
const model = join(repository, 'media', 'starter');
const sample = 'const chat = "été 🎉";\nLe petit chat boit du lait.';
let cli: Cli;
let engine: Engine;

beforeAll(async () => {
  cli = await buildCli('text', 'inspect');
  engine = openEngine({ realms: join(cli.root, 'dist', 'engine'), starter: model });
});

test('score and the colours of surprise', async () => {
  // More than the context holds: it slides.
  const text = `${sample}\n`.repeat(25);
  const printed = await cli.json<Scored>(['score', '--model', model], { input: text });
  const ranges = [{ start: 0, end: text.length }];
  const found = await engine.inspect.surprise({ model, uri: 'file:///a.txt', version: 1, text, ranges, whole: false });
  const { tokens, scores } = found!.pieces[0]!;
  expect(tokens.ids.length).toBeGreaterThan(found!.contextLength);
  expect(printed.tokens.map(({ id, start, end }) => [id, start, end])).toEqual(
    Array.from(tokens.ids, (id, i) => [id, tokens.start[i], tokens.end[i]]),
  );
  const column = (key: 'logprob' | 'rank' | 'entropy') => printed.tokens.map((token) => Math.fround(token[key]));
  expect(column('logprob')).toEqual(Array.from(scores.logprob));
  // The engine counts ranks from 0; what people read counts from 1.
  expect(column('rank')).toEqual(Array.from(scores.rank, (rank) => rank + 1));
  expect(column('entropy')).toEqual(Array.from(scores.entropy));
  expect(printed.tokens.flatMap(({ top }) => top.map(({ id }) => id))).toEqual(Array.from(scores.top!.ids));
  expect(printed.tokens.flatMap(({ top }) => top.map(({ logprob }) => Math.fround(logprob)))).toEqual(Array.from(scores.top!.logprobs));
  expect(printed.tokens.map(({ contextTokens }) => contextTokens)).toEqual(Array.from(found!.pieces[0]!.context));
  const score = await engine.inspect.score({ model, context: '', text });
  const { bitsPerByte, perplexity } = score;
  expect(printed).toMatchObject({ bitsPerByte, perplexity });
});

test('attend and the attention inspector', async () => {
  const view = await engine.inspect.attend({ model, context: '', text: sample });
  const [layer, head] = [2, 1];
  const data = await engine.inspect.head({ view: view.view, layer, head });
  const { size, values } = sheet(data, view.tokens.length, view.headDim, 'masked', false);
  const legend = { name: '', low: '', high: '', note: '' };
  const look = { layer, head, document: '', title: '', reading: '', legend, labels: [], squareRoot: false, mode: 'matrix' as const };
  const shown: Shown = { ...look, view, data, sheet: sheet(data, size, view.headDim, 'softmax', false) };

  type Matrix = (number | null)[][];
  type Head = Record<'scores' | 'scaled' | 'pattern' | 'q' | 'k' | 'v' | 'output', Matrix> & Record<string, unknown>;
  const args = ['attend', '--model', model, '--layer', String(layer), '--head', String(head)];
  const printed = await cli.json<Head>(args, { input: sample });
  const bits = (matrix: Matrix) => matrix.map((row) => row.map((value) => (value === null ? null : Math.fround(value))));
  const saved = json(shown) as Head;
  expect(printed.tokens).toEqual(saved.tokens);
  // As `score` names them: pieces of a character by their bytes.
  const named = await cli.json<Scored>(['score', '--model', model], { input: sample });
  const names = named.tokens.map(({ id, text, bytes, start, end }) => ({ id, text, ...(bytes && { bytes }), start, end }));
  expect(named.tokens.some(({ text }) => text === null)).toBe(true);
  expect((printed.tokens as unknown[]).slice(1)).toEqual(names);
  const provenance = ['model', 'tokenizer', 'dtype', 'weights', 'backend', 'contextLength', 'positions', 'context'] as const;
  for (const name of provenance) expect([name, printed[name]]).toEqual([name, saved[name]]);
  for (const name of ['scores', 'scaled', 'pattern'] as const) expect(bits(printed[name])).toEqual(saved[name]);
  // The picture itself, and the table of the same cells.
  expect(bits(printed.scaled).flat()).toEqual(Array.from(values, (value) => (Number.isNaN(value) ? null : value)));
  const cells = rows(shown).slice(1) as number[][];
  expect(cells.map((cell) => cell.slice(7))).toEqual(
    cells.map(([, , , row, col]) => [saved.scores[row!]![col!], saved.scaled[row!]![col!], saved.pattern[row!]![col!]]),
  );
  // The calculation of one row.
  const last = size - 1;
  const row = await engine.inspect.row({ view: view.view, layer, head, row: last });
  expect(bits([printed.q[last]!, printed.output[last]!])).toEqual([Array.from(row.q), Array.from(row.output)]);
  expect(bits(printed.k).flat()).toEqual(Array.from(row.k));
  expect(bits(printed.v).flat()).toEqual(Array.from(row.v));

  const { heads } = await cli.json<{ heads: Record<string, number | null>[] }>(['attend', '--model', model], { input: sample });
  expect(heads).toHaveLength(view.metrics.length);
  const single = (value: number | null) => (value === null || !Number.isFinite(value) ? null : Math.fround(value));
  for (const [i, each] of heads.entries())
    for (const name of ['layer', 'head', 'previousToken', 'firstToken', 'self', 'induction', 'entropy'] as const)
      expect(single(each[name]!), name).toBe(single(view.metrics[i]![name]));
});
