/** Inside VS Code: surprise in the editor, what its hover says, its change with the text and the layer, and the list of lines. */
import * as assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { accepted, closeAll, loupe, notShown, open, problems, set, shown, sleep, until } from './loupe';

const { executeCommand } = vscode.commands;
const show = () => executeCommand('llmLoupe.showSurprise');

/** What the surprise of a place says, from the hover that a user would see; undefined where none is painted. */
async function surpriseAt(
  document: vscode.TextDocument,
  place: vscode.Position,
): Promise<{ range: vscode.Range; facts: string } | undefined> {
  const hovers = await executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, place);
  for (const { range, contents } of hovers) {
    const facts = contents.map((part) => (typeof part === 'string' ? part : part.value)).join('\n');
    if (range && facts.includes('You wrote')) return { range, facts };
  }
  return undefined;
}

const surprised = (document: vscode.TextDocument, line: number, character: number, seconds = 30) =>
  until(`surprise at ${line}:${character}`, () => surpriseAt(document, new vscode.Position(line, character)), seconds);

/** Opens the menu and takes what stands so many entries below the one under its cursor. */
async function chooseBelow(entries: number): Promise<void> {
  const menu = executeCommand('llmLoupe.surpriseMenu');
  await sleep(1_000);
  for (let down = 0; down < entries; down++) await executeCommand('workbench.action.quickOpenSelectNext');
  await executeCommand('workbench.action.acceptSelectedQuickOpenItem');
  await menu;
}

/** Milliseconds from a change of what is visible until its surprise is known. */
async function timeTo(document: vscode.TextDocument, line: number): Promise<number> {
  const began = performance.now();
  while (!(await surpriseAt(document, new vscode.Position(line, 3)))) {
    assert.ok(performance.now() - began < 30_000, `no surprise on line ${line}`);
    await sleep(5);
  }
  return performance.now() - began;
}

describe('surprise', () => {
  afterEach(async () => {
    await closeAll();
    assert.deepEqual(await problems(), []);
  });

  it('says what was written, what the model expected instead, and of how much text', async () => {
    const editor = await open('code.ts');
    await show();
    const { range, facts } = await surprised(editor.document, 0, 10);
    assert.ok(range.contains(new vscode.Position(0, 10)));
    assert.match(facts, /You wrote `` .+ ``/);
    assert.match(facts, /1\. [\s\S]+ 2\. |1\. [\s\S]+\n2\. /);
    assert.match(facts, /choice number \d/);
    assert.match(facts, /bits? · \d+ tokens? read before it/);
    assert.match(facts, /Model: starter/);
    await show();
    await until('it is gone', async () => (await surpriseAt(editor.document, new vscode.Position(0, 10))) === undefined);
  });

  it('takes the place of the tokens, and they take its place', async () => {
    const editor = await open('code.ts');
    const { document } = editor;
    await executeCommand('llmLoupe.showTokens');
    await shown(document, 0, 10);
    await show();
    await surprised(document, 0, 10);
    await notShown(document, 0, 10);
    await executeCommand('llmLoupe.showTokens');
    await shown(document, 0, 10);
    assert.equal(await surpriseAt(document, new vscode.Position(0, 10)), undefined);
    await executeCommand('llmLoupe.showTokens');
  });

  it('follows edits and scrolling', async () => {
    const editor = await open('code.ts');
    const { document } = editor;
    await show();
    const token = document.getText((await surprised(document, 2, 0)).range);
    await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), '// something quite different\n'));
    const after = await surprised(document, 3, 0);
    assert.equal(document.getText(after.range), token);
    assert.match((await surprised(document, 0, 4)).facts, /You wrote/);
    editor.revealRange(new vscode.Range(400, 0, 400, 0));
    const took = await timeTo(document, 400);
    // One scroll, some screens away: measured as a user sees it, on a machine that does other things too.
    console.log(`surprise of another screen after ${took.toFixed(0)} ms`);
    assert.ok(took < 3_000, `${took} ms`);
    await until('the edit is undone', async () => {
      if (document.isDirty) await executeCommand('undo');
      return !document.isDirty;
    });
    await show();
  });

  it('is shown by bits too, at once when the setting changes', async () => {
    const editor = await open('code.ts');
    await show();
    await surprised(editor.document, 0, 10);
    await set('surprise.scale', 'bits');
    try {
      await surprised(editor.document, 1, 3);
    } finally {
      await set('surprise.scale', undefined);
    }
    await show();
  });

  it('does no harm where there is no text, and none is too long for the window', async () => {
    await show();
    const editor = await open('large/many-lines.txt');
    await show();
    // 8 MB: said in the status bar, not computed.
    await sleep(1_000);
    assert.equal(await surpriseAt(editor.document, new vscode.Position(0, 3)), undefined);
    await show();
  });

  it('lists the lines of the workspace, and says where there are no changes to list', async () => {
    await executeCommand('llmLoupe.surprisingLines');
    assert.deepEqual(await problems(), []);
    // Of one file, as it is on screen: one that was never saved, too.
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content: 'Le chat boit son lait chaque matin.\n' }));
    await executeCommand('llmLoupe.surprisingLinesOfFile');
    assert.deepEqual(await problems(), []);
    await executeCommand('workbench.action.revertAndCloseActiveEditor');
    // Without a repository: said, and no list for it.
    await executeCommand('llmLoupe.surprisingChanges');
    const [said, ...more] = await problems();
    assert.match(said ?? '', /no Git repository/);
    assert.deepEqual(more, []);
    await executeCommand('llmLoupe.closeSurprisingLines');
  });

  it('follows a training, in which the open file is held out, and stays with the model that came of it', async function () {
    this.timeout(180_000);
    const { runs } = await loupe();
    assert.ok(runs);
    const editor = await open('other.ts');
    const { document } = editor;
    await show();
    const start = await surprised(document, 0, 8);
    assert.match(start.facts, /Model: starter/);
    const training = executeCommand('llmLoupe.trainOnWorkspace');
    const run = await accepted(runs);
    try {
      // The dashboard is in front: the text beside it is what is looked at.
      await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Two });
      const step = async () =>
        Number(/training, step ([\d,]+)/.exec((await surpriseAt(document, new vscode.Position(0, 8)))?.facts ?? '')?.[1]);
      const first = await until('a look at the model being trained', async () => (await step()) + 1, 90);
      await until('a look at it later', async () => (await step()) + 1 > first, 90);
      const { corpus } = JSON.parse(readFileSync(join(runs, run, 'run.json'), 'utf8')) as { corpus: { heldOut?: string[] } };
      assert.deepEqual(corpus.heldOut, ['workspace/other.ts']);
      await executeCommand('llmLoupe.stopTraining');
      await training;
      await until('the model that came of it', async () =>
        /Model: workspace-[^,]*$/m.test((await surpriseAt(document, new vscode.Position(0, 8)))?.facts ?? ''),
      );
      const starter = async () => /Model: starter/.test((await surpriseAt(document, new vscode.Position(0, 8)))?.facts ?? '');
      await set('surprise.followTraining', false);
      await until('the active model', starter);
      await set('surprise.followTraining', true);
      await until('the model that came of it', async () => !(await starter()));
      // Below "By rank", which is under the menu's cursor, "By bits" and "By change": what the model knew before it trained.
      await chooseBelow(2);
      const facts = async () => (await surpriseAt(document, new vscode.Position(0, 8)))?.facts ?? '';
      const [, before] = await until('the change', async () => /At the start of the run: (.+)\./.exec(await facts()));
      assert.ok(start.facts.includes(`${before} · `), `${before} is not in ${start.facts}`);
      // The way back, below "By change", which is under the cursor now.
      await chooseBelow(1);
      await until('the active model again', starter);
      assert.doesNotMatch(await facts(), /At the start of the run/);
    } finally {
      await set('surprise.followTraining', undefined);
      await executeCommand('llmLoupe.stopTraining');
      await training;
      // Other suites count the runs.
      rmSync(join(runs, run), { recursive: true, force: true });
    }
    await show();
  });
});
