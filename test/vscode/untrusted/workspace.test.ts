/** In a workspace that is not trusted: tokens with the shipped model always, nothing that the workspace chose, no training. */
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { loupe, open, problems, set, shown } from '../loupe';

describe('in an untrusted workspace', () => {
  it('the settings of the workspace that name files or engines are ignored', async () => {
    await loupe();
    assert.equal(vscode.workspace.isTrusted, false);
    const settings = vscode.workspace.getConfiguration('llmLoupe');
    assert.equal(settings.get('model'), 'starter');
    assert.equal(settings.get('backend'), 'auto');
    assert.deepEqual(settings.get('tokens.tokenizers'), ['active', 'o200k']);
  });

  it('tokens are those of the starter', async () => {
    const editor = await open('hello.txt');
    editor.selection = new vscode.Selection(0, 0, 0, 16);
    assert.match((await shown(editor.document, 0, 3)).facts, /of starter/);
    assert.deepEqual(await problems(), []);
  });

  it("the user's own choice of a model waits until the workspace is trusted", async () => {
    await set('model', '/models/of/mine');
    try {
      const editor = await open('hello.txt');
      editor.selection = new vscode.Selection(0, 0, 0, 12);
      assert.match((await shown(editor.document, 0, 3)).facts, /of starter/);
      assert.deepEqual(await problems(), []);
    } finally {
      await set('model', undefined);
    }
  });

  it('training is refused in words, and nothing of it starts', async () => {
    const { runningRealms } = await loupe();
    await vscode.commands.executeCommand('llmLoupe.trainOnWorkspace');
    const [told, ...more] = await problems();
    assert.match(told ?? '', /This needs a trusted workspace\./);
    assert.deepEqual(more, []);
    assert.ok(!runningRealms().includes('train'));
  });
});
