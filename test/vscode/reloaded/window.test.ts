/** After a reload of the window: the panel comes back with its text, and the chosen model is still the active one. */
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { focused, loupe, open, panels, problems, shown, until } from '../loupe';

describe('after a reload', () => {
  it('the attention panel comes back and asks the model by itself', async () => {
    const { runningRealms } = await loupe();
    await until('the panel', () => panels('attention').length === 1);
    await until('the model is asked', () => runningRealms().includes('inspect'));
    assert.deepEqual(await problems(), []);
  });

  it('the merges panel and the one that compares tokenizers come back, once', async () => {
    await vscode.commands.executeCommand('llmLoupe.showMerges');
    await vscode.commands.executeCommand('llmLoupe.compareTokenizers');
    await focused('compare');
    // The tabs of before, which nobody had looked at yet, went.
    await until('one of each', () => panels('merges').length === 1 && panels('compare').length === 1);
    assert.deepEqual(await problems(), []);
  });

  it('the model that was chosen is still the active one', async () => {
    const editor = await open('hello.txt');
    editor.selection = new vscode.Selection(0, 0, 0, 16);
    assert.match((await shown(editor.document, 0, 3)).facts, /of workspace-/);
    assert.deepEqual(await problems(), []);
  });
});
