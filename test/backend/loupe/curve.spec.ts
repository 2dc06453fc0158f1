/** The same curve and the same text, bit for bit: again, on any number of threads, and (without relaxed operations) on any processor. */
import { afterAll, expect, test } from 'vitest';
import { openBackend } from '../../../src/backend/open';
import { assets, openTestBackend } from '../../support/backend';
import { curve } from '../../support/curve';

afterAll(() => openTestBackend('cpu').then(() => undefined));

const open = (threads: number, exact: boolean) => openBackend({ name: 'loupe', assets, threads, exact });

test('two hundred exact steps are those that were recorded', async () => {
  // On x64, and the same on ARM (`scripts/arm.mjs`). A kernel that adds in another order changes them: then they are recorded anew.
  const recorded = {
    training: '95ba7d755aba1c4450209966f5c568b1fbdd0b425d40512e87f64828ca821c80',
    writing: '07145331e4fd7e6c0bbc62a7156f53716d024c3094dbec74bf9b5e2bde2c379d',
  };
  await open(1, true);
  const { losses, ...digests } = await curve(200, 30);
  expect(losses).toHaveLength(200);
  expect(losses[199]).toBeLessThan(2);
  expect(digests).toEqual(recorded);
  await open(4, true);
  expect(await curve(200, 30)).toEqual({ losses, ...recorded });
});

test.each([true, false])('one to four threads, exact: %s', async (exact) => {
  await open(1, exact);
  const alone = await curve(40, 20);
  for (const threads of [2, 3, 4]) {
    await open(threads, exact);
    expect(await curve(40, 20), `${threads} threads`).toEqual(alone);
  }
});
