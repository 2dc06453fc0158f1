/** Looking back at a run and beside it: other weights in every view, heads as they formed, two runs on one chart. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { User } from './user';
import { workspaceFiles } from './workspace';

describe('looking back', () => {
  let user: User;
  beforeAll(async () => {
    user = await User.start({ files: workspaceFiles(), height: 1000 });
  });
  afterAll(() => user?.stop());
  afterEach(({ task }) =>
    task.result?.state === 'fail' ? user.shoot(`failed-${task.name.slice(0, 30).replaceAll(' ', '-')}`) : undefined,
  );

  const status = () => user.page.locator('[id$="llmLoupe.model"]').textContent();
  /** The dashboard is made anew once the run has ended: whoever is in it waits for that. */
  const stopped = async () => {
    await user.panel().getByRole('button', { name: 'Use This Model' }).waitFor({ timeout: 90_000 });
    await user.page.waitForTimeout(3000);
  };
  const words = () => user.panel().locator('.checkpoint-words').textContent();

  test('heads are seen to form while it trains', async () => {
    await user.command('Loupe: Train on This Workspace');
    await user.picks('From nothing: nano').click({ timeout: 60_000 });
    const heads = user.panel().locator('.heads-canvas');
    await heads.waitFor({ timeout: 120_000 });
    await expect.poll(() => heads.getAttribute('aria-label')).toMatch(/^L\dH\d, .*previous token \d/);
    // Three checkpoints: the first has been retired by then, or soon.
    await expect.poll(() => user.panel().locator('.checkpoint-tick').count(), { timeout: 120_000 }).toBeGreaterThanOrEqual(4);
    await user.panel().getByRole('button', { name: /^Stop/ }).click();
    await stopped();
    await heads.scrollIntoViewIfNeeded();
    await user.shoot('heads-form');
  }, 300_000);

  test('the slider makes every view look at earlier weights, and goes back to the last', async () => {
    const slider = user.panel().getByRole('slider', { name: 'Weights to look at' });
    await slider.scrollIntoViewIfNeeded();
    expect(await words()).toMatch(/^Another model is in use/);
    await slider.focus();
    await user.page.keyboard.press('Home');
    await expect.poll(words).toMatch(/what this run began with/);
    await expect.poll(status).toMatch(/@start$/);
    await user.page.keyboard.press('ArrowRight');
    await expect.poll(words).toMatch(/weights of step \d+\.$/);
    await expect.poll(status).toMatch(/@\d+$/);
    await user.shoot('look-back');
    await user.panel().getByRole('button', { name: 'Back to the last' }).click();
    await expect.poll(words).toMatch(/the last weights, step/);
    await expect.poll(status).not.toContain('@');
  });

  test('a picture of a head opens the inspector on the prompt, with those weights and that head', async () => {
    const heads = user.panel().locator('.heads-canvas');
    await heads.focus();
    await user.page.keyboard.press('Home');
    await user.page.keyboard.press('ArrowDown');
    await user.page.keyboard.press('Enter');
    await expect.poll(status).toMatch(/@start$/);
    const title = user.panel().locator('.head-title');
    await expect.poll(() => title.textContent(), { timeout: 60_000 }).toMatch(/^L0H1/);
    expect(await user.panel().locator('.reading').textContent()).toMatch(/@start reads .* of .prompt of /);
    await user.shoot('prompt-inspected');
    await user.command('View: Close All Editors');
  });

  test('two runs are laid over each other, and what differs is in a table', async () => {
    await user.command('Loupe: Train on This Workspace');
    await user.picks('From nothing: nano').click({ timeout: 60_000 });
    const tick = user.panel().locator('.checkpoint-tick');
    await expect.poll(() => tick.count(), { timeout: 120_000 }).toBeGreaterThanOrEqual(2);
    await user.panel().getByRole('button', { name: /^Stop/ }).click();
    await stopped();
    await user.panel().getByRole('button', { name: 'Compare with other runs' }).click();
    await user.page.locator('.quick-input-widget .monaco-list-row').first().click();
    await user.page.locator('.quick-input-widget').getByRole('button', { name: 'OK' }).click();
    await user.panel().locator('.compared-name').waitFor();
    expect(await user.panel().locator('.compared-words').textContent()).toMatch(
      /^Measured on the same held-out text with the same tokenizer/,
    );
    await user
      .panel()
      .getByRole('cell', { name: /^\d[\d.]*$/ })
      .first()
      .waitFor();
    await user.panel().getByLabel('Curves laid side by side').selectOption('time');
    await user.panel().getByText('The axis is the time of training').waitFor();
    await user.shoot('compared');
    // It is there again after a reload.
    await user.open();
    await user.panel().locator('.compared-name').waitFor({ timeout: 60_000 });
  }, 300_000);
});
