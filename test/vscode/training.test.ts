/** Inside VS Code: a model is trained by the command, stopped, chosen, and kept for the stage after the reload. */
import * as assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { accepted, closeAll, loupe, open, panels, problems, shown, sleep, until } from './loupe';

const { executeCommand } = vscode.commands;

describe('training', () => {
  it('runs by the command, shows its dashboard, stops with a checkpoint', async function () {
    this.timeout(180_000);
    const { runs } = await loupe();
    assert.ok(runs);
    const training = executeCommand('llmLoupe.trainOnWorkspace');
    // The first entries of the list are small: whichever it is. The list opens when the files have been read.
    const run = await accepted(runs);
    const history = join(runs, run, 'events.jsonl');
    await until('its first steps', () => existsSync(history) && readFileSync(history, 'utf8').includes('"type":"step"'), 90);
    assert.equal(panels('dashboard').length, 1);
    await until('"Start Here" ticks it', async () => (await loupe()).started().includes('train'));
    await executeCommand('llmLoupe.stopTraining');
    await training;
    assert.ok(
      readdirSync(join(runs, run!)).some((name) => /checkpoint/.test(name)),
      readdirSync(join(runs, run!)).join(' '),
    );
    assert.deepEqual(await problems(), []);
    await closeAll();
  });

  it('gives a model that can be chosen, and whose tokens are shown then', async () => {
    // Entries: the starter, the run.
    const choosing = executeCommand('llmLoupe.selectModel');
    await sleep(3000);
    await executeCommand('workbench.action.quickOpenSelectNext');
    await executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    await choosing;
    const editor = await open('hello.txt');
    editor.selection = new vscode.Selection(0, 0, 0, 16);
    await until('the model names its token', async () => /of workspace-/.test((await shown(editor.document, 0, 3)).facts));
    await closeAll();
    assert.deepEqual(await problems(), []);
  });
});
