/** The same curve and the same text, bit for bit: again, on any number of threads, and (without relaxed operations) on any processor. */
import { afterAll, expect, test } from 'vitest';
import { openBackend } from '../../../src/backend/open';
import { assets, openTestBackend } from '../../support/backend';
import { curve } from '../../support/curve';
import { recorded } from '../../support/recorded';

afterAll(() => openTestBackend('cpu').then(() => undefined));

const open = (threads: number, exact: boolean) => openBackend({ name: 'loupe', assets, threads, exact });

test('two hundred exact steps are those that were recorded', async () => {
  const { steps, tokens, ...expected } = recorded;
  await open(1, true);
  const { losses, ...digests } = await curve(steps, tokens);
  expect(losses).toHaveLength(steps);
  expect(losses.at(-1)).toBeLessThan(2);
  expect(digests).toEqual(expected);
  await open(4, true);
  expect(await curve(steps, tokens)).toEqual({ losses, ...expected });
});

test.each([true, false])('one to four threads, exact: %s', async (exact) => {
  await open(1, exact);
  const alone = await curve(40, 20);
  for (const threads of [2, 3, 4]) {
    await open(threads, exact);
    expect(await curve(40, 20), `${threads} threads`).toEqual(alone);
  }
});
