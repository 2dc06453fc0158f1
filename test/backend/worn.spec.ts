import { setTimeout as wait } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import type { LoupeBackend } from '../../src/backend/loupe/backend';
import { openBackend } from '../../src/backend/open';
import * as tf from '../../src/core/tf';
import { assets } from '../support/backend';

test('what has lost a thread says so, and is opened anew where nothing is lost by it', async () => {
  const request = { name: 'loupe', assets, threads: 3 } as const;
  const opened = await openBackend(request);
  expect([opened.threads, opened.isWorn?.()]).toEqual([3, false]);
  const { workers } = (tf.backend() as LoupeBackend).pool as unknown as { workers: Set<Worker> };
  await [...workers][0]?.terminate();
  await wait(20);
  const kept = tf.scalar(1);
  expect([opened.threads, opened.isWorn?.()]).toEqual([2, false]);
  expect((await openBackend(request)).threads).toBe(2);
  expect(kept.dataSync()[0]).toBe(1);
  kept.dispose();
  expect(opened.isWorn?.()).toBe(true);
  expect((await openBackend(request)).threads).toBe(3);
});
