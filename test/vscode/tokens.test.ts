/** Inside VS Code: tokens of every kind of text and editor. What is painted is asked of the hover, which knows nothing else. */
import * as assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { closeAll, file, notShown, open, problems, set, shown, sleep, tokenAt, until } from './loupe';

const { executeCommand } = vscode.commands;
const show = () => executeCommand('llmLoupe.showTokens');
/** Undoes until the file is as it is on disk; only edits of the test are there to be undone. */
async function undoAll(document: vscode.TextDocument): Promise<void> {
  await until('the edits are known', () => document.isDirty);
  await until('the file is as it was', async () => {
    if (document.isDirty) await executeCommand('undo');
    return !document.isDirty;
  });
}

/** Every token of some lines, in order, as ranges: hovered one after the other. */
async function tokensOf(document: vscode.TextDocument, from: number, to: number): Promise<string[]> {
  const pieces: string[] = [];
  for (let line = from; line < to; line++) {
    const { range } = document.lineAt(line);
    for (let at = range.start; at.isBefore(range.end); ) {
      const token = await tokenAt(document, at);
      assert.ok(token, `no token at ${at.line}:${at.character}`);
      assert.ok(token.range.contains(at));
      pieces.push(document.getText(token.range));
      at = token.range.end;
    }
  }
  return pieces;
}

async function whole(editor: vscode.TextEditor, lines: number): Promise<string[]> {
  await shown(editor.document, 0, 0);
  return tokensOf(editor.document, 0, lines);
}

describe('tokens', () => {
  const original = new Map<string, string>();
  const names = ['hello.txt', 'unicode.txt', 'code.ts', 'other.ts', 'notes.ipynb', 'large/many-lines.txt', 'large/one-line.txt'];

  before(async () => {
    for (const name of names) original.set(name, readFileSync(file(name).fsPath, 'latin1'));
    // A tokenizer that is not the model's: the hover needs no model then, and is quick.
    await set('tokens.tokenizers', ['o200k']);
  });
  after(() => set('tokens.tokenizers', undefined));
  afterEach(async () => {
    await closeAll();
    assert.deepEqual(await problems(), []);
  });

  it('of several selections are those of each text alone', async () => {
    const editor = await open('code.ts');
    const { document } = editor;
    editor.selections = [0, 3, 6].map((line) => new vscode.Selection(line, 7, line, 15));
    for (const line of [0, 3, 6]) {
      const { range, facts } = await shown(document, line, 10);
      assert.equal(document.getText(range), 'function');
      assert.match(facts, /GPT-4o/);
    }
    assert.equal(await tokenAt(document, new vscode.Position(0, 20)), undefined);
  });

  it('go when the selection goes', async () => {
    const editor = await open('code.ts');
    editor.selection = new vscode.Selection(0, 0, 0, 20);
    await shown(editor.document, 0, 3);
    editor.selection = new vscode.Selection(0, 0, 0, 0);
    await notShown(editor.document, 0, 3);
  });

  it('of a selection are not shown where the setting is off, nor of one character, nor of 5,000', async () => {
    const editor = await open('code.ts');
    for (const [line, character] of [
      [0, 1],
      [240, 0],
    ] as const) {
      editor.selection = new vscode.Selection(0, 0, line, character);
      await notShown(editor.document, 0, 0);
    }
    await set('tokens.onSelection', false);
    try {
      editor.selection = new vscode.Selection(0, 0, 0, 20);
      await notShown(editor.document, 0, 3);
    } finally {
      await set('tokens.onSelection', undefined);
    }
    // The setting is obeyed at once, without a new selection.
    await shown(editor.document, 0, 3);
  });

  it('cover emoji, combining marks, right-to-left text and CRLF without a gap', async () => {
    const editor = await open('unicode.txt');
    const { document } = editor;
    assert.equal(document.eol, vscode.EndOfLine.CRLF);
    await show();
    const pieces = await whole(editor, 2);
    assert.equal(pieces.join(''), `${document.lineAt(0).text}${document.lineAt(1).text}`);
    assert.ok(pieces.length > 10, pieces.join('|'));
    // A character that is cut into several tokens is one span, and the hover tells of each.
    const family = document.lineAt(0).text.indexOf('👩');
    const { facts } = await shown(document, 0, family);
    assert.match(facts, /Part of a character/);
    await show();
  });

  it('go on being those of the whole document while it is edited, and undo leaves nothing', async () => {
    const editor = await open('code.ts');
    const { document } = editor;
    await show();
    await shown(document, 0, 0);
    const place = new vscode.Position(1, 2);
    await editor.edit((edit) => edit.insert(place, 'const naïve = "👩‍👩‍👧‍👦";\n  '));
    await editor.edit((edit) => edit.delete(new vscode.Range(0, 0, 0, 7)));
    await editor.edit((edit) => edit.replace(new vscode.Range(3, 0, 5, 1), '// e\u0301\n'));
    const incremental = await whole(editor, 12);
    // Hidden and shown again, the text is tokenized from nothing.
    await show();
    await show();
    assert.deepEqual(await whole(editor, 12), incremental);
    await undoAll(document);
    await show();
  });

  it('keep up with fast typing', async () => {
    const editor = await open('other.ts');
    const { document } = editor;
    await show();
    await shown(document, 0, 0);
    const typed = 'const answer = "quarante-deux"; // naïve '.repeat(5);
    for (const character of typed) void executeCommand('type', { text: character });
    await until('all is typed', () => document.lineAt(0).text.length >= typed.length);
    await sleep(500);
    const pieces = await whole(editor, 1);
    assert.equal(pieces.join('').trimEnd(), document.lineAt(0).text);
    assert.ok(pieces.length < typed.length / 2, 'tokens are longer than characters');
    await undoAll(document);
    await show();
  });

  it('are shown in both editors of a split, of a selection only where it is', async () => {
    const left = await open('hello.txt', vscode.ViewColumn.One);
    const right = await open('hello.txt', vscode.ViewColumn.Two);
    const { document } = right;
    right.selection = new vscode.Selection(0, 0, 0, 16);
    await shown(document, 0, 3);
    assert.ok(left.selection.isEmpty);
    right.selection = new vscode.Selection(0, 0, 0, 0);
    await notShown(document, 0, 3);
    await show();
    await shown(document, 0, 20);
    await executeCommand('workbench.action.closeActiveEditor');
    await shown(document, 0, 20);
    await open('hello.txt', vscode.ViewColumn.One);
    await show();
    await notShown(document, 0, 20);
  });

  it('of 10 MB are those on screen', async () => {
    const editor = await open('large/many-lines.txt');
    const { document } = editor;
    assert.ok(document.getText().length > 8e6);
    await show();
    await shown(document, 0, 3);
    const end = document.lineCount - 3;
    editor.revealRange(new vscode.Range(end, 0, end, 0));
    await shown(document, end, 3);
    await editor.edit((edit) => edit.insert(new vscode.Position(100_000, 0), 'a new line\n'));
    editor.revealRange(new vscode.Range(100_000, 0, 100_000, 0));
    const { range } = await shown(document, 100_000, 0);
    assert.equal(document.getText(range), 'a');
    await undoAll(document);
    await show();
  });

  it('of a line of 2 MB are those near the cursor', async () => {
    const editor = await open('large/one-line.txt');
    const { document } = editor;
    await show();
    await shown(document, 0, 10);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 1_000_000), 'xx'));
    editor.selection = new vscode.Selection(0, 1_000_000, 0, 1_000_000);
    await shown(document, 0, 1_000_010);
    editor.selection = new vscode.Selection(0, 1_000_000, 0, 1_003_000);
    await shown(document, 0, 1_001_000);
    await undoAll(document);
    await show();
  });

  it('do no harm in a diff editor', async () => {
    await executeCommand('vscode.diff', file('code.ts'), file('other.ts'), 'a diff');
    const editor = await until('the diff', () => vscode.window.activeTextEditor);
    await show();
    await shown(editor.document, 0, 0);
    editor.selection = new vscode.Selection(0, 0, 1, 10);
    await sleep(600);
    await show();
    editor.selection = new vscode.Selection(0, 0, 0, 20);
    await shown(editor.document, 0, 3);
    assert.equal(editor.document.isDirty, false);
  });

  it('do no harm in a notebook', async () => {
    const notebook = await vscode.workspace.openNotebookDocument(file('notes.ipynb'));
    await vscode.window.showNotebookDocument(notebook);
    await executeCommand('notebook.cell.edit');
    const cell = notebook.cellAt(0).document;
    const editor = await until('the cell', () => vscode.window.visibleTextEditors.find(({ document }) => document === cell));
    editor.selection = new vscode.Selection(0, 0, 0, 20);
    await shown(cell, 0, 3);
    await show();
    await sleep(500);
    await show();
    assert.equal(notebook.isDirty, false);
  });

  it('do no harm where there is no text', async () => {
    await show();
    await executeCommand('llmLoupe.toggleTokensHere');
    await executeCommand('workbench.action.output.toggleOutput');
    await show();
    await sleep(300);
    await executeCommand('workbench.action.closePanel');
  });

  it('never modify a file', () => {
    for (const [name, text] of original) assert.ok(readFileSync(file(name).fsPath, 'latin1') === text, `${name} was modified`);
  });
});
