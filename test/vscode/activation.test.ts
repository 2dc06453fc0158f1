/** Inside VS Code: the extension starts quietly, and everything it declares exists. */
import * as assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { extension, loupe, problems, sleep, workers } from './loupe';

describe('activation', () => {
  it('happens by itself once VS Code has started, is quick, and starts no worker', async () => {
    const { activationMs, runningRealms } = await loupe();
    // The goal is 20 ms, which the bench measures; here everything else of VS Code starts at the same time, from a cold disk.
    assert.ok(activationMs > 0 && activationMs < 500, `took ${activationMs.toFixed(1)} ms`);
    await sleep(1000);
    assert.deepEqual(runningRealms(), []);
    assert.deepEqual(workers, []);
  });

  it('loads no tensors: the bundle is small', () => {
    const bundle = statSync(join(extension().extensionPath, 'dist', 'extension.js'));
    assert.ok(bundle.size < 170_000, `${bundle.size} bytes`);
  });

  it('registers every command that it declares', async () => {
    const declared: { command: string }[] = extension().packageJSON.contributes.commands;
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      declared.map(({ command }) => command).filter((command) => !registered.has(command)),
      [],
    );
    assert.ok(declared.length >= 10);
  });

  it('titles every command "Loupe: ..."', () => {
    const declared: { title: string; category?: string }[] = extension().packageJSON.contributes.commands;
    for (const { title, category } of declared) assert.match(`${category}: ${title}`, /^Loupe: \S/);
  });

  it('describes every setting, in words and not by key', () => {
    const { properties } = extension().packageJSON.contributes.configuration;
    for (const [name, setting] of Object.entries<Record<string, string>>(properties)) {
      assert.match(name, /^llmLoupe\./);
      const words = setting.description ?? setting.markdownDescription;
      assert.ok(words && !words.startsWith('%'), `${name} has no description`);
    }
  });

  it('logs no error', async () => {
    assert.deepEqual(await problems(), []);
  });
});
