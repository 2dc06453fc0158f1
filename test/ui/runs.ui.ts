/** Runs that are kept, as a user keeps them: a digest to compare, a name, a note, a training that goes on from one, the trash. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { User } from './user';
import { workspaceFiles } from './workspace';

describe('runs are kept', () => {
  let user: User;
  let digest: string | null;
  beforeAll(async () => {
    // As a lecturer hands it out: it is of the machine, and a workspace may say it.
    const exact = { '.vscode/settings.json': JSON.stringify({ 'llmLoupe.exact': true }) };
    user = await User.start({ files: { ...workspaceFiles(), ...exact } });
  });
  afterAll(() => user?.stop());
  afterEach(({ task }) =>
    task.result?.state === 'fail' ? user.shoot(`failed-${task.name.slice(0, 30).replaceAll(' ', '-')}`) : undefined,
  );

  const body = () => user.panel().locator('body').textContent();

  test('the digest is there while it trains, goes on with it, and says whom it must agree with', async () => {
    await user.command('Loupe: Train on This Workspace');
    await user.picks('From nothing: nano').click({ timeout: 60_000 });
    const digits = user.panel().locator('.digest code');
    await expect.poll(() => digits.textContent(), { timeout: 120_000 }).toMatch(/^[0-9a-f]{12}$/);
    const after = () => user.panel().locator('.digest summary .dim').last().textContent();
    const before = await after();
    await expect.poll(after, { timeout: 60_000 }).not.toBe(before);
    await user.panel().getByRole('button', { name: /^Stop/ }).click();
    await user.panel().getByRole('button', { name: 'Use This Model' }).waitFor({ timeout: 90_000 });
    await user.panel().locator('.digest summary').click();
    expect(await user.panel().locator('.digest-words').textContent()).toMatch(/Settings and shape.*every machine must/s);
    digest = await digits.textContent();
    await user.shoot('runs-digest');
  }, 300_000);

  test('its figures are worked out, from what was really measured', async () => {
    const stage = user.panel().locator('.stage .worked');
    const details = user.panel().locator('.details .worked');
    await stage.locator('summary').click();
    // Said only where the bytes of as many tokens come out whole, and the parameters as many as the run says.
    await stage.getByText(/over [\d,]+ tokens of the held-out text.*These tokens are [\d,]+ bytes: .* bits? per byte/s).waitFor();
    await details.locator('summary').click();
    await details.getByText(/^Embedding: .* for the last norm/s).waitFor();
    await stage.locator('summary').scrollIntoViewIfNeeded();
    await user.shoot('runs-figures');
    for (const list of [stage, details]) await list.locator('summary').click();
  });

  test('a name and a note are kept over a reload', async () => {
    await user.panel().getByRole('button', { name: 'Rename this run' }).click();
    await user.panel().getByLabel('Name of this run').fill('The first of the class');
    await user.page.keyboard.press('Enter');
    await user.panel().locator('.toolbar .run-name', { hasText: 'The first of the class' }).waitFor();
    await user.panel().getByLabel('Note on this run').fill('Stopped early.\nTo try: dropout.');
    await user.panel().locator('.about [role=status]', { hasText: 'Saved.' }).waitFor();
    await user.open();
    // Whether VS Code brings the panel back is the main job's test.
    await user.command('Loupe: Show Training');
    await user.panel().locator('.about-name', { hasText: 'The first of the class' }).waitFor({ timeout: 60_000 });
    expect(await user.panel().getByLabel('Note on this run').inputValue()).toBe('Stopped early.\nTo try: dropout.');
    expect(await user.panel().locator('.digest code').textContent()).toBe(digest);
    await user.shoot('runs-named');
  });

  test('it is taken out for TensorBoard', async () => {
    await user.panel().locator('.toolbar .export > button').click();
    await user.panel().locator('.toolbar').getByRole('menuitem', { name: 'Save as TensorBoard Events…' }).click();
    const path = user.page.locator('.quick-input-widget input.input');
    await expect.poll(() => path.inputValue()).toMatch(/The first of the class\.tfevents$/);
    const file = join(user.workspace, 'run.tfevents');
    await path.fill(file);
    await user.page.keyboard.press('Enter');
    await user.panel().locator('.toolbar .said', { hasText: 'Saved.' }).waitFor();
    const bytes = readFileSync(file);
    expect(bytes.includes('brain.Event:2')).toBe(true);
    expect(bytes.includes('loss/training')).toBe(true);
  });

  test('a new training goes on from it: the first of the list', async () => {
    await user
      .panel()
      .getByRole('button', { name: /^Train on from this model/ })
      .click();
    await user.picks('Continue The first of the class').waitFor({ timeout: 60_000 });
    expect(await user.picks().locator('.label-name').first().textContent()).toBe('Continue The first of the class');
    await user.shoot('runs-continue');
    await user.page.keyboard.press('Escape');
  });

  test('deleting asks once, and Esc keeps it', async () => {
    const remove = () =>
      user
        .panel()
        .getByRole('button', { name: /^Delete this run/ })
        .click();
    const question = user.page.getByRole('dialog', { name: /Delete "The first of the class"/ }).or(user.page.locator('.monaco-dialog-box'));
    await remove();
    await question.first().waitFor();
    await user.shoot('runs-delete');
    await user.page.keyboard.press('Escape');
    await question.first().waitFor({ state: 'hidden' });
    expect(await body()).toContain('The first of the class');
    await remove();
    await question.first().getByRole('button', { name: 'Delete' }).click();
    await expect.poll(body, { timeout: 30_000 }).toContain('No model has been trained in this workspace yet.');
  });

  test('a training that was cut off is offered again, and never more once that is turned off where it stands', async () => {
    await user.command('Loupe: Train on This Workspace');
    await user.picks('From nothing: nano').click({ timeout: 60_000 });
    await expect.poll(() => user.panel().locator('.checkpoint-tick').count(), { timeout: 120_000 }).toBeGreaterThanOrEqual(2);
    await user.open();
    const offer = user.status('Resume training');
    await offer.waitFor({ timeout: 60_000 });
    await offer.hover();
    const never = user.page.locator('.monaco-hover a', { hasText: 'Never offer it' });
    await never.waitFor();
    await user.shoot('runs-offer');
    await never.click();
    await offer.waitFor({ state: 'hidden' });
    // What was turned off is said, with what brings it back.
    await user.status('Trainings are no longer offered to be resumed.').waitFor();
    const settings = () => JSON.parse(readFileSync(join(user.vscode.profile, 'ud/User/settings.json'), 'utf8'));
    await expect.poll(() => settings()['llmLoupe.training.offerToResume']).toBe(false);
    await user.open();
    // It can still be gone on with from its dashboard, which tells that the extension has looked at the runs.
    await user.command('Loupe: Show Training');
    await user
      .panel()
      .getByRole('button', { name: /^Resume/ })
      .first()
      .waitFor({ timeout: 60_000 });
    await user.page.waitForTimeout(6_000);
    expect(await offer.count()).toBe(0);
  }, 300_000);
});
