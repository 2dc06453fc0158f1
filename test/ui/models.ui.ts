/** Models that cannot become the active one, and what the user is told. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { root, User } from './user';

const folder = mkdtempSync(join(tmpdir(), 'loupe-models-'));

describe('a folder that is chosen as the model', () => {
  let user: User;
  beforeAll(async () => {
    user = await User.start({ files: { 'a.txt': 'Le petit chat boit du lait.\n' } });
    for (const name of ['bare', 'cut']) cpSync(join(root, 'media', 'starter'), join(folder, name), { recursive: true });
    rmSync(join(folder, 'bare', 'tokenizer.json'));
    writeFileSync(join(folder, 'cut', 'config.json'), '{"model_type":');
  });
  afterAll(async () => {
    await user?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(({ task }) =>
    task.result?.state === 'fail' ? user.shoot(`failed-${task.name.slice(0, 30).replaceAll(' ', '-')}`) : undefined,
  );

  test.each([
    ['bare', /^tokenizer.json is missing: "bare" can read no text without it/],
    ['cut', /^Damaged or wrong file: it is not JSON/],
  ])('%s: the reason stands first, and the model in use stays', async (name, words) => {
    await user.command('Loupe: Select Model');
    await user.picks('Open a folder…').click();
    await user.chooseFolder(join(folder, name), 'Use This Model');
    const toast = user.page.locator('.notification-toast .notification-list-item-message', { hasText: words });
    await toast.waitFor({ timeout: 30_000 });
    // It slides in.
    await expect
      .poll(() => user.page.locator('.notifications-toasts').evaluate((toasts) => toasts.getAnimations({ subtree: true }).length))
      .toBe(0);
    await user.shoot(`model-${name}`);
    await expect(user.page.locator('.statusbar-item', { hasText: 'starter' }).count()).resolves.toBeGreaterThan(0);
    await user.command('Notifications: Clear All Notifications');
  });
});
