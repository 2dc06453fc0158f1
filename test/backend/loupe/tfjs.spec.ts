/**
 * tfjs-core's own tests of the ops that core uses, run against our backend as they are. Those that need what our backend
 * leaves out pass over; that they stop at an error which names it is part of the test.
 */
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, type TestContext, vi } from 'vitest';
import { openLoupe } from '../../../src/backend/loupe/runtime';
import * as tf from '../../../src/core/tf';
import { assets } from '../../support/backend';

/** What no part of core asks for, by the words in which the backend says that it lacks it. */
const left: [what: RegExp, why: string][] = [
  [/^Kernel '(Pow|Mod|Atan2|FloorDiv|Prelu)' not registered for backend 'loupe'/, 'an op that stands in the same file of tests'],
  [
    /^Kernel '(Step|Equal|GreaterEqual|LessEqual|LogicalAnd|PadV2|UnsortedSegmentSum)' not registered for backend 'loupe'/,
    'only stock gradients use it: core writes its own',
  ],
  [/^Kernel 'Complex' not registered for backend 'loupe'/, 'complex numbers'],
  [
    /the backend loupe has no \w+ of (int32|bool|string)/,
    'whole numbers are ids, which are moved and added; text stays outside of tensors',
  ],
  [/the backend loupe has no GatherV2 with batchDims/, 'core has no batches of tables'],
];

let passed = 0;
/** Which of those were met. */
const met = new Set<number>();
type Body = () => unknown;
type Suite = [name: string, tests: (environment: object) => void];
/** What their files describe, for each build to go through; null once that begins: what is met then stands within. */
let suites: Suite[] | null = [];
const describeTheirs = (name: string, tests: Suite[1]) =>
  describe(name, () => tests({ name: 'loupe', backendName: 'loupe', isDataSync: true }));

/** Their `it`, of which a failure that names something left out is a pass. */
function theirs(name: string, body: Body): void {
  it(name, async (context: TestContext) => {
    try {
      await body();
      passed++;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const found = left.findIndex(([what]) => what.test(message));
      if (found < 0) throw error;
      met.add(found);
      context.skip(left[found]?.[1]);
    }
  });
}

vi.mock('@tensorflow/tfjs-core/dist/jasmine_util', () => ({
  ...{ ALL_ENVS: {}, SYNC_BACKEND_ENVS: {}, NODE_ENVS: {}, CHROME_ENVS: null, BROWSER_ENVS: null },
  describeWithFlags: (name: string, constraints: object | null, tests: (environment: object) => void) => {
    if (!constraints) return;
    if (suites) suites.push([name, tests]);
    else describeTheirs(name, tests);
  },
}));

afterAll(() => {
  expect(passed).toBeGreaterThan(1800);
  expect(left.filter((_, i) => !met.has(i)).map(([what]) => what)).toEqual([]);
});

// The part of jasmine that they use.
expect.extend({ nothing: () => ({ pass: true, message: () => '' }) });
Object.assign(globalThis, { describe, it: theirs, expect, beforeAll, beforeEach, afterAll, afterEach, spyOn: vi.spyOn, jasmine: {} });

// Those of slices count all tensors there are, and tfjs keeps some where an op stops at an error: so they come first.
const ops = `slice slice1d slice2d slice3d slice4d abs add_n add arg_max arg_min arithmetic axis_util binary_ops broadcast_util ceil clone
  concat exp expand_dims fill floor gather log_softmax log mat_mul max mean min neg one_hot ones_like ones operation range reciprocal relu
  round rsqrt scatter_nd sigmoid softmax split sqrt square squeeze stack sub sum tanh tile transpose unstack zeros_like zeros`;
const folder = fileURLToPath(new URL('../../../node_modules/@tensorflow/tfjs-core/dist/ops', import.meta.url));
for (const op of ops.split(/\s+/)) await import(`${folder}/${op}_test.js`);

const all = suites;
suites = null;
describe.each(['relaxed', 'simd'] as const)('build %s', (build) => {
  beforeAll(() => openLoupe({ assets, threads: 2, build, onLost: (reason) => expect.fail(reason) }));
  // With what it counts, for the next.
  afterAll(() => tf.engine().reset());
  beforeEach(() => tf.engine().startScope());
  afterEach(() => {
    tf.engine().endScope();
    tf.disposeVariables();
  });
  for (const suite of all) describeTheirs(...suite);
});
