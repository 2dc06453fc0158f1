import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readLock, takeLock } from '../../../src/engine/runs/lock';
import { temporaryFolder } from '../folders';

const root = temporaryFolder();
const lockFile = () => join(mkdtempSync(join(root, 'runs-')), 'lock');
const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
afterAll(() => void other.kill('SIGKILL'));
const held = (pid: number, host = hostname()) => JSON.stringify({ pid, host, run: 'theirs', token: 'x' });

test('is taken, read and released', async () => {
  const path = lockFile();
  const lock = await takeLock(path, 'mine');
  expect(await readLock(path)).toMatchObject({ pid: process.pid, run: 'mine' });
  await lock.check();
  await lock.release();
  expect(readdirSync(dirname(path))).toEqual([]);
});

test('another process that lives keeps it', async () => {
  const path = lockFile();
  writeFileSync(path, held(other.pid!));
  await expect(takeLock(path, 'mine')).rejects.toMatchObject({ code: 'training.busy', args: { pid: other.pid } });
  expect(readFileSync(path, 'utf8')).toBe(held(other.pid!));
});

test('a lock being written at this moment is held', async () => {
  const path = lockFile();
  writeFileSync(path, '');
  await expect(takeLock(path, 'mine')).rejects.toMatchObject({ code: 'training.busy' });
});

test.each([
  ['its process is gone', held(2 ** 22 + 1), 0],
  ['a worker of this process died', held(process.pid), 0],
  ['its heart has not beaten for long', held(other.pid!), 11 * 60],
  ['another computer has been silent for long', held(1, 'elsewhere'), 11 * 60],
  ['it is broken and old', '{"pi', 60],
])('is taken over when %s', async (_, content, seconds) => {
  const path = lockFile();
  writeFileSync(path, content);
  const then = Date.now() / 1000 - seconds;
  utimesSync(path, then, then);
  const lock = await takeLock(path, 'mine');
  await lock.check();
  await lock.release();
});

test('another computer that beats keeps it', async () => {
  const path = lockFile();
  writeFileSync(path, held(1, 'elsewhere'));
  await expect(takeLock(path, 'mine')).rejects.toMatchObject({ code: 'training.busy' });
});

test('notices that somebody else took over, and leaves their lock alone', async () => {
  const path = lockFile();
  const lock = await takeLock(path, 'mine');
  writeFileSync(path, held(other.pid!));
  await expect(lock.check()).rejects.toMatchObject({ code: 'training.busy', args: { pid: other.pid } });
  await lock.release();
  expect(existsSync(path)).toBe(true);
});
