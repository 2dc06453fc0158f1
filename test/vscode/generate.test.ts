/** Inside VS Code: ghost text while its document is edited elsewhere, accepted, and taken back. */
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeAll, open, problems, set, sleep, until } from './loupe';

const { executeCommand } = vscode.commands;
const length = 12;

describe('ghost text', () => {
  before(() => set('generate.maxTokens', length));
  after(() => set('generate.maxTokens', undefined));
  afterEach(async () => {
    await executeCommand('llmLoupe.cancelGeneration');
    await executeCommand('workbench.action.files.revert');
    await closeAll();
    assert.deepEqual(await problems(), []);
  });

  /** Accepts what is shown, as Tab does; gives the text that came in at the place, and looks that nothing else has changed. */
  async function accept(editor: vscode.TextEditor, place: vscode.Position): Promise<string> {
    const { document } = editor;
    const before = document.getText();
    const at = document.offsetAt(place);
    await executeCommand('editor.action.inlineSuggest.commit');
    await until('it is accepted', () => document.getText() !== before, 5);
    const after = document.getText();
    const accepted = after.slice(at, at + after.length - before.length);
    assert.equal(after, before.slice(0, at) + accepted + before.slice(at));
    assert.ok(accepted.length > 0);
    assert.deepEqual(editor.selection.active, document.positionAt(at + accepted.length));
    // One undo takes it back, and nothing else.
    await executeCommand('undo');
    await until('it is taken back', () => document.getText() !== after, 5);
    assert.equal(document.getText(), before);
    return accepted;
  }

  async function cursorAt(editor: vscode.TextEditor, line: number): Promise<vscode.Position> {
    const place = editor.document.lineAt(line).range.end;
    editor.selection = new vscode.Selection(place, place);
    // Until the events of the opening and of this are over: a cursor that moves takes the ghost text away.
    await sleep(500);
    return place;
  }

  async function generateAt(editor: vscode.TextEditor, line: number): Promise<vscode.Position> {
    const place = await cursorAt(editor, line);
    const before = editor.document.getText();
    await executeCommand('llmLoupe.generate');
    await sleep(500);
    assert.equal(editor.document.getText(), before, 'the file is as it was');
    return place;
  }

  it('lands where it was asked for, and one undo takes it back', async () => {
    const editor = await open('other.ts');
    const place = await generateAt(editor, 10);
    await accept(editor, place);
    assert.equal(editor.document.isDirty, false);
  });

  it('follows its place when the document is edited above, below, and in the same line', async () => {
    const editor = await open('other.ts');
    const { document } = editor;
    const place = await generateAt(editor, 10);
    // Typed by nobody in this editor: another extension, another window, a formatter.
    const edit = new vscode.WorkspaceEdit();
    edit.insert(document.uri, new vscode.Position(2, 0), '// naïve\n// two lines\n');
    edit.delete(document.uri, new vscode.Range(0, 0, 1, 0));
    edit.replace(document.uri, new vscode.Range(10, 0, 10, 6), 'EXPORT /* 👩‍👩‍👧‍👦 */');
    edit.insert(document.uri, new vscode.Position(15, 0), '// below\n');
    assert.ok(await vscode.workspace.applyEdit(edit));
    await sleep(500);
    const moved = document.lineAt(11).range.end;
    assert.ok(document.lineAt(11).text.startsWith('EXPORT'));
    assert.notDeepEqual(moved, place);
    assert.deepEqual(editor.selection.active, moved);
    const edited = document.getText();
    await accept(editor, moved);
    assert.equal(document.getText(), edited);
  });

  it('is edited around while it is written, and lands whole', async () => {
    await set('generate.maxTokens', 250);
    try {
      const editor = await open('other.ts');
      const { document } = editor;
      await cursorAt(editor, 5);
      const writing = executeCommand('llmLoupe.generate');
      let lines = 0;
      const ended = writing.then(() => true);
      do {
        const edit = new vscode.WorkspaceEdit();
        edit.insert(document.uri, new vscode.Position(0, 0), `// ${lines}\n`);
        assert.ok(await vscode.workspace.applyEdit(edit));
        lines++;
      } while (!(await Promise.race([ended, sleep(10).then(() => false)])));
      await sleep(500);
      assert.ok(lines > 1 && lines < 1_000, `${lines} lines`);
      await accept(editor, document.lineAt(5 + lines).range.end);
    } finally {
      await set('generate.maxTokens', length);
    }
  });

  it('goes when its place is taken away', async () => {
    const editor = await open('other.ts');
    const { document } = editor;
    await generateAt(editor, 10);
    const edit = new vscode.WorkspaceEdit();
    edit.delete(document.uri, new vscode.Range(9, 0, 12, 0));
    assert.ok(await vscode.workspace.applyEdit(edit));
    await sleep(500);
    const before = document.getText();
    await executeCommand('editor.action.inlineSuggest.commit');
    await sleep(500);
    assert.equal(document.getText(), before);
  });
});
