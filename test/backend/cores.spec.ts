/** How many threads are taken where nobody says how many. */
import { afterEach, expect, test, vi } from 'vitest';

/** Processors as /proc/cpuinfo lists them: [physical id, core id] of each. */
const list = (cores: readonly (readonly [number, number])[]) =>
  cores.map(([physical, core], i) => `processor\t: ${i}\nphysical id\t: ${physical}\ncore id\t\t: ${core}\n`).join('\n');

async function coresOf(machine: { platform: string; arch: string; logical: number; allowed?: number; cpuinfo?: string | null }) {
  const { platform, arch, logical, allowed = logical, cpuinfo } = machine;
  vi.resetModules();
  vi.stubGlobal('process', { ...process, platform, arch });
  vi.doMock('node:os', () => ({ availableParallelism: () => allowed, cpus: () => new Array(logical).fill({ model: 'x' }) }));
  vi.doMock('node:fs', () => ({
    readFileSync: () => {
      if (cpuinfo === null) throw new Error('there is no such file');
      return cpuinfo ?? '';
    },
  }));
  const { defaultThreads, physicalCores } = await import('../../src/backend/cores');
  return { cores: physicalCores(), beside: defaultThreads(true), alone: defaultThreads(false) };
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.doUnmock('node:os');
  vi.doUnmock('node:fs');
});

const twoThreadsEach = list([...Array(4).keys(), ...Array(4).keys()].map((core) => [0, core] as const));
const twoSockets = list([0, 1].flatMap((socket) => [0, 1].map((core) => [socket, core] as const)));

test.each([
  ['four cores of two threads', { platform: 'linux', arch: 'x64', logical: 8, cpuinfo: twoThreadsEach }, { cores: 4, beside: 3, alone: 4 }],
  ['two sockets', { platform: 'linux', arch: 'x64', logical: 4, cpuinfo: twoSockets }, { cores: 4, beside: 3, alone: 4 }],
  [
    'a container that may use two',
    { platform: 'linux', arch: 'x64', logical: 8, allowed: 2, cpuinfo: twoThreadsEach },
    { cores: 4, beside: 1, alone: 2 },
  ],
  [
    'a list without cores (ARM)',
    { platform: 'linux', arch: 'arm64', logical: 4, cpuinfo: 'processor\t: 0\n' },
    { cores: 4, beside: 3, alone: 4 },
  ],
  ['no list', { platform: 'linux', arch: 'x64', logical: 2, cpuinfo: null }, { cores: 2, beside: 1, alone: 2 }],
  ['one core', { platform: 'linux', arch: 'x64', logical: 1, cpuinfo: list([[0, 0]]) }, { cores: 1, beside: 1, alone: 1 }],
  ['a Mac', { platform: 'darwin', arch: 'arm64', logical: 8 }, { cores: 8, beside: 7, alone: 8 }],
  ['Windows', { platform: 'win32', arch: 'x64', logical: 8 }, { cores: 4, beside: 3, alone: 4 }],
])('the physical cores, less one beside an editor, at least one: %s', async (_, machine, expected) => {
  expect(await coresOf(machine)).toEqual(expected);
});
