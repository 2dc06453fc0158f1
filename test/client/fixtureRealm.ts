/** A realm that can be made to die in every way. */
import { runRealm } from '../../src/engine/realm';
import type { Method } from '../../src/protocol/rpc';

export type FixtureApi = {
  echo: Method<{ values: Float32Array }, { values: Float32Array; backend: string }>;
  whoami: Method<Record<string, never>, { pid: number; variable: string | null }>;
  print: Method<Record<string, never>, void>;
  forever: Method<Record<string, never>, void, string>;
  die: Method<{ how: 'throw' | 'exit' | 'memory' }, void>;
  block: Method<{ ms: number }, void>;
};

runRealm<FixtureApi>((config) => ({
  echo: ({ values }) => ({ values, backend: config.backend }),
  whoami: () => ({ pid: process.pid, variable: process.env.LOUPE_FIXTURE ?? null }),
  print: () => console.log('a library greets'),
  forever: (_, { signal, progress }) =>
    new Promise((_resolve, reject) => {
      progress('began');
      signal.addEventListener('abort', () => reject(signal.reason));
    }),
  die({ how }) {
    if (how === 'exit') process.exit(7);
    setImmediate(() => {
      if (how === 'throw') throw new Error('a bug');
      const hoard: number[][] = [];
      for (;;) hoard.push(new Array(1_000_000).fill(1.5));
    });
    return new Promise(() => undefined);
  },
  block({ ms }) {
    const until = Date.now() + ms;
    while (Date.now() < until);
  },
}));
