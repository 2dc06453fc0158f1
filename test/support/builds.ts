/** Tests of ops that hold for every build of the kernels, threaded or not, beside the reference of tfjs. */
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type Build, openLoupe } from '../../src/backend/loupe/runtime';
import * as tf from '../../src/core/tf';
import { assets, openTestBackend } from './backend';
import { askAgain } from './stock';

const usual: [Build, number][] = [
  ['relaxed', 1],
  ['relaxed', 3],
  ['simd', 2],
  ['scalar', 1],
];

export function eachBuild(tests: () => void, builds = usual): void {
  beforeAll(async () => {
    await openTestBackend('cpu');
  });
  afterAll(() => tf.removeBackend('loupe'));

  describe.each(builds)('build %s, threads %i', (build, threads) => {
    beforeAll(async () => {
      askAgain();
      await openLoupe({ assets, threads, build, onLost: (reason) => expect.fail(reason) });
    });
    tests();
  });
}
