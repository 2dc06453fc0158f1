/** Tokens, as a user meets them: a selection, the whole editor, typing, the four themes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { User } from './user';

const text =
  'Le corbeau honteux et confus jura, mais un peu tard.\nnaïve cœur 👩‍👩‍👧‍👦 e\u0301 שלום\nfunction add(a, b) { return a + b; }\n';

describe('tokens', () => {
  let user: User;
  beforeAll(async () => {
    user = await User.start({ files: { 'hello.txt': text, 'long.txt': 'lorem ipsum dolor sit amet '.repeat(80_000), 'other.txt': 'x\n' } });
  });
  afterAll(() => user?.stop());

  test('nothing is painted before anything is selected', async () => {
    await user.openFile('hello.txt');
    await user.page.waitForTimeout(1000);
    expect(await user.bands().count()).toBe(0);
  });

  test('a selection shows its tokens and the status bar counts them', async () => {
    await user.selectLines(1, 1);
    await user.status(/^\d+ starter/).waitFor();
    await user.bands().first().waitFor({ state: 'attached' });
    expect(await user.bands().count()).toBeGreaterThan(8);
    const bands = await user.bands().evaluateAll((all) => all.map((band) => getComputedStyle(band).backgroundColor));
    const colours = new Set(bands.filter((colour) => colour !== 'rgba(0, 0, 0, 0)'));
    expect(colours.size).toBe(2);
    for (const colour of colours) expect(Number(/, ([\d.]+)\)$/.exec(colour)?.[1] ?? 1)).toBeLessThanOrEqual(0.25);
    await user.shoot('tokens-selection');
  });

  test('they go when the selection goes', async () => {
    await user.page.keyboard.press('ArrowLeft');
    await expect.poll(() => user.bands().count()).toBe(0);
  });

  test('Show Tokens covers the editor, follows typing and never writes into the file', async () => {
    await user.command('Loupe: Show Tokens');
    await user.bands().first().waitFor({ state: 'attached' });
    const before = await user.bands().count();
    expect(before).toBeGreaterThan(20);
    // With nothing selected, the whole text is counted.
    const counted = async () => Number((await user.status(/^[\d,]+ starter/).textContent())!.split(' ')[0]!.replace(',', ''));
    await user.status(/^[\d,]+ starter · [\d,]+ GPT-4o/).waitFor();
    const tokens = await counted();
    expect(tokens).toBeGreaterThan(before / 2);
    await user.shoot('tokens-document');
    await user.goTo(3, 1);
    await user.page.keyboard.type('const answer = 42; ', { delay: 15 });
    await expect.poll(() => user.bands().count()).toBeGreaterThan(before);
    await expect.poll(counted).toBeGreaterThan(tokens);
    // Nothing but the typing is there to be undone.
    for (let undo = 0; undo < 6; undo++) await user.page.keyboard.press('Control+z');
    await expect.poll(() => user.bands().count()).toBe(before);
    await expect.poll(counted).toBe(tokens);
    await expect.poll(() => user.page.locator('.tab.dirty').count()).toBe(0);
    for (const theme of ['light', 'hcDark', 'hcLight'] as const) {
      await user.theme(theme);
      await user.shoot(`tokens-document-${theme}`);
    }
    await user.theme('dark');
    await user.command('Loupe: Show Tokens');
    await expect.poll(() => user.bands().count()).toBe(0);
    await user.status(/^[\d,]+ starter · /).waitFor({ state: 'hidden' });
  });

  test('a line of 2 MB costs only what is visible', async () => {
    await user.openFile('long.txt');
    await user.command('Loupe: Show Tokens');
    await user.bands().first().waitFor({ state: 'attached', timeout: 60_000 });
    await user.command('Loupe: Show Tokens');
  });

  test('the menu turns tokens off in one file', async () => {
    await user.openFile('hello.txt');
    await user.selectLines(1, 1);
    await user.status(/^\d+ starter/).click();
    await user.picks('Turn off here').waitFor();
    await user.shoot('tokens-menu');
    await user.picks('Turn off here').click();
    await expect.poll(() => user.bands().count()).toBe(0);
  });

  test('tokenizers are compared, four at most, and one that is removed makes room', async () => {
    await user.command('Loupe: Compare Tokenizers');
    const panel = user.panel();
    const names = () => panel.locator('.figures .named').allTextContents();
    await expect.poll(names, { timeout: 60_000 }).toEqual(['starter', 'GPT-2', 'GPT-4', 'GPT-4o']);
    await panel
      .locator('.cost h2', { hasText: /^With .+ the same text takes [\d.]+ times as many tokens in French as in English$/ })
      .waitFor();
    await user.shoot('compare');
    await panel.getByRole('button', { name: 'Choose tokenizers' }).click();
    const ticked = () =>
      user.picks().locator('input:checked, .monaco-checkbox[aria-checked=true], [role=checkbox][aria-checked=true]').count();
    await expect.poll(ticked).toBe(4);
    await user.picks('Open a tokenizer.json…').click();
    await expect
      .poll(() => user.page.locator('.quick-input-widget input.input').getAttribute('placeholder'))
      .toBe('Untick one to choose another');
    await expect.poll(ticked).toBe(4);
    await user.shoot('compare-choose');
    await user.page.keyboard.press('Escape');
    await panel.getByRole('button', { name: 'Remove GPT-2' }).click();
    await expect.poll(names).toEqual(['starter', 'GPT-4', 'GPT-4o']);
    await panel.getByRole('button', { name: 'Choose tokenizers' }).click();
    await user.picks('GPT-2').click();
    await user.page.locator('.quick-input-widget').getByRole('button', { name: 'OK' }).click();
    // Those that were there keep their place.
    await expect.poll(names).toEqual(['starter', 'GPT-4', 'GPT-4o', 'GPT-2']);
  });
});
