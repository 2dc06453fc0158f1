/**
 * The main job, as a user does it: inspect attention on a selection, train on the workspace from the palette, watch it
 * learn, use what was trained, let it continue a text.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ghosts, User } from './user';
import { workspaceFiles } from './workspace';

describe('the main job', () => {
  let user: User;
  beforeAll(async () => {
    user = await User.start({ files: workspaceFiles({ large: true }) });
  });
  afterAll(() => user?.stop());
  afterEach(({ task }) =>
    task.result?.state === 'fail' ? user.shoot(`failed-${task.name.slice(0, 30).replaceAll(' ', '-')}`) : undefined,
  );

  const fables = () => readFileSync(join(user.workspace, 'textes/fables.md'), 'utf8');

  test('Inspect Attention opens on the selection and says what was read', async () => {
    await user.openFile('textes/fables.md');
    await user.selectLines(7, 12);
    await user.command('Loupe: Inspect Attention');
    const panel = user.panel();
    await panel.locator('h1').waitFor();
    await expect.poll(() => panel.locator('.reading').textContent()).toMatch(/<bos>.*context.*fables\.md.*weights as stored/s);
    await expect.poll(() => panel.locator('h1').textContent()).toMatch(/L\d+H\d+/);
    await user.shoot('attention');
  });

  test('a locked cell shows its calculation with numbers that add up', async () => {
    const panel = user.panel();
    const cells = panel.locator('canvas.matrix-cells');
    await cells.scrollIntoViewIfNeeded();
    const box = (await cells.boundingBox())!;
    await cells.click({ position: { x: box.width * 0.3, y: box.height * 0.5 } });
    const steps = panel.locator('.calculation .steps');
    await steps.waitFor();
    await expect.poll(() => panel.locator('.calculation .weight').textContent()).toMatch(/%$/);
    await user.shoot('attention-locked');
    const before = await panel.locator('.calculation').textContent();
    await cells.press('ArrowLeft');
    await expect.poll(() => panel.locator('.calculation').textContent()).not.toBe(before);
    await cells.press('Escape');
  });

  test('the four stages, lines and table show', async () => {
    const panel = user.panel();
    const choose = (name: string) =>
      panel
        .locator('button, [role=radio]')
        .filter({ hasText: new RegExp(`^${name}$`) })
        .first()
        .click();
    for (const stage of ['Scores', 'Scaled', 'Masked', 'Softmax']) await choose(stage);
    await choose('Lines');
    await user.shoot('attention-lines');
    await choose('Table');
    await panel.locator('table').first().waitFor();
    await user.shoot('attention-table');
    for (const theme of ['light', 'hcDark', 'hcLight'] as const) {
      await user.theme(theme);
      await user.shoot(`attention-${theme}`);
    }
    await user.theme('dark');
  });

  test('the panel comes back after a reload', async () => {
    await user.open();
    await user.panel().locator('h1').waitFor({ timeout: 60_000 });
  });

  test('Train on This Workspace: the corpus in one line, what each choice costs, then the dashboard', async () => {
    await user.openFile('textes/fables.md');
    await user.command('Loupe: Train on This Workspace');
    await user.picks('From nothing: nano').waitFor();
    await user.page.locator('.quick-input-title', { hasText: /\d+ files, / }).waitFor();
    await expect.poll(() => user.picks('Continue the starter').textContent(), { timeout: 60_000 }).toMatch(/parameters · .*(s|min)/);
    await expect.poll(() => user.picks('From nothing: nano').textContent(), { timeout: 60_000 }).toMatch(/parameters · .*(s|min)/);
    await user.shoot('train-choices');
    await user.picks('From nothing: nano').click();
    await expect.poll(() => user.panel().locator('body').textContent(), { timeout: 60_000 }).toMatch(/Step [\d,]+ of 600/);
    await user.status(/Training/).waitFor();
  }, 180_000);

  test('it learns: held-out bits per byte fall below counting tokens', async () => {
    const title = () => user.panel().locator('h1').textContent();
    await expect.poll(title, { timeout: 240_000, interval: 2_000 }).toMatch(/bits per byte/);
    await user.shoot('dashboard');
    for (const theme of ['light', 'hcDark', 'hcLight'] as const) {
      await user.theme(theme);
      await user.shoot(`dashboard-${theme}`);
    }
    await user.theme('dark');
  }, 300_000);

  test('tokens and attention answer while it trains', async () => {
    await user.openFile('textes/fables.md');
    await user.selectLines(9, 11);
    const started = Date.now();
    await user.status(/^\d+ starter/).waitFor();
    expect(Date.now() - started).toBeLessThan(5_000);
  });

  test('closing the dashboard does not stop it; Show Training brings the whole history back', async () => {
    await user.command('Loupe: Show Training');
    // What closes is the active editor: not before it is the dashboard.
    await user.page.locator('.editor-group-container.active .tab.active', { hasText: 'Training' }).waitFor();
    await user.command('View: Close Editor');
    await user.page.locator('.tab', { hasText: 'Training' }).waitFor({ state: 'hidden' });
    await user.status(/Training/).waitFor();
    await user.command('Loupe: Show Training');
    await expect.poll(() => user.panel().locator('h1').textContent(), { timeout: 30_000 }).toMatch(/bits per byte/);
  });

  test('stop keeps a model, and Use This Model makes it the active one', async () => {
    await user.panel().getByRole('button', { name: /^Stop/ }).click();
    const use = user.panel().getByRole('button', { name: 'Use This Model' });
    await use.waitFor({ timeout: 90_000 });
    await user.shoot('dashboard-stopped');
    await use.click();
    await user.panel().getByText('in use').waitFor();
    await user.status(/nano/).first().waitFor();
  }, 150_000);

  test('Generate writes ghost text; the file is untouched until Tab; one undo takes it back', async () => {
    const before = fables();
    await user.openFile('textes/fables.md');
    await user.goTo(12);
    await user.page.keyboard.press('End');
    const worse = 'worse than counting five bytes';
    const first = user.firstSeen({ judged: { in: '.statusbar', says: worse }, ghost: { in: ghosts } });
    await user.command('Loupe: Generate');
    const ghost = user.page.locator(ghosts).filter({ visible: true });
    await ghost.first().waitFor({ timeout: 60_000 });
    // Stopped after some seconds, it does worse than counting: that is said before it writes, and while its text waits.
    expect(await first).toBe('judged');
    await user.status(/writes/).waitFor({ state: 'hidden', timeout: 60_000 });
    await user.status(worse).waitFor();
    await user.status(worse).hover();
    await user.page.locator('.monaco-hover', { hasText: 'Worse than counting five bytes on the text it was tested on' }).waitFor();
    await user.shoot('ghost');
    expect(await user.page.locator('.tab.dirty').count()).toBe(0);

    await user.editor().hover();
    await user.page.keyboard.press('Escape');
    await ghost.first().waitFor({ state: 'hidden' });
    await user.status(worse).waitFor({ state: 'hidden' });
    expect(await user.page.locator('.tab.dirty').count()).toBe(0);

    await user.command('Loupe: Generate');
    await ghost.first().waitFor({ timeout: 60_000 });
    await user.status(/writes/).waitFor({ state: 'hidden', timeout: 60_000 });
    await user.page.keyboard.press('Tab');
    await user.page.locator('.tab.dirty').first().waitFor();
    await user.page.keyboard.press('Control+z');
    await expect.poll(() => user.page.locator('.tab.dirty').count()).toBe(0);
    expect(fables()).toBe(before);
  }, 180_000);

  test('the generation panel shows the distribution that a token was drawn from', async () => {
    await user.command('Loupe: Open Generation Panel');
    const panel = user.panel();
    await panel.locator('textarea').first().fill('La Fourmi ');
    await panel.getByRole('button', { name: 'Generate', exact: true }).click();
    await panel.locator('.token').nth(5).waitFor({ timeout: 60_000 });
    await panel.locator('.token').nth(5).click();
    await user.page.waitForTimeout(1_000);
    await user.shoot('generation-panel');
    expect(await panel.locator('body').textContent()).toMatch(/Softmax|softmax|top-k|Top-k/);
  }, 120_000);
});
