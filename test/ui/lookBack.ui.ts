/** Looking back at a run and beside it: other weights in every view, heads as they formed, two runs on one chart. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { User } from './user';
import { workspaceFiles } from './workspace';

const file = 'src/model/parameters.ts';

describe('looking back', () => {
  let user: User;
  beforeAll(async () => {
    user = await User.start({ files: workspaceFiles(), width: 1600, height: 1000 });
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
  const legend = () => user.status(/bits? per byte/).first();

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
    // All that looks with a model, side by side: a text, the dashboard, attention.
    await user.openFile(file);
    await user.command('Loupe: Show Surprise');
    await user.selectLines(14, 16);
    await user.command('Loupe: Inspect Attention');
    const attention = await user.panelWith('.metrics');
    await user.command('View: Move Editor into Left Group');
    const dashboard = await user.panelWith('.checkpoint-words');
    const words = () => dashboard.locator('.checkpoint-words').textContent();
    const reading = () => attention.locator('.reading').textContent();
    /** What a reader compares: bits per byte of the visible lines, and what the head does. */
    const figures = async () => [
      /^[\d.]+/.exec((await legend().textContent())?.trim() ?? '')?.[0] ?? '',
      (await attention.locator('.metrics').textContent()) ?? '',
    ];
    /** Once all have the weights of this name, figures that were not there before. */
    const lookedWith = async (model: RegExp, before: readonly string[]) => {
      await expect.poll(status).toMatch(model);
      await expect.poll(reading, { timeout: 60_000 }).toMatch(new RegExp(`${model.source.replace('$', '')} reads`));
      for (const [i, figure] of before.entries()) await expect.poll(async () => (await figures())[i], { timeout: 60_000 }).not.toBe(figure);
      return figures();
    };

    const slider = dashboard.getByRole('slider', { name: 'Weights to look at' });
    await slider.scrollIntoViewIfNeeded();
    expect(await words()).toMatch(/^Another model is in use/);
    await legend().waitFor();
    const first = await figures();
    await slider.focus();
    await user.page.keyboard.press('Home');
    await expect.poll(words).toMatch(/what this run began with/);
    const start = await lookedWith(/@start$/, first);
    await user.shoot('look-back-start');
    await user.page.keyboard.press('ArrowRight');
    await expect.poll(words).toMatch(/weights of step \d+\.$/);
    const later = await lookedWith(/@\d+$/, start);
    // What was never trained knows nothing.
    expect(Number(start[0])).toBeGreaterThan(Number(later[0]));
    await user.shoot('look-back');
    // The panel that writes, too.
    await user.command('Loupe: Open Generation Panel');
    const generation = await user.panelWith('.model-name');
    const writes = () => generation.locator('.model-name').textContent();
    await expect.poll(writes).toMatch(/@\d+$/);
    await user.shoot('look-back-generation');
    await dashboard.getByRole('button', { name: 'Back to the last' }).click();
    await expect.poll(words).toMatch(/the last weights, step/);
    await expect.poll(status).not.toContain('@');
    await expect.poll(writes).not.toContain('@');
  }, 240_000);

  test('the change since the start of the run: other colours, their legend, and both figures in the hover', async () => {
    await user.command('View: Close All Editors');
    await user.openFile(file);
    await user.command('Loupe: Show Surprise');
    await legend().waitFor();
    await expect.poll(() => user.bands().count()).toBeGreaterThan(100);
    const looks = () => user.bands().evaluateAll((bands) => [...new Set(bands.map(({ className }) => className))]);
    const before = await looks();
    await legend().click();
    await user.picks('By change').click();
    await legend()
      .filter({ hasText: /[\d.]+ bits? per byte since the start · .*bits 0\.5·2·4$/ })
      .waitFor();
    // What a run from nothing learnt is all gain.
    await legend()
      .filter({ hasText: /−(0\.[2-9]|[1-9])/ })
      .waitFor();
    for (const look of await looks()) expect(before).not.toContain(look);
    await legend().hover();
    await user.page
      .locator('.monaco-hover', { hasText: 'against the start of the run' })
      .filter({ hasText: 'better by 4 bits or more' })
      .waitFor();
    await user.shoot('change-legend');
    await user.page.keyboard.press('Escape');
    await user.page
      .locator('.view-line span span')
      .filter({ hasText: /\w{3,}/ })
      .nth(3)
      .hover();
    await user.page.locator('.monaco-hover', { hasText: /At the start of the run: choice number [\d,]+ · [\d.]+ bits?\./ }).waitFor();
    await user.shoot('change-hover');
    await user.page.keyboard.press('Escape');
    await legend().click();
    await user.picks('By rank').click();
    await legend().filter({ hasText: 'rank 10·100·1,000' }).waitFor();
    await user.command('View: Close All Editors');
    await user.command('Loupe: Show Training');
  });

  test('a picture of a head opens the inspector on the prompt, with those weights and that head', async () => {
    const heads = user.panel().locator('.heads-canvas');
    // There before it has what it shows.
    await expect.poll(() => heads.getAttribute('aria-label')).toMatch(/^L\dH\d, /);
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
