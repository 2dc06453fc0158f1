/** What is written beside a training's numbers is what changes them, and nothing else. */
import { expect, test } from 'vitest';
import { computedBy } from '../../../src/engine/train/platform';

test('threads and processor count only where they change the numbers', () => {
  const [own, exact, stock] = [
    computedBy({ name: 'loupe', threads: 3, description: 'relaxed', same: 'threads' }),
    computedBy({ name: 'loupe', threads: 3, description: 'plain', same: 'everywhere' }),
    computedBy({ name: 'wasm', threads: 3, description: 'plain' }),
  ];
  expect([own.threads, exact.threads, stock.threads]).toEqual([1, 1, 3]);
  expect([own.cpuFeatures.length, exact.cpuFeatures.length, stock.cpuFeatures.length]).toEqual([2, 0, 2]);
  // The same words of two backends are not the same numbers.
  expect(exact.backend).not.toBe(stock.backend);
});
