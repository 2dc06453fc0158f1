/** The merges panel and the one that compares tokenizers, used with mouse and keyboard on the gallery's fixtures. */
import assert from 'node:assert/strict';

const calls = (page, method) => page.evaluate((name) => globalThis.gallery.calls.filter((call) => call.method === name), method);
const saved = (page) => page.evaluate(() => globalThis.gallery.saved());
const button = (page, name) => page.getByRole('button', { name, exact: true });
const headline = (page) => page.locator('.headline').textContent();
const untilHeadline = (page, words) =>
  page.waitForFunction((source) => new RegExp(source).test(document.querySelector('.headline').textContent), words.source);

/** The tokens of the step that shows, and how many of them are lit. */
const chips = (page) => page.locator('.sequence .token').allTextContents();
const lit = (page, side) => page.locator(`.sequence .token.${side}`).allTextContents();
const slider = (page) => page.getByRole('slider', { name: 'Merge step' });
const mode = (page, name) => page.getByRole('radio', { name });
const columns = (page) => page.locator('.pairs th').allTextContents();

const word = 'internationalization';

const merges = {
  'the slider, the buttons and the keys move one step, and what is merged next is lit': async (page) => {
    assert.equal(await headline(page), '20 bytes, nothing is merged yet');
    assert.deepEqual(await chips(page), [...word]);
    await slider(page).fill('3');
    assert.match(await headline(page), /^Step 3 of \d+: /);
    assert.equal(await slider(page).getAttribute('aria-valuetext'), await headline(page));
    assert.equal((await chips(page)).join(''), word);
    // What is lit at step 3 is what step 4 makes, at each place where it stands.
    const [left, right] = [await lit(page, 'left'), await lit(page, 'right')];
    assert.equal(left.length, right.length);
    await button(page, 'One step on').click();
    const made = await page.locator('.sequence .token.made').allTextContents();
    assert.deepEqual(
      made,
      left.map((part, i) => part + right[i]),
    );
    assert.ok(made.length > 0);
    await button(page, 'One step back').click();
    assert.match(await headline(page), /^Step 3 of/);
    await button(page, 'To the end').click();
    assert.match(await headline(page), /^Step (\d+) of \1: /);
    assert.match(await page.locator('.next').textContent(), /No pair is left that this vocabulary merges/);
    assert.deepEqual(await lit(page, 'left'), []);
    await page.keyboard.press('Home');
    assert.deepEqual(await chips(page), [...word]);
    await page.locator('h1').click();
    await page.keyboard.press('ArrowRight');
    assert.match(await headline(page), /^Step 1 of/);
    assert.equal((await saved(page)).steps.encoding, 1);
  },
  'it plays to its end, unless it is stopped': async (page) => {
    const at = async () => Number(await slider(page).inputValue());
    await button(page, 'Play').click();
    await page.waitForFunction(() => Number(document.querySelector('.range').value) >= 2);
    await button(page, 'Pause').click();
    const stopped = await at();
    await page.waitForTimeout(1_500);
    assert.equal(await at(), stopped);
    const last = Number(await slider(page).getAttribute('max'));
    await slider(page).fill(String(last - 1));
    await button(page, 'Play').click();
    await page.waitForFunction((end) => Number(document.querySelector('.range').value) === end, last);
    await button(page, 'Play').waitFor();
    // From the end it begins again.
    await button(page, 'Play').click();
    assert.ok((await at()) < last);
  },
  'what is written is merged anew': async (page) => {
    await slider(page).fill('4');
    const text = page.getByLabel('Text', { exact: true });
    await text.fill('nation');
    await untilHeadline(page, /^6 bytes, nothing is merged yet$/);
    assert.deepEqual(await chips(page), [...'nation']);
    assert.deepEqual((await calls(page, 'encode')).at(-1).params, { text: 'nation' });
    await text.fill('');
    await untilHeadline(page, /^Write a text above/);
    assert.equal(await slider(page).isVisible(), false);
  },
  'the two modes never mix': async (page) => {
    await slider(page).fill('5');
    const before = await chips(page);
    await page.locator('.sequence .token.made').first().click();
    await page.locator('.tree h2').waitFor();
    assert.ok((await columns(page)).includes('Rank'));
    await mode(page, 'Training').click();
    assert.equal(await page.locator('#text').isVisible(), false);
    assert.equal(await page.locator('.tree h2').count(), 0, 'a tree of the other mode');
    assert.match(await headline(page), /^\d+ bytes, nothing is merged yet$/);
    assert.ok((await columns(page)).includes('Count'));
    assert.ok(!(await columns(page)).includes('Rank'));
    await slider(page).fill('3');
    assert.equal(await page.locator('.vocabulary .token').count(), 3);
    assert.match(await page.locator('.vocabulary').textContent(), /3 merges make 263 entries/);
    await mode(page, 'Training').press('ArrowLeft');
    assert.equal(await mode(page, 'Encoding').getAttribute('aria-checked'), 'true');
    assert.deepEqual(await chips(page), before);
    assert.equal(await page.locator('.vocabulary').isVisible(), false);
    assert.deepEqual((await saved(page)).steps, { encoding: 5, training: 3 });
  },
  'the text to learn from is counted as it is written': async (page) => {
    await mode(page, 'Training').click();
    const text = page.getByLabel('Text to learn from');
    await text.fill('xyxyxyz');
    await untilHeadline(page, /^7 bytes, /);
    // Counted by hand: xy three times, yx twice, yz once.
    const counted = async () => (await page.locator('.pairs tbody tr').allTextContents()).map((row) => row.replaceAll(/\s/g, ''));
    assert.deepEqual(
      (await counted()).map((row) => /^(\d)(..)/.exec(row).slice(1)),
      [
        ['3', 'xy'],
        ['2', 'yx'],
        ['1', 'yz'],
      ],
    );
    await button(page, 'One step on').click();
    assert.deepEqual(await chips(page), ['xy', 'xy', 'xy', 'z']);
    assert.match(await page.locator('.vocabulary').textContent(), /1 merge make 261 entries/);
    // Across words only where it may.
    await text.fill('ab ab ab ab ab');
    await untilHeadline(page, /^14 bytes, /);
    await button(page, 'To the end').click();
    assert.equal((await chips(page)).length, 5);
    await page.getByRole('checkbox').uncheck();
    await button(page, 'To the end').click();
    assert.ok((await chips(page)).length < 5);
  },
  'a token is taken apart to its bytes': async (page) => {
    await slider(page).fill('0');
    await page.locator('.sequence .token').first().click();
    await page.locator('.tree h2', { hasText: 'is one byte: nothing was merged' }).waitFor();
    await button(page, 'To the end').click();
    const tokens = await chips(page);
    const longest = tokens.reduce((a, b) => (b.length > a.length ? b : a));
    await page.locator('.sequence .token').nth(tokens.indexOf(longest)).click();
    await page.locator('.tree h2', { hasText: `“${longest}” was built by` }).waitFor();
    const count = Number(/by (\d+) merge/.exec(await page.locator('.tree h2').textContent())[1]);
    // Bytes at the bottom, a merge for each that joins two, the whole on top.
    assert.equal(count, longest.length - 1);
    assert.equal(await page.locator('.tree rect.leaf').count(), longest.length);
    assert.equal(await page.locator('.tree rect.node').count(), count);
    await page.locator('.tree summary').click();
    const leaves = await page.locator('.tree-list li:not(:has(ul))').allTextContents();
    assert.equal(leaves.join(''), longest);
  },
};

const names = (page) =>
  page.evaluate(() => [...document.querySelector('.aligned .names').querySelectorAll('.word')].map((each) => each.textContent));
const figures = (page) => page.locator('.figures tbody tr').allTextContents();

const compare = {
  'four rows, one less when it is removed, and what language costs is said of those that are left': async (page) => {
    assert.deepEqual(await names(page), ['starter', 'novels-nano', 'essays-nano', 'roman-micro']);
    const cost = page.locator('.cost h2');
    const ratios = async () => {
      const rows = await page
        .locator('.cost tbody tr')
        .evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.textContent)));
      return rows.map(([name, french, english, ratio]) => ({ name, own: Number(french) / Number(english), ratio: Number(ratio) }));
    };
    const check = async (left) => {
      const rows = await ratios();
      assert.deepEqual(
        rows.map(({ name }) => name),
        left,
      );
      for (const { own, ratio } of rows) assert.ok(Math.abs(own - ratio) <= 0.005, `${own} is not ${ratio}`);
      // The one for which French costs most is named.
      const worst = rows.reduce((a, b) => (b.own > a.own ? b : a));
      assert.equal(
        await cost.textContent(),
        `With ${worst.name} the same text takes ${worst.ratio} times as many tokens in French as in English`,
      );
      return worst.name;
    };
    const worst = await check(await names(page));
    await button(page, `Remove ${worst}`).click();
    await page.waitForFunction(() => document.querySelectorAll('.figures tbody tr').length === 3);
    assert.deepEqual(
      (await calls(page, 'remove')).map(({ params }) => params),
      [{ ref: worst }],
    );
    assert.ok(!(await names(page)).includes(worst));
    assert.equal((await figures(page)).length, 3);
    assert.notEqual(await check(await names(page)), worst);
  },
  'a token that is pointed at is said, and leads to its merges': async (page) => {
    const text = await page.locator('#text').inputValue();
    const cell = page.locator('.aligned .cell.row1').nth(2);
    await cell.click();
    assert.match(await page.locator('.detail').textContent(), /novels-nano · token \d+ of \d+ · id [\d,]+ · [0-9a-f ]+/i);
    await button(page, 'Show its merges').click();
    await page.waitForFunction(() => globalThis.gallery.calls.some(({ method }) => method === 'merges'));
    const [{ params }] = await calls(page, 'merges');
    assert.equal(params.ref, 'novels-nano');
    assert.ok(params.text !== '' && text.includes(params.text));
  },
  'another text is cut anew': async (page) => {
    await page.getByLabel('Text', { exact: true }).fill('la raison');
    await page.waitForFunction(
      () => [...document.querySelectorAll('.aligned .cell.row0')].map((cell) => cell.textContent).join('').length < 12,
    );
    assert.deepEqual((await calls(page, 'compare')).at(-1).params, { text: 'la raison' });
    await button(page, 'Choose tokenizers').click();
    await page.waitForFunction(() => globalThis.gallery.calls.some(({ method }) => method === 'choose'));
  },
};

const of = (panel, state, tests) => Object.entries(tests).map(([name, test]) => ({ panel, state, name, test }));

export const behaviours = [...of('merges', 'bytes', merges), ...of('compare', 'four', compare)];
