import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { temporaryFolder } from '../folders';
import { buildRealms, openEngine, writeTinyModel } from '../realms';
import { requestFor, writeWorkspace } from './requests';

const root = temporaryFolder();
const workspace = writeWorkspace(join(root, 'workspace'));
let realms: string;
let starter: string;

beforeAll(async () => {
  starter = await writeTinyModel(join(root, 'starter'));
  realms = await buildRealms('text', 'train');
});

/** Threads of this process that give way to others. */
function polite(): number {
  const tasks = readdirSync('/proc/self/task').flatMap((task) => {
    try {
      return [readFileSync(`/proc/self/task/${task}/stat`, 'latin1')];
    } catch {
      return []; // it has ended
    }
  });
  // The 19th field; the second one, the name, may hold anything but a bracket.
  return tasks.filter((stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]) > getPriority()).length;
}

/** Most such threads while a small model is trained. */
async function train(beside: boolean): Promise<number> {
  const engine = openEngine({ realms, starter, runs: join(root, `runs-${beside}`), beside, backend: 'loupe', threads: 2 });
  let most = 0;
  await engine.train.start(requestFor(workspace, 'run'), {
    onProgress: () => {
      most = Math.max(most, polite());
    },
  });
  await engine.end('train', 'enough');
  return most;
}

test.skipIf(process.platform !== 'linux')(
  'training in an editor gives way to it, with all its threads; elsewhere it does not',
  async () => {
    expect(await train(false)).toBe(0);
    expect(await train(true)).toBeGreaterThanOrEqual(2);
    // Not the thread that started it, which is the editor's.
    expect(polite()).toBe(0);
  },
);
