import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Place, Realm, type RealmOptions } from '../../src/client/realm';
import { LoupeError } from '../../src/core/errors';
import { temporaryFolder } from '../engine/folders';
import type { FixtureApi } from './fixtureRealm';

const entry = join(temporaryFolder(), 'fixture.mjs');
const open: Realm<FixtureApi>[] = [];

beforeAll(async () => {
  await build({
    entryPoints: [fileURLToPath(new URL('./fixtureRealm.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: entry,
  });
});
afterEach(async () => {
  for (const realm of open.splice(0)) await realm.dispose();
});

function realm(options: Partial<RealmOptions> = {}) {
  const onDied = vi.fn();
  const made = new Realm<FixtureApi>({
    name: 'text',
    entry,
    place: () => ({ config: { backend: 'cpu' }, process: null }),
    idleMs: 60_000,
    execArgv: [],
    onDied,
    log: () => undefined,
    ...options,
  });
  open.push(made);
  return { realm: made, client: made.client, onDied };
}

const values = new Float32Array([1, Number.NaN]);

const thread: Place = { config: { backend: 'cpu' }, process: null };
const ownProcess: Place = { config: { backend: 'cpu' }, process: { node: process.execPath, env: { LOUPE_FIXTURE: 'set' } } };

describe.each([
  ['a thread', thread, 'a bug'],
  ['a process', ownProcess, 'exit code 1'],
] as const)('in %s', (_, place, bug) => {
  const here = (options: Partial<RealmOptions> = {}) => realm({ place: () => place, ...options });

  test('starts at the first call, with its configuration', async () => {
    const { realm: made, client } = here();
    expect(made.started).toBe(false);
    expect(await client.echo({ values })).toEqual({ values, backend: 'cpu' });
    expect(made.started).toBe(true);
    expect(values).toHaveLength(2);
  });

  test('prints into the log, never on the output of the process', async () => {
    const log = vi.fn();
    const { client } = here({ log });
    await client.print({});
    await vi.waitFor(() => expect(log).toHaveBeenCalledWith(expect.stringContaining('a library greets')), { timeout: 20_000 });
  });

  test('ends when idle, not while a call runs, and starts again', async () => {
    const { realm: made, client, onDied } = here({ idleMs: 100 });
    const controller = new AbortController();
    const call = client.forever({}, { signal: controller.signal });
    await client.echo({ values });
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(made.started).toBe(true);
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    await vi.waitFor(() => expect(made.started).toBe(false), { timeout: 20_000 });
    expect(await client.echo({ values })).toEqual({ values, backend: 'cpu' });
    expect(onDied).not.toHaveBeenCalled();
  });

  test.each([
    ['throw', bug],
    ['exit', 'exit code 7'],
  ] as const)('a realm that dies (%s) rejects its calls, is reported once, and starts again', async (how, reason) => {
    const { client, onDied } = here();
    const waiting = client.forever({});
    const dying = client.die({ how });
    const died = { code: 'realm.died', args: { realm: 'text', reason } };
    await expect(waiting).rejects.toMatchObject(died);
    await expect(dying).rejects.toMatchObject(died);
    expect(await client.echo({ values })).toEqual({ values, backend: 'cpu' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(onDied.mock.calls).toEqual([[reason]]);
  });

  test('can be ended from outside, even while it computes', async () => {
    const { realm: made, client } = here();
    await client.echo({ values });
    const call = expect(client.block({ ms: 60_000 })).rejects.toMatchObject({ code: 'realm.died', args: { reason: 'asked to' } });
    await made.end('asked to');
    await call;
    expect(await client.echo({ values })).toEqual({ values, backend: 'cpu' });
  });

  test('is closed for good after dispose', async () => {
    const { realm: made, client } = here();
    await client.echo({ values });
    await made.dispose();
    await expect(client.echo({ values })).rejects.toMatchObject({ code: 'realm.died' });
  });
});

test('says when memory was the reason', async () => {
  const { client, onDied } = realm({ resourceLimits: { maxOldGenerationSizeMb: 32 } });
  await expect(client.die({ how: 'memory' })).rejects.toMatchObject({ code: 'realm.died', args: { reason: 'out of memory' } });
  expect(onDied).toHaveBeenCalledWith('out of memory');
});

test('a process that the system kills is reported, and starts again with its environment', async () => {
  const { client, onDied } = realm({ place: () => ownProcess });
  const { pid, variable } = await client.whoami({});
  expect([pid === process.pid, variable]).toEqual([false, 'set']);
  const call = expect(client.block({ ms: 60_000 })).rejects.toMatchObject({ code: 'realm.died', args: { reason: 'signal SIGKILL' } });
  process.kill(pid, 'SIGKILL');
  await call;
  expect(onDied.mock.calls).toEqual([['signal SIGKILL']]);
  expect((await client.whoami({})).pid).not.toBe(pid);
});

test.skipIf(process.platform === 'win32')('a process leaves Ctrl-C to the one that started it', async () => {
  const { client } = realm({ place: () => ownProcess });
  const { pid } = await client.whoami({});
  process.kill(pid, 'SIGINT');
  await client.block({ ms: 100 });
  expect((await client.whoami({})).pid).toBe(pid);
});

test('a process that cannot be started says so', async () => {
  const { client } = realm({ place: () => ({ config: {}, process: { node: join(temporaryFolder(), 'no-node'), env: {} } }) });
  await expect(client.echo({ values })).rejects.toMatchObject({ code: 'realm.died', args: { reason: expect.stringContaining('ENOENT') } });
});

test('is asked once where it shall run, however many calls wait for the answer', async () => {
  const place = vi.fn(() => new Promise<Place>((resolve) => setTimeout(() => resolve(thread), 20)));
  const { client } = realm({ place });
  const answers = await Promise.all([client.echo({ values }), client.echo({ values })]);
  expect(answers).toEqual([answers[0], { values, backend: 'cpu' }]);
  expect(place).toHaveBeenCalledTimes(1);
});

test('that finds no place to run rejects its call, and asks again at the next', async () => {
  const place = vi.fn<() => Promise<Place>>().mockRejectedValueOnce(new LoupeError('tensorflow.unnamed')).mockResolvedValue(thread);
  const { client, onDied } = realm({ place });
  await expect(client.echo({ values })).rejects.toMatchObject({ code: 'tensorflow.unnamed' });
  expect(await client.echo({ values })).toEqual({ values, backend: 'cpu' });
  expect(onDied).not.toHaveBeenCalled();
});

test('a call that was aborted beforehand starts nothing', async () => {
  const { realm: made, client } = realm();
  await expect(client.echo({ values }, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
  expect(made.started).toBe(false);
});
