/** Inside VS Code: a copied run opens its file where it stands. */
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeAll, file, open, problems } from './loupe';

const { executeCommand } = vscode.commands;

describe('a copied run', () => {
  afterEach(async () => {
    await executeCommand('workbench.action.files.revert');
    await closeAll();
    assert.deepEqual(await problems(), []);
  });

  async function follow(line: number, character: number, text: string): Promise<vscode.TextEditor> {
    await executeCommand('llmLoupe.openCopied', { path: file('other.ts').fsPath, line, character, text });
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    assert.equal(editor.document.uri.toString(), file('other.ts').toString());
    return editor;
  }

  it('is selected in its file', async () => {
    const { document } = await open('other.ts');
    const range = new vscode.Range(3, 2, 5, 4);
    const text = document.getText(range);
    await open('hello.txt');
    const editor = await follow(3, 2, text);
    assert.equal(editor.document.getText(editor.selection), text);
    assert.deepEqual(editor.selection.start, range.start);
  });

  it('is looked for where the file has changed since', async () => {
    const { document } = await open('other.ts');
    const text = document.getText(new vscode.Range(0, 0, 12, 0));
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(0, 0), '// one\n// two\n// three\n');
    assert.ok(await vscode.workspace.applyEdit(edit));
    const editor = await follow(0, 0, text);
    assert.deepEqual(editor.selection.start, new vscode.Position(3, 0));
    assert.equal(editor.document.getText(editor.selection), text);
  });

  it('that is gone leaves the cursor where it stood', async () => {
    const editor = await follow(7, 0, 'there never was a line like this one');
    assert.ok(editor.selection.isEmpty);
    assert.equal(editor.selection.active.line, 7);
  });
});
