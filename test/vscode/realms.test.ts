/** Inside VS Code: a worker that dies is told in the log, and the next call finds another one. */
import * as assert from 'node:assert/strict';
import type { Worker } from 'node:worker_threads';
import * as vscode from 'vscode';
import { closeAll, loupe, open, problems, set, shown, sleep, until, workers } from './loupe';

/** What a worker that was ended says of it depends on what it was doing. */
const stopped = /^(text|inspect): stopped \(exit code [01]\)$/;

describe('realms', () => {
  before(() => set('tokens.tokenizers', ['o200k']));
  after(() => set('tokens.tokenizers', undefined));
  afterEach(closeAll);

  it('start when they are needed, are reported when they die, and start again', async () => {
    const { runningRealms } = await loupe();
    const editor = await open('hello.txt');
    const select = async (end: number) => {
      editor.selection = new vscode.Selection(0, 0, 0, end);
      await shown(editor.document, 0, 3);
    };
    await select(10);
    assert.ok(runningRealms().includes('text'));
    // Whichever of the workers is the text realm: all that live are ended, from outside.
    await killAll();
    await until('the death is noticed', () => runningRealms().length === 0);
    assert.ok((await problems()).some((entry) => stopped.test(entry)));
    await select(20);
    assert.ok(runningRealms().includes('text'));
  });

  it('that die in the middle of a large document give its tokens all the same', async () => {
    const editor = await open('large/many-lines.txt');
    const { document } = editor;
    await vscode.commands.executeCommand('llmLoupe.showTokens');
    await shown(document, 0, 3);
    await killAll();
    const end = document.lineCount - 3;
    editor.revealRange(new vscode.Range(end, 0, end, 0));
    await sleep(50);
    // In the middle of reading the 10 MB again.
    await killAll();
    editor.revealRange(new vscode.Range(0, 0, 0, 0));
    await shown(document, 0, 3);
    await vscode.commands.executeCommand('llmLoupe.showTokens');
    const unexpected = (await problems()).filter((entry) => !stopped.test(entry));
    assert.deepEqual(unexpected, []);
  });
});

async function killAll(): Promise<void> {
  await Promise.all(workers.splice(0).map((worker: Worker) => worker.terminate()));
}
