/**
 * The first minute, as a developer spends it in a TypeScript repository: what surprises the model in a file; a training that
 * the file is held out of, its lines recolouring beside the dashboard; a token that is still red; attention; ghost text.
 * In both languages, and timed: what a step took is printed, and only what hangs fails.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { wordsOf } from '../../scripts/lib/words.mjs';
import { User } from './user';
import { workspaceFiles } from './workspace';

/** In French one and a half is singular. */
const perByteWords = /bits? (per byte|par octet)/;
/** The file that is looked at: long enough to be read, and never trained on. */
const file = 'src/model/parameters.ts';

describe.each(['en', 'fr'] as const)('the first sixty seconds (%s)', (language) => {
  let user: User;
  const began = { at: 0 };
  const times: [string, number][] = [];
  const done = (what: string) => times.push([what, (Date.now() - began.at) / 1000]);

  const { title, said } = wordsOf(language);
  const command = (name: string) => user.command(title(name));
  const shoot = (name: string) => user.shoot(`minute-${language}-${name}`);
  const legend = () => user.status(perByteWords).first();
  /** Bits per byte of the visible lines, as the status bar says. */
  const perByte = async () => Number((/^\D*([\d.,]+)/.exec((await legend().textContent()) ?? '')?.[1] ?? '').replace(',', '.'));

  beforeAll(async () => {
    user = await User.start({ files: workspaceFiles(), french: language === 'fr', width: 1440, height: 860 });
  });
  afterAll(async () => {
    console.log(`${language}: ${times.map(([what, seconds]) => `${what} ${seconds.toFixed(1)} s`).join(', ')}`);
    await user?.stop();
  });
  afterEach(({ task }) => (task.result?.state === 'fail' ? shoot(`failed-${task.name.slice(0, 30).replaceAll(' ', '-')}`) : undefined));

  test('surprise on a file: coloured, and its bits per byte in the status bar', async () => {
    await user.openFile(file);
    await user.goTo(1);
    began.at = Date.now();
    await command('showSurprise');
    await legend().waitFor();
    await expect.poll(() => user.bands().count()).toBeGreaterThan(100);
    done('surprise');
    await shoot('1-surprise');
  });

  test('training: two keys; one line says what is read, that this file is held out, how long', async () => {
    await command('trainOnWorkspace');
    const title = user.page.locator('.quick-input-title');
    await expect.poll(() => title.textContent()).toMatch(said('{0} is held out'));
    await expect.poll(() => title.textContent()).toMatch(/parameters\.ts/);
    const first = user.picks(said('Continue the starter'));
    await expect.poll(() => first.textContent()).toMatch(/\d+\s(s|min)/);
    done('the list, with what it costs');
    await shoot('2-training');
    expect(await user.page.locator('.quick-input-list .monaco-list-row.focused').textContent()).toMatch(said('Continue the starter'));
    await user.page.keyboard.press('Enter');
  });

  test('the lines recolour while it learns, and the sentence climbs past the counters', async () => {
    const before = await perByte();
    const seen = new Set<string>();
    const steps = new Set<string>();
    const headline = user.panel().locator('h1');
    await expect.poll(() => headline.textContent(), { timeout: 90_000 }).toMatch(perByteWords);
    done('the first held-out figure');
    const finished = user.status(said('Trained'));
    const fewest = await user.fewestBands();
    for (let shots = 1; !(await finished.isVisible()); await user.page.waitForTimeout(200)) {
      seen.add((await headline.textContent()) ?? '');
      const text = (await legend().textContent()) ?? '';
      const step = said('training, step {0}').test(text) ? text : '';
      if (step !== '' && !steps.has(step)) {
        steps.add(step);
        if (steps.size === 6 * shots) await shoot(`3-learning-${shots++}`);
      }
    }
    done('trained');
    seen.add((await headline.textContent()) ?? '');
    await shoot('3-learnt');
    // Every evaluation was painted but for what came too soon after another.
    expect(steps.size).toBeGreaterThan(8);
    // At none of them was the text bare between the old colours and the new.
    expect(await fewest()).toBeGreaterThan(30);
    const after = await perByte();
    console.log(`${language}: ${before} bits per byte of the visible lines before, ${after} after; ${[...seen].at(0)} ${[...seen].at(-1)}`);
    expect(after).toBeLessThan(before - 0.1);
    // Two and three bytes are passed; five is the next, or passed too.
    expect([...seen].at(-1)).toMatch(said('counting five bytes'));
  }, 300_000);

  test('the cursor on a token that is still red: what was written, what was expected', async () => {
    await user.panel().locator('[data-action=use]').click();
    await user.openFile(file);
    const expected = user.status(said('{0}, expected {1}'));
    // What it was given, in percent.
    const own = async () =>
      Number(
        (/([\d.,]+)[\s\u202f]%/.exec((await expected.textContent({ timeout: 500 }).catch(() => '')) ?? '')?.[1] ?? '100').replace(',', '.'),
      );
    for (let line = 14; line < 60 && (await own()) > 1; line++) {
      for (const column of [12, 24]) {
        await user.goTo(line, column);
        await user.page.waitForTimeout(300);
        if ((await own()) <= 1) break;
      }
    }
    expect(await own()).toBeLessThanOrEqual(1);
    await expected.click();
    await user.page.locator('.monaco-hover', { hasText: said('You wrote {0}; the model gave it {1}, {2} {3}.') }).waitFor();
    done('what was expected');
    await shoot('4-expected');
    await user.page.keyboard.press('Escape');
  });

  test('attention on the same lines', async () => {
    await user.selectLines(24, 30);
    await command('inspectAttention');
    await user.panel().locator('canvas.matrix-cells[data-geometry]').waitFor();
    expect(await user.panel().locator('h1').textContent()).toMatch(/L\d+H\d+/);
    done('attention');
    await shoot('5-attention');
  });

  test('ghost text, and what of it was copied', async () => {
    await user.openFile(file);
    await user.goTo(30);
    await user.page.keyboard.press('End');
    await command('generate');
    const ghost = user.page.locator('.ghost-text, .ghost-text-decoration, .suggest-preview-text').filter({ visible: true });
    await ghost.first().waitFor({ timeout: 60_000 });
    done('ghost text');
    await shoot('6-ghost');
    await user.page.keyboard.press('Escape');
  });

  test('the end of the training can be hidden where it stands', async () => {
    const trained = user.status(said('Trained'));
    await trained.hover();
    await user.page.locator('.monaco-hover a', { hasText: said('Hide') }).click();
    await trained.waitFor({ state: 'hidden' });
  });
});
