import { expect, it, vi } from 'vitest';
import type { Copied } from '../../../src/protocol/engine';
import { copiedShares, SampleCopies } from '../../../webview/dashboard/copies';
import { copiedWords, piecesOf, placeName } from '../../../webview/lib/copied';

const copied = (share: number): Copied => ({ runs: [], share });
const run = (start: number, end: number) => ({ start, end, source: null });

it('asks for each sample once, all new ones in one call, one call at a time', async () => {
  const asked: string[][] = [];
  const answers: (() => void)[] = [];
  let changes = 0;
  const copies = new SampleCopies(
    (texts) => {
      asked.push(texts);
      return new Promise((resolve) => answers.push(() => resolve(texts.map((text) => copied(text.length / 10)))));
    },
    () => changes++,
  );
  const first = copies.compare(['a', 'bb', 'a']);
  await copies.compare(['a', 'bb', 'ccc']);
  answers[0]!();
  await first;
  const second = copies.compare(['a', 'bb', 'ccc']);
  answers[1]!();
  await second;
  await copies.compare(['ccc']);
  expect(asked).toEqual([['a', 'bb'], ['ccc']]);
  expect(changes).toBe(2);
  const samples = [
    { step: 10, text: 'a' },
    { step: 20, text: 'never asked for' },
    { step: 30, text: 'ccc' },
  ];
  expect(copiedShares(samples, copies)).toEqual({ step: [10, 30], share: [0.1, 0.3] });
});

it('asks no more where the training text is not known', async () => {
  let calls = 0;
  const copies = new SampleCopies(
    async () => {
      calls++;
      return null;
    },
    () => undefined,
  );
  await copies.compare(['a']);
  await copies.compare(['b']);
  expect(calls).toBe(1);
  expect(copies.of('a')).toBeUndefined();
});

it('cuts a text at its runs; where two overlap, the later one gives way', () => {
  const text = '0123456789';
  const pieces = (...runs: ReturnType<typeof run>[]) => piecesOf(text, runs).map(({ text: words, copy }) => (copy ? `[${words}]` : words));
  expect(pieces()).toEqual([text]);
  expect(pieces(run(2, 4), run(6, 10))).toEqual(['01', '[23]', '45', '[6789]']);
  expect(pieces(run(0, 5), run(3, 8))).toEqual(['[01234]', '[567]', '89']);
  expect(pieces(run(0, 8), run(2, 4))).toEqual(['[01234567]', '89']);
});

it('says what was copied, and where it stands', () => {
  expect(copiedWords(null)).toContain('not on this machine');
  expect(copiedWords(copied(0))).toBe('Nothing of 30 characters or more was copied from your files.');
  expect(copiedWords({ runs: [run(0, 1), run(2, 3)], share: 0.31 })).toBe('31\u202f% copied from your files: 2 runs');
  expect(placeName({ id: 'repo/src/a.ts', path: '/x/src/a.ts', line: 11, character: 0 })).toBe('src/a.ts:12');
});

it('rests after a long comparison, then goes on', async () => {
  vi.useFakeTimers();
  try {
    const asked: string[][] = [];
    const copies: SampleCopies = new SampleCopies(
      async (texts) => {
        asked.push(texts);
        await new Promise((resolve) => setTimeout(resolve, 2000));
        return texts.map(() => copied(0));
      },
      () => void copies.compare(['a', 'b']),
    );
    void copies.compare(['a']);
    await vi.advanceTimersByTimeAsync(2001);
    expect(asked).toEqual([['a']]);
    await vi.advanceTimersByTimeAsync(17_000);
    expect(asked).toEqual([['a']]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(asked).toEqual([['a'], ['b']]);
  } finally {
    vi.useRealTimers();
  }
});
