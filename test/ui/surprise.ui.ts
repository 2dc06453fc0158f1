/**
 * What surprises a model, as a developer looks for it: the colours in each theme and their hover; the lines of the repository
 * that surprise most, from which a click leads to the place; and those that were changed since the last commit.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { root, themes, User } from './user';
import { workspaceFiles } from './workspace';

const file = 'src/model/parameters.ts';
/** `npm test` needs no Git: where there is none, changes are not looked at, and the test says that it was skipped. */
const hasGit = spawnSync('git', ['--version']).status === 0;
const odd = '// Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich';

describe('surprise', () => {
  let user: User;
  /** In the bottom panel, beside Problems and the terminal. */
  const view = () => user.page.locator('.part.panel', { has: user.page.locator('.action-item.checked', { hasText: /surprising lines/i }) });
  const rows = () => view().locator('.monaco-list-row');
  /** What the list says above its lines. */
  const message = async () => (await view().locator('.tree-explorer-viewlet-tree-view .message').textContent()) ?? '';
  const legend = () => user.status(/bits? per byte/).first();
  /** Kinds of visible lines under the tokens. */
  const lines = () =>
    user
      .bands()
      .evaluateAll((bands) =>
        [
          ...new Set(
            bands
              .map((band) => getComputedStyle(band))
              .flatMap((style) => (style.borderBottomColor === 'rgba(0, 0, 0, 0)' ? [] : [style.borderBottomStyle])),
          ),
        ].sort(),
      );
  const legendHover = () => user.page.locator('.monaco-hover', { hasText: 'beyond choice 1,000' }).first();
  /** Lines that the legend has, as it is when it is opened now. */
  const samples = async () => {
    await user.page.mouse.move(600, 400);
    await legend().hover();
    await legendHover().waitFor();
    return [...((await legendHover().textContent()) ?? '').matchAll(/[┈╌═]{3}/g)].flat();
  };
  const git = (...given: string[]) =>
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...given], { cwd: user.workspace });

  beforeAll(async () => {
    // Git is off where the others start: what was changed since the last commit is asked of it.
    user = await User.start({ files: workspaceFiles(), width: 1280, height: 860, settings: { 'git.enabled': true } });
    if (!hasGit) return;
    git('init', '-q');
    git('add', '.');
    git('commit', '-q', '-m', 'first');
  });
  afterAll(() => user?.stop());
  afterEach(({ task }) =>
    task.result?.state === 'fail' ? user.shoot(`failed-${task.name.slice(0, 30).replaceAll(' ', '-')}`) : undefined,
  );

  test('colours every token in four themes, and tells what was expected', async () => {
    await user.openFile(file);
    await user.goTo(1);
    await user.command('Loupe: Show Surprise');
    await legend().waitFor();
    await expect.poll(() => user.bands().count()).toBeGreaterThan(100);
    for (const theme of Object.keys(themes) as (keyof typeof themes)[]) {
      await user.theme(theme);
      await expect.poll(() => user.bands().count()).toBeGreaterThan(100);
      await user.shoot(`surprise-${theme}`);
      // In high contrast lines carry what colours carry elsewhere, in the text and in the legend.
      const contrast = theme.startsWith('hc');
      await expect.poll(lines).toEqual(contrast ? ['dashed', 'dotted', 'double'] : []);
      await expect.poll(samples).toEqual(contrast ? ['┈┈┈', '╌╌╌', '═══'] : []);
      await user.shoot(`surprise-legend-${theme}`);
      await user.page.mouse.move(600, 400);
      await legendHover().waitFor({ state: 'hidden' });
    }
    await user.theme('dark');
    // Over a word of the first line.
    await user.page
      .locator('.view-line span span')
      .filter({ hasText: /\w{3,}/ })
      .first()
      .hover();
    const hover = user.page.locator('.monaco-hover', { hasText: 'the model gave it' });
    await hover.first().waitFor();
    expect(await hover.first().textContent()).toMatch(/bits/);
    await user.shoot('surprise-hover');
    await user.page.keyboard.press('Escape');
  });

  test('other colours take the place of those that are there, in one go', async () => {
    const looks = () => user.bands().evaluateAll((bands) => bands.map(({ className }) => className).join());
    const before = await looks();
    const fewest = await user.fewestBands();
    await legend().click();
    await user.picks('By bits').click();
    await legend().filter({ hasText: 'bits 1·2·4·6·8·11' }).waitFor();
    expect(await looks()).not.toBe(before);
    expect(await fewest()).toBeGreaterThan(50);
    await legend().click();
    await user.picks('By rank').click();
    await legend().filter({ hasText: 'rank 10·100·1,000' }).waitFor();
    await expect.poll(looks).toBe(before);
    expect(await fewest()).toBeGreaterThan(50);
  });

  test('lists the lines of one file, with what it costs as the command line says', async () => {
    await user.command('Loupe: Most Surprising Lines in This File');
    await expect.poll(message, { timeout: 60_000 }).toMatch(/^1 file · .* · as "starter" expects them$/);
    await expect.poll(() => rows().count()).toBeGreaterThan(5);
    for (const theme of ['light', 'dark'] as const) {
      await user.theme(theme);
      await user.shoot(`surprising-lines-of-file-${theme}`);
    }
    const said = Number(/([\d.]+) bits? per byte in all/.exec(await message())?.[1]);
    const scored = execFileSync(process.execPath, [join(root, 'dist', 'cli.js'), 'score', join(user.workspace, file), '--json'], {
      maxBuffer: 1 << 26,
    });
    expect(said).toBeCloseTo(JSON.parse(scored.toString()).bitsPerByte, 2);
    for (const row of await rows().locator('.label-name').allTextContents()) expect(row).toMatch(/^parameters\.ts:\d+$/);
  });

  test('is stopped where it is, and keeps what was found', async () => {
    await user.command('Loupe: Most Surprising Lines');
    // While it reads, the list says how far it is, and has lines already.
    await expect.poll(message, { timeout: 60_000, interval: 20 }).toMatch(/^([3-9]|\d\d) of \d+ files · .* bits? per byte in all/);
    await expect.poll(() => rows().count()).toBeGreaterThan(2);
    expect(await message()).not.toMatch(/stopped|^\d+ files? /);
    await user.shoot('surprising-lines-reading');
    await view().getByRole('button', { name: 'Stop Reading' }).click();
    await expect.poll(message).toMatch(/^\d+ of \d+ files · .* · stopped$/);
    const [, done, files] = /^(\d+) of (\d+)/.exec(await message()) ?? [];
    expect(Number(done)).toBeLessThan(Number(files));
    expect(await rows().count()).toBeGreaterThan(2);
    await view().getByRole('button', { name: 'Read Again' }).waitFor();
    await user.shoot('surprising-lines-stopped');
  });

  test('lists the lines of the workspace while it reads them, and a click leads to the place', async () => {
    await user.command('Loupe: Most Surprising Lines');
    // Rows beyond the visible ones do not exist: what a click will be among has room to be read.
    await expect.poll(() => rows().count()).toBeGreaterThan(5);
    // Until all are read the list still moves, and a click would meet another line.
    await view()
      .getByText(/^\d+ files? · .*bits? per byte in all/)
      .first()
      .waitFor({ timeout: 240_000 });
    await user.shoot('surprising-lines');
    const [name = '', line = ''] = ((await rows().first().locator('.label-name').textContent()) ?? '').split(':');
    await rows().first().click();
    await user.page.locator('.tab.active', { hasText: name }).waitFor();
    await user.status(new RegExp(`Ln ${line}, `)).waitFor();
    // It goes on its own only: the list stays where it was.
    expect(await rows().count()).toBeGreaterThan(2);
  }, 300_000);

  test.runIf(hasGit)('lists what was changed since the last commit, and nothing else', async () => {
    writeFileSync(join(user.workspace, 'src', 'odd.ts'), `export const plain = 1;\n${odd}\n`);
    git('add', '--intent-to-add', 'src/odd.ts');
    await user.command('Loupe: Most Surprising Lines in Changes');
    await expect.poll(() => rows().allTextContents()).toEqual([expect.stringContaining('odd.ts:2'), expect.stringContaining('odd.ts:1')]);
    await user.shoot('surprising-changes');
    await view().getByRole('button', { name: 'Close Surprising Lines' }).waitFor();
    await user.command('Loupe: Close Surprising Lines');
    await expect.poll(() => view().count()).toBe(0);
    expect(await user.page.locator('.part.panel').isVisible()).toBe(false);
  });
});
