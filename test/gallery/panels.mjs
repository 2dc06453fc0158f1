/** What panels do over time and in little room, on the gallery's fixtures. */
import assert from 'node:assert/strict';

const asked = (page, method) => page.evaluate((name) => globalThis.gallery.calls.filter((call) => call.method === name).length, method);

/** Elements that reach beyond the panel, or whose text is cut, by what they are. */
const clipped = (page, selector) =>
  page.evaluate((among) => {
    const shown = [...document.querySelectorAll(among)].filter((element) => element.getClientRects().length > 0);
    if (shown.length === 0) return ['nothing is shown'];
    const cut = (element) => {
      const { left, right } = element.getBoundingClientRect();
      return left < 0 || right > document.documentElement.clientWidth || element.scrollWidth > element.clientWidth + 1;
    };
    return shown.filter(cut).map((element) => element.outerHTML.slice(0, 120));
  }, selector);

const whole = (selector) => async (page) => assert.deepEqual(await clipped(page, selector), []);

/** Width and height of the picture that was saved, from the PNG itself, and its name. */
async function takenOut(page) {
  await page.locator('.view-controls [aria-haspopup=menu]').click();
  await page.getByRole('menuitem', { name: 'Save as PNG on White…', exact: true }).click();
  await page.waitForFunction(() => globalThis.gallery.calls.some(({ method }) => method === 'save'));
  return page.evaluate(() => {
    const { name, data } = globalThis.gallery.calls.findLast(({ method }) => method === 'save').params;
    const view = new DataView(data.buffer, data.byteOffset);
    return { name, width: view.getUint32(16), height: view.getUint32(20) };
  });
}

export const behaviours = [
  {
    panel: 'dashboard',
    state: 'compared with one that trains',
    name: 'a compared run that trains is read again every five seconds, until it is done',
    async test(page) {
      const value = () => page.locator('.compared-list .value').textContent();
      await page.waitForFunction(() => globalThis.gallery.calls.some(({ method }) => method === 'comparison'));
      const first = await value();
      assert.equal(await asked(page, 'comparison'), 1);
      await page.waitForTimeout(4_000);
      assert.equal(await asked(page, 'comparison'), 1, 'before five seconds are over');
      await page.waitForTimeout(2_000);
      assert.equal(await asked(page, 'comparison'), 2);
      await page.waitForFunction((before) => document.querySelector('.compared-list .value').textContent !== before, first);
      await page.waitForTimeout(5_000);
      assert.equal(await asked(page, 'comparison'), 3);
      await page.waitForTimeout(6_000);
      assert.equal(await asked(page, 'comparison'), 3, 'it is finished');
    },
  },
  ...[
    ['running late', 320],
    ['table', 1100],
  ].map(([state, width]) => ({
    panel: 'dashboard',
    state,
    width,
    name: `the curves are taken out as a figure of one size (${state}, ${width} px)`,
    async test(page) {
      const { name, width: wide, height } = await takenOut(page);
      assert.deepEqual([name, wide], ['novels-micro.png', 1920]);
      assert.ok(height > 1200, String(height));
    },
  })),
  {
    panel: 'dashboard',
    state: 'ending while it is drawn',
    name: 'what is kept shows when the run ends while its last figures wait to be drawn',
    async test(page) {
      await page.waitForTimeout(1_000);
      assert.deepEqual(await page.evaluate(() => ['.checkpoints', '.head-film'].map((name) => document.querySelector(name).hidden)), [
        false,
        false,
      ]);
    },
  },
  {
    panel: 'generate',
    state: 'notice known late',
    name: 'a notice that comes after the text leaves it there',
    async test(page) {
      await page.locator('.notice:visible').waitFor();
      assert.ok((await page.locator('.chips .token').count()) > 8);
    },
  },
  ...['en', 'fr'].flatMap((language) => [
    {
      panel: 'dashboard',
      state: 'looking back',
      language,
      width: 342,
      name: `nothing of the heads' controls is cut at 342 px (${language})`,
      test: whole('.heads-controls, .heads-controls > *, .heads-controls button'),
    },
    {
      panel: 'dashboard',
      state: 'running late',
      language,
      name: `the small charts are named in full (${language})`,
      test: whole('.smalls figcaption > :first-child'),
    },
    {
      panel: 'merges',
      state: 'half way',
      language,
      width: 320,
      name: `nothing of the table of pairs is cut at 320 px (${language})`,
      test: whole('.pairs .table-frame'),
    },
    {
      panel: 'attention',
      state: 'scatter',
      language,
      width: 342,
      name: `nothing of the heads and what chooses among them is cut at 342 px (${language})`,
      test: whole('.heads, .axes label, .axes .select, .what-it-does > .icon-button, .toolbar, .toolbar > *'),
    },
    {
      panel: 'attention',
      state: 'ready',
      language,
      width: 320,
      name: `nothing is cut at 320 px (${language})`,
      test: whole('.toolbar > *, .heading > *, .heads, .metrics, .picture, .underline, .calculation'),
    },
    {
      panel: 'compare',
      state: 'four',
      language,
      width: 320,
      name: `each line names its rows at 320 px (${language})`,
      async test(page) {
        const names = await page.evaluate(() =>
          [...document.querySelector('.aligned .names').querySelectorAll('.word')].map((word) => [word.textContent, word.clientWidth]),
        );
        assert.equal(names.length, 4);
        for (const [name, width] of names) assert.ok(width > 30, `${name} is ${width} px wide`);
        assert.deepEqual(await clipped(page, '.aligned'), []);
      },
    },
  ]),
];
