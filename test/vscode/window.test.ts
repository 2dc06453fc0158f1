/** Inside VS Code, the last file of the stage: panels open beside the text, once, and are left open for the stage after the reload, that of attention on top. */
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { focused, loupe, open, panels, problems, until } from './loupe';

describe('the merges panel', () => {
  it('opens on a word, then on the selection, with the tokenizer of the active model', async () => {
    const { runningRealms } = await loupe();
    await vscode.commands.executeCommand('llmLoupe.showMerges');
    await focused('merges');
    await until('the tokenizer is asked', () => runningRealms().includes('text'));
    const editor = await open('hello.txt');
    editor.selection = new vscode.Selection(0, 0, 0, 16);
    await vscode.commands.executeCommand('llmLoupe.showMerges');
    await vscode.commands.executeCommand('llmLoupe.showMerges', { text: 'internationalization', tokenizer: 'o200k' });
    await focused('merges');
    assert.equal(panels('merges').length, 1);
    assert.deepEqual(await problems(), []);
  });
});

describe('the panel that compares tokenizers', () => {
  it('opens on the selection, once', async () => {
    const editor = await open('hello.txt');
    editor.selection = new vscode.Selection(0, 0, 0, 16);
    await vscode.commands.executeCommand('llmLoupe.compareTokenizers');
    await focused('compare');
    await vscode.commands.executeCommand('llmLoupe.compareTokenizers');
    await focused('compare');
    assert.equal(panels('compare').length, 1);
    assert.deepEqual(await problems(), []);
  });
});

describe('the attention panel', () => {
  it('opens as one panel beside the text, and asks the model', async () => {
    const { runningRealms } = await loupe();
    const editor = await open('hello.txt');
    editor.selection = new vscode.Selection(0, 0, 0, 16);
    await vscode.commands.executeCommand('llmLoupe.inspectAttention');
    const [panel] = await until('the panel', () => (panels('attention').length === 1 ? panels('attention') : null));
    assert.equal(panel?.label, 'Attention');
    assert.equal(panel?.group.viewColumn, vscode.ViewColumn.Two);
    await until('the model is asked', () => runningRealms().includes('inspect'));
    await vscode.commands.executeCommand('llmLoupe.inspectAttention');
    assert.equal(panels('attention').length, 1);
    // The text kept the focus.
    assert.equal(vscode.window.activeTextEditor, editor);
    assert.deepEqual(await problems(), []);
  });
});
