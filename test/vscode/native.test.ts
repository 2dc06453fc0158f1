/** Inside VS Code: a native backend computes in a process beside the extension host, which outlives it. A stand-in is what it loads. */
import * as assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { installNative } from '../support/standIn';
import { closeAll, loupe, open, problems, set, until } from './loupe';

describe('the native backend', () => {
  const folder = mkdtempSync(join(tmpdir(), 'loupe-native-'));
  before(() => set('backend', 'tensorflow'));
  after(async () => {
    await set('backend', undefined);
    await set('tensorflow.path', undefined);
    await closeAll();
    rmSync(folder, { recursive: true, force: true });
  });

  const inspect = async (end: number) => {
    const editor = await open('hello.txt');
    editor.selection = new vscode.Selection(0, 0, 0, end);
    await vscode.commands.executeCommand('llmLoupe.inspectAttention');
  };
  const told = (what: RegExp) => until(String(what), async () => (await problems()).find((entry) => what.test(entry)));

  it('says what to do where it is not installed', async () => {
    await inspect(10);
    await told(/needs to be told where @tensorflow\/tfjs-node is installed/);
  });

  it('computes in a process of its own; killed, it is reported and starts again', async function () {
    if (process.platform !== 'linux') this.skip();
    const { runningRealms } = await loupe();
    await set('tensorflow.path', installNative(folder));
    await inspect(11);
    const first = await until('the process', realmProcess);
    assert.ok(runningRealms().includes('inspect'));
    process.kill(first, 'SIGKILL');
    await told(/^inspect: stopped \(signal SIGKILL\)$/);
    await inspect(12);
    const second = await until('another process', realmProcess);
    assert.notEqual(second, first);
    await set('backend', 'loupe');
    await inspect(13);
    await until('its process has ended', () => realmProcess() === undefined);
  });
});

/** A process that this one started and that runs the inspect realm. */
function realmProcess(): number | undefined {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      try {
        const parent = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        return Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('inspect.mjs');
      } catch {
        return false; // It ended meanwhile.
      }
    });
}
