import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/client/engine';
import { windows } from '../../../src/core/inspect/surprisal';
import type { Scores } from '../../../src/core/inspect/types';
import { WindowScores } from '../../../src/engine/inspect/surprise';
import { temporaryFolder } from '../folders';
import { buildRealms, openEngine, story, writeTinyModel } from '../realms';

const root = temporaryFolder();
const starter = join(root, 'starter');
const model = 'starter';
let inspect: Engine['inspect'];

beforeAll(async () => {
  await writeTinyModel(starter);
  ({ inspect } = openEngine({ realms: await buildRealms('inspect'), starter }));
});

const ask = (text: string | null, ranges: { start: number; end: number }[], version = 1, uri = 'file:///a') =>
  inspect.surprise({ model, uri, version, text, ranges, whole: false });

describe('surprise of pieces of a document', () => {
  test('is that of the whole text, to the last digit', async () => {
    const whole = await inspect.score({ model, context: '', text: story });
    const ranges = [
      { start: 0, end: 40 },
      { start: 1500, end: 1900 },
      { start: story.length - 30, end: story.length },
      { start: 700, end: 700 },
    ];
    const found = await ask(story, ranges);
    for (const [i, { tokens, scores, context }] of found!.pieces.entries()) {
      const { start, end } = ranges[i]!;
      const touching = Array.from(whole.tokens.ids.keys()).filter((at) => whole.tokens.end[at]! > start && whole.tokens.start[at]! < end);
      expect([...tokens.start]).toEqual(touching.map((at) => whole.tokens.start[at]));
      expect([...tokens.ids]).toEqual(touching.map((at) => whole.tokens.ids[at]));
      expect([...scores.logprob]).toEqual(touching.map((at) => whole.scores.logprob[at]));
      expect([...scores.rank]).toEqual(touching.map((at) => whole.scores.rank[at]));
      expect([...scores.entropy]).toEqual(touching.map((at) => whole.scores.entropy[at]));
      const five = touching.flatMap((at) => [...whole.scores.top!.ids.subarray(5 * at, 5 * at + 5)]);
      expect([...scores.top!.ids]).toEqual(five);
      expect([...context].every((read, at) => read <= touching[at]! && (read >= 16 || read === touching[at]!))).toBe(true);
    }
    expect(found!.pieces[0]!.context[0]).toBe(0);
    expect(found!.contextLength).toBe(32);
  });

  test('is asked again without the text, and needs it again where the document changed', async () => {
    const range = [{ start: 0, end: 100 }];
    const first = await ask(story, range, 4, 'file:///b');
    expect(await ask(null, range, 4, 'file:///b')).toEqual(first);
    expect(await ask(null, range, 5, 'file:///b')).toBeNull();
    const edited = await ask(`// ${story}`, range, 5, 'file:///b');
    const whole = await inspect.score({ model, context: '', text: `// ${story}` });
    const { tokens, scores } = edited!.pieces[0]!;
    expect([...scores.logprob]).toEqual([...whole.scores.logprob.subarray(0, tokens.ids.length)]);
    expect(await ask(null, range, 4, 'file:///b')).toBeNull();
  });

  test('is computed ahead around a place, of a document that is known', async () => {
    const uri = 'file:///ahead';
    const ahead = (version: number, place: number) => inspect.surpriseAhead({ model, uri, version, place });
    const text = `ahead ${story}`;
    expect(await ahead(1, 0)).toBe(0);
    await ask(text, [{ start: 0, end: 1 }], 1, uri);
    expect(await ahead(2, 0)).toBe(0);
    const computed = await ahead(1, text.length >> 1);
    expect(computed).toBeGreaterThan(10);
    expect(await ahead(1, text.length >> 1)).toBe(0);
    const whole = await inspect.score({ model, context: '', text });
    const found = await ask(null, [{ start: 0, end: text.length }], 1, uri);
    expect([...found!.pieces[0]!.scores.logprob]).toEqual([...whole.scores.logprob]);
  });

  test('is told of an empty document', async () => {
    expect((await ask('', [{ start: 0, end: 0 }], 1, 'file:///c'))!.pieces[0]!.tokens.ids.length).toBe(0);
  });
});

test('windows are computed once for their tokens and weights, and only those that are needed', async () => {
  const ids = Uint32Array.from({ length: 100 }, (_, i) => i * 7);
  const column = Uint32Array.from(ids.keys());
  const tokens = { ids, start: column, end: column.map((at) => at + 1), byteStart: column, byteEnd: column, fragment: new Uint8Array(100) };
  const all = windows(100, 0, 16, true);
  let computed: number[] = [];
  const compute = async ({ first, end }: { first: number; end: number }): Promise<Scores> => {
    computed.push(first);
    const logprob = Float32Array.from({ length: end - first }, (_, i) => -first - i);
    return { logprob, rank: new Uint32Array(end - first), entropy: logprob };
  };
  const scores = new WindowScores(3);
  const ask = async (version: string, start: number, end: number) => {
    computed = [];
    const [piece] = await scores.pieces(tokens, [{ start, end }], false, { version, contextLength: 16, bos: 1 }, compute);
    expect([...piece!.scores.logprob]).toEqual(Array.from({ length: end - start }, (_, i) => -start - i));
    return computed;
  };
  expect(await ask('a', 20, 30)).toEqual(all.filter(({ first, end }) => end > 20 && first < 30).map(({ first }) => first));
  expect(await ask('a', 21, 30)).toEqual([]);
  expect((await ask('b', 20, 30)).length).toBeGreaterThan(0);
  // Other weights took the place of the first ones.
  expect((await ask('a', 20, 30)).length).toBeGreaterThan(0);
  // Ahead, the nearest come first, of those that are not known, until it is said to stop.
  const near = { version: 'd', contextLength: 16, bos: 1 };
  const many = new WindowScores();
  await many.pieces(tokens, [{ start: 50, end: 51 }], false, near, compute);
  const here = all.findIndex(({ first, end }) => end > 50 && first <= 50);
  computed = [];
  const three = (window: (typeof all)[number]) => (computed.length < 3 ? compute(window) : Promise.resolve(null));
  expect(await many.ahead(tokens, 50, near, three)).toBe(3);
  expect(computed).toEqual([here - 1, here + 1, here - 2].map((at) => all[at]!.first));
  computed = [];
  await many.pieces(tokens, [{ start: all[here - 2]!.first, end: all[here + 1]!.end }], false, near, compute);
  expect(computed).toEqual([]);
  expect(await many.ahead(tokens, 50, near, compute)).toBe(all.length - 4);
  // Wanted whole, a piece has all that was scored for it.
  computed = [];
  const [whole] = await scores.pieces(tokens, [{ start: 50, end: 51 }], true, { version: 'c', contextLength: 16, bos: 1 }, compute);
  const window = all.find(({ end }) => end > 50)!;
  expect(computed).toEqual([window.first]);
  expect([whole!.tokens.start[0], whole!.tokens.end.at(-1)]).toEqual([window.first, window.end]);
  expect([...whole!.context]).toEqual(Array.from({ length: window.end - window.first }, (_, i) => window.first + i - window.start));
});
