/** "Start Here" without VS Code: what counts as done, and which word is taken apart. */
import { describe, expect, test } from 'vitest';
import { Progress, wordToMerge } from '../../src/host/start/progress';
import { type StartStep, startSteps } from '../../src/protocol/panels';

function memory(kept?: unknown) {
  const values = new Map<string, unknown>(kept === undefined ? [] : [['llmLoupe.start', kept]]);
  return {
    values,
    get: <T>(key: string) => values.get(key) as T | undefined,
    update: async (key: string, value: unknown) => void values.set(key, value),
  };
}

describe('progress', () => {
  test('steps are ticked in any order and once, and kept', async () => {
    const kept = memory();
    const told: (readonly StartStep[])[] = [];
    const progress = new Progress(kept, (done) => told.push(done));
    expect(progress.done).toEqual([]);
    await progress.tick('surprise');
    await progress.tick('merges');
    await progress.tick('surprise');
    expect(told).toEqual([['surprise'], ['merges', 'surprise']]);
    expect(new Progress(kept, () => {}).done).toEqual(['merges', 'surprise']);
  });

  test('steps that are done at once are all kept', async () => {
    const kept = memory();
    const progress = new Progress(kept, () => {});
    await Promise.all(startSteps.map((step) => progress.tick(step)));
    expect(progress.done).toEqual(startSteps);
  });

  test('it begins again where the reader wants to', async () => {
    const progress = new Progress(memory(['merges', 'train']), () => {});
    await progress.reset();
    expect(progress.done).toEqual([]);
    await progress.tick('train');
    expect(progress.done).toEqual(['train']);
  });

  test('what another version kept does no harm', () => {
    expect(new Progress(memory(['merges', 'lens', 7]), () => {}).done).toEqual(['merges']);
    for (const odd of ['merges', 3, null, { merges: true }]) expect(new Progress(memory(odd), () => {}).done).toEqual([]);
  });
});

describe('the word that is taken apart', () => {
  const text = 'let naïve = a; // anticonstitutionnellement\nif (b) return isolate_rabbits(c2);';

  test('is the one under the cursor, at its edges too', () => {
    const at = text.indexOf('isolate_rabbits');
    for (const cursor of [at, at + 4, at + 'isolate_rabbits'.length]) expect(wordToMerge(text, cursor)).toBe('isolate_rabbits');
    expect(wordToMerge(text, 6)).toBe('naïve');
  });

  test('is otherwise the longest, the first one of several', () => {
    expect(wordToMerge(text, 0)).toBe('anticonstitutionnellement');
    expect(wordToMerge('first words: alpha, bravo', 12)).toBe('first');
    expect(wordToMerge('alpha bravo', -1)).toBe('alpha');
  });

  test('is none where there is none', () => {
    expect(wordToMerge('', 0)).toBeNull();
    expect(wordToMerge('1 + 2 = 3; if (a) b', 3)).toBeNull();
    expect(wordToMerge('x'.repeat(41), 3)).toBeNull();
  });
});
