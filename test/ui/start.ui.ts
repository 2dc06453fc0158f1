/** The first minutes, as Start Here and VS Code's own walkthrough lead through them: what they tick, and on which text. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { User } from './user';
import { workspaceFiles } from './workspace';

const file = 'src/model/parameters.ts';

describe('the first minutes', () => {
  let user: User;
  beforeAll(async () => {
    user = await User.start({ files: { ...workspaceFiles(), 'empty.txt': '' } });
  });
  afterAll(() => user?.stop());
  afterEach(({ task }) =>
    task.result?.state === 'fail' ? user.shoot(`failed-${task.name.slice(0, 30).replaceAll(' ', '-')}`) : undefined,
  );

  const ticked = (step: string) =>
    user.page.locator(`.getting-started-step [data-done-step-id$="#start#${step}"]`).first().getAttribute('aria-checked');

  test('the walkthrough ticks what was done before it was opened for the first time', async () => {
    await user.openFile(file);
    await user.command('Loupe: Show Merges');
    await user.panel().locator('h1').waitFor({ timeout: 60_000 });
    // A long word of the user's language, where nothing was selected.
    expect(await user.panel().getByLabel('Text', { exact: true }).inputValue()).toBe('internationalization');
    await user.command('Welcome: Open Walkthrough...');
    await user.picks('Open a language model').click();
    await expect.poll(() => ticked('merges'), { timeout: 15_000 }).toBe('true');
    expect(await ticked('attention')).toBe('false');
    await user.shoot('walkthrough');
  });

  test('and what is done while it is open', async () => {
    await user.page.locator('.getting-started-step', { hasText: 'Work out attention by hand' }).click();
    await user.page.getByRole('button', { name: 'Inspect Attention' }).click();
    await user
      .panel()
      .locator('h1', { hasText: /L\d+H\d+/ })
      .waitFor({ timeout: 30_000 });
    // The picture may have opened before it: what the reader comes back to is ticked.
    await user.page.locator('.tab', { hasText: /^Welcome|Walkthrough/ }).click();
    await expect.poll(() => ticked('attention'), { timeout: 30_000 }).toBe('true');
    expect(await ticked('train')).toBe('false');
  });

  test('Start Here offers the reader’s own file, not an account that we wrote', async () => {
    await user.openFile(file);
    await user.command('Loupe: Train on This Workspace');
    await user.picks('Read the whole account of the files').click({ timeout: 60_000 });
    await user.page.locator('.tab.active', { hasText: 'Files of the training' }).waitFor();
    await user.command('Loupe: Start Here');
    await user.panel().getByText('parameters.ts', { exact: true }).waitFor();
    await user.shoot('start-own-file');
  });

  test('an empty file is said to be empty, in place of the text that was looked at before', async () => {
    await user.command('View: Close All Editors');
    await user.openFile(file);
    await user.command('Loupe: Inspect Attention');
    await user
      .panel()
      .locator('h1', { hasText: /L\d+H\d+/ })
      .waitFor({ timeout: 30_000 });
    await user.openFile('empty.txt');
    await user.command('Loupe: Inspect Attention');
    await user.panel().getByText('There is no text in empty.txt yet.').waitFor();
    await user.shoot('attention-empty');
    await user.openFile('empty.txt');
    await user.page.keyboard.type('Now there is some.');
    await user.panel().getByRole('button', { name: 'Inspect Attention' }).click();
    await user
      .panel()
      .locator('h1', { hasText: /L\d+H\d+/ })
      .waitFor({ timeout: 30_000 });
  });

  test('the model that stands in the status bar unasked is turned off there, and the legend names it instead', async () => {
    await user.openFile(file);
    await user.command('Loupe: Show Surprise');
    const legend = user.status(/bits? per byte/);
    await legend.waitFor();
    expect(await legend.textContent()).not.toContain('starter');
    const model = user.page.locator('.statusbar-item[id$="llmLoupe.model"]');
    expect(await model.textContent()).toContain('starter');
    await user.shoot('status-bar');
    await model.hover();
    await user.page.locator('.monaco-hover a', { hasText: 'Do not show the model' }).click();
    await model.waitFor({ state: 'hidden' });
    await expect.poll(() => legend.textContent()).toContain('starter');
  });
});
