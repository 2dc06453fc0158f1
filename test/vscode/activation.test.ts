/** Inside VS Code: the extension starts quietly, and everything it declares exists. */
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';

const ID = 'llm-loupe.llm-loupe';

function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension(ID);
  assert.ok(found, `${ID} is not installed`);
  return found;
}

describe('activation', () => {
  it('activates by itself once VS Code has started', async () => {
    for (let tries = 0; tries < 100 && !extension().isActive; tries++) await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(extension().isActive);
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
});
