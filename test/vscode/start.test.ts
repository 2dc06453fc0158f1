/** Inside VS Code: "Start Here" opens when it is asked for, does the real things, and ticks what was done and nothing else. */
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { closeAll, loupe, open, panels, problems, sleep, until } from './loupe';

const { executeCommand } = vscode.commands;

describe('start here', () => {
  const done = async () => (await loupe()).started();
  const ticked = (step: string) => until(`"${step}" is ticked`, async () => (await done()).some((other) => other === step));

  before(async () => {
    await closeAll();
    await executeCommand('llmLoupe.resetStart');
    assert.deepEqual(await done(), []);
  });
  afterEach(async () => {
    await closeAll();
    assert.deepEqual(await problems(), []);
  });

  it('opens as one page, and only when it is asked for', async () => {
    assert.equal(panels('start').length, 0);
    await executeCommand('llmLoupe.startHere');
    await until('the page opens', () => panels('start').length === 1);
    await executeCommand('llmLoupe.startHere');
    await sleep(300);
    assert.equal(panels('start').length, 1);
  });

  it('is a walkthrough of VS Code too', async () => {
    await executeCommand('workbench.action.openWalkthrough', 'llm-loupe.llm-loupe#start');
    await until('it opens', () => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).length === 1);
    const { walkthroughs } = vscode.extensions.getExtension('llm-loupe.llm-loupe')!.packageJSON.contributes;
    for (const { title, description, media } of walkthroughs[0].steps) {
      assert.ok(!/^%/.test(title + description), title);
      const file = vscode.Uri.joinPath(vscode.extensions.getExtension('llm-loupe.llm-loupe')!.extensionUri, media.markdown);
      assert.ok((await vscode.workspace.fs.stat(file)).size > 0);
      assert.ok((await vscode.workspace.fs.stat(file.with({ path: file.path.replace(/\.md$/, '.nls.fr.md') }))).size > 0);
    }
  });

  it('ticks merges, from wherever they were asked for', async () => {
    await executeCommand('llmLoupe.showMerges', { text: 'internationalization' });
    await ticked('merges');
    assert.deepEqual(await done(), ['merges']);
  });

  it('looks at the reader’s own text, and beside it stays the page', async () => {
    const { document } = await open('code.ts');
    await executeCommand('llmLoupe.startHere');
    await until('the page opens', () => panels('start').length === 1);
    await executeCommand('llmLoupe.startStep', 'attention');
    await ticked('attention');
    assert.equal(panels('attention').length, 1);
    assert.equal(panels('start').length, 1);
    assert.ok(vscode.window.visibleTextEditors.some((editor) => editor.document === document));
  });

  it('takes the sample where nothing is open', async () => {
    await executeCommand('llmLoupe.startStep', 'surprise');
    await ticked('surprise');
    const [editor] = vscode.window.visibleTextEditors;
    assert.equal(editor?.document.uri.scheme, 'llm-loupe-sample');
    assert.ok(editor.document.getText().includes('White Rabbit'));
    assert.equal(editor.document.isDirty, false);
  });

  it('does not tick a training that was only looked at', async () => {
    const asked = executeCommand('llmLoupe.startStep', 'train');
    await sleep(2_000);
    await executeCommand('workbench.action.closeQuickOpen');
    await asked;
    assert.deepEqual(await done(), ['merges', 'attention', 'surprise']);
  });

  it('opens the page for a step that it does not know', async () => {
    await executeCommand('llmLoupe.startStep', 'rm -rf');
    await until('the page opens', () => panels('start').length === 1);
  });

  it('begins again where the reader wants to', async () => {
    await executeCommand('llmLoupe.resetStart');
    assert.deepEqual(await done(), []);
  });
});
