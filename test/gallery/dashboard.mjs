/** The dashboard used with a real mouse and keyboard, on the gallery's fixtures: a run of 1,000 steps that has done 640, its axis up to 800. */
import assert from 'node:assert/strict';

const saved = (page) => page.evaluate(() => globalThis.gallery.saved());
const settle = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
/** The step that the words above the charts are of. */
const step = async (page) => Number(await page.locator('.slider').getAttribute('aria-valuenow'));

/** A place in a chart, in shares of its width and height. */
async function placeIn(page, chart, x, y = 0.5) {
  const area = page.locator(`${chart} .u-over`).first();
  await area.scrollIntoViewIfNeeded();
  const box = await area.boundingBox();
  return [box.x + x * box.width, box.y + y * box.height];
}

/** The step under the pointer at a share of a chart's width. */
async function stepAt(page, share, chart = '.loss-chart') {
  await page.mouse.move(...(await placeIn(page, chart, share)));
  return step(page);
}

/** Where the line of the step stands in each chart, as a share of its width; null where it does not. */
const lines = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('.charts figure:not([hidden]) .crosshair, .loss-chart .crosshair')].map((line) =>
      line.hidden ? null : new DOMMatrix(line.style.transform).e / line.parentElement.clientWidth,
    ),
  );

const near = (found, expected, within, words) =>
  assert.ok(Math.abs(found - expected) <= within, `${words ?? ''} ${found}, not ${expected}`);

async function wheel(page, delta, key) {
  if (key) await page.keyboard.down(key);
  await page.mouse.wheel(0, delta);
  if (key) await page.keyboard.up(key);
  await settle(page);
}

/** Pixels in the colour of this run's line, right of a share of the learning rate's chart. */
const drawnAfter = (page, share) =>
  page.evaluate((from) => {
    const chart = document.querySelector('.small-chart');
    const canvas = chart.querySelector('canvas');
    const over = chart.querySelector('.u-over');
    const ratio = canvas.width / canvas.clientWidth;
    const left = Math.ceil((over.offsetLeft + over.clientWidth * from) * ratio);
    const right = Math.floor((over.offsetLeft + over.clientWidth) * ratio);
    const { data } = canvas.getContext('2d').getImageData(left, over.offsetTop * ratio, right - left, over.clientHeight * ratio);
    let count = 0;
    // Blue, in every theme of the gallery; the grid is grey.
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 40 && data[i + 2] > data[i] + 30) count++;
    return count;
  }, share);

const tests = {
  'each figure says in its hover how it comes about, with its values': async (page) => {
    const title = (selector) => page.locator(selector).first().getAttribute('title');
    const hover = async (name) => page.locator('.smalls figcaption', { hasText: name }).getAttribute('title');
    assert.match(await title('.headline'), /640 steps × 768 tokens = 491,520 tokens/);
    assert.match(await title('.outlook'), /continued to step 1,000, gives 1\.\d+ to 1\.\d+/);
    assert.match(await title('.standing-time'), /360 steps left × 0\.46 s = 2 min 46 s/);
    assert.match(await title('.standing-speed'), /768 tokens of a step \(3 pieces of text × 256 tokens\) ÷ 0\.4\d+ s = 1,656/);
    assert.match(await title('.key:has(.validation)'), /These tokens are 14,008 bytes: 3\.\d+ × 4,096 ÷ \(14,008 × ln 2\) = 1\.47/);
    assert.match(await hover('Learning rate'), /590 of 950 steps done: .* = 0\.000383\.\nDashed: .* 0\.0001 at step 1,000/);
    assert.match(await hover('Gradient norm'), /all 1,328,256 parameters at step 640.*\nNot longer than 1/);
    assert.match(await hover('Copied'), /34 of them lie in 1 run of 30 characters or more .*: 34 ÷ 107 = 32/);
    const memory = page.locator('.details .facts dd', { hasText: '412 MB' });
    assert.match(await memory.getAttribute('title'), /4 × 1,328,256 × 4 bytes = 21 MB\. .*: 391 MB\. Together 412 MB/);
  },
  'the hovers are of the step that is looked at': async (page) => {
    const rate = page.locator('.smalls figcaption', { hasText: 'Learning rate' });
    await page.locator('.slider').focus();
    await page.keyboard.press('Home');
    assert.match(await rate.getAttribute('title'), /^Step 1 of 50 of warm-up to 0\.001: 0\.001 × 1 ÷ 50 = 0\.00002\./);
    await stepAt(page, 0.5);
    assert.match(await rate.getAttribute('title'), new RegExp(`, ${(await step(page)) - 50} of 950 steps done`));
  },
  'without a mouse, the hovers unfold as a list that follows the step': async (page) => {
    await page.locator('.stage .worked summary').focus();
    await page.keyboard.press('Enter');
    const list = page.locator('.stage .worked-list');
    await list.locator('dt').first().waitFor();
    const words = async () => (await list.innerText()).replace(/\s+/g, ' ');
    assert.match(await words(), /1,656 tokens\/s 768 tokens of a step .* held-out text 1\.47 3\.\d+ nats per token, measured at step 600/);
    await page.locator('.slider').focus();
    await page.keyboard.press('Home');
    assert.match(await words(), /Learning rate 2\.00×10⁻⁵ Step 1 of 50 of warm-up/);
    await page.locator('.details .worked summary').focus();
    await page.keyboard.press('Enter');
    await page.locator('.details .worked-list dd', { hasText: /^Reckoned .* 21 MB/ }).waitFor();
  },
  'the step under the pointer is that of every chart': async (page) => {
    assert.deepEqual(new Set(await lines(page)), new Set([null]));
    for (const chart of ['.loss-chart', '.smalls figure:nth-child(2) .small-chart']) {
      const at = await stepAt(page, 0.375, chart);
      near(at, 300, 8, chart);
      const places = await lines(page);
      assert.equal(places.length, 5);
      for (const place of places) near(place, (at - 1) / 799, 0.02, chart);
      assert.match(await page.locator('.reading-step').textContent(), new RegExp(`^Step ${at}$`));
      assert.equal(await page.locator('.loss-chart .chart-dot:not([hidden])').count(), at % 50 ? 1 : 2);
    }
    await page.mouse.move(2, 2);
    assert.deepEqual(new Set(await lines(page)), new Set([null]));
    assert.equal(await step(page), 640);
  },
  'a click locks the step on every chart, in the figures and in the samples; Escape goes back': async (page) => {
    await page.mouse.click(...(await placeIn(page, '.loss-chart', 0.375)));
    await page.mouse.move(2, 2);
    const { locked } = await saved(page);
    near(locked, 300, 8);
    assert.equal(await step(page), locked);
    for (const place of await lines(page)) near(place, (locked - 1) / 799, 0.02);
    await page.locator('.details .sample h2', { hasText: locked < 300 ? '200 steps' : '300 steps' }).waitFor();
    await page.keyboard.press('Escape');
    assert.equal((await saved(page)).locked, null);
    assert.equal(await step(page), 640);
  },
  'the axis of steps becomes logarithmic on all charts, and back': async (page) => {
    const button = page.getByRole('button', { name: 'Steps on a logarithmic axis' });
    assert.equal(await button.getAttribute('aria-pressed'), 'false');
    near(await stepAt(page, 0.5), 400, 8);
    await button.click();
    assert.deepEqual([await button.getAttribute('aria-pressed'), (await saved(page)).logX], ['true', true]);
    for (const chart of ['.loss-chart', '.small-chart']) near(await stepAt(page, 0.5, chart), Math.sqrt(800), 2, chart);
    for (const place of await lines(page)) near(place, Math.log(await step(page)) / Math.log(800), 0.02);
    await page.mouse.click(...(await placeIn(page, '.loss-chart', 0.5)));
    await page.mouse.move(2, 2);
    await page.keyboard.press('l');
    await settle(page);
    for (const place of await lines(page)) near(place, ((await step(page)) - 1) / 799, 0.02, 'a locked step moves with the axis');
    assert.equal((await saved(page)).logX, false);
    near(await stepAt(page, 0.5), 400, 8);
  },
  'the axis of the loss becomes logarithmic, and back': async (page) => {
    await page.locator('.slider').focus();
    await page.keyboard.press('Home');
    for (let i = 0; i < 3; i++) await page.keyboard.press('PageDown');
    assert.equal(await step(page), 150);
    const height = () =>
      page.evaluate(() => new DOMMatrix(document.querySelector('.loss-chart .chart-dot:not([hidden])').style.transform).f);
    const linear = await height();
    await page.keyboard.press('y');
    await settle(page);
    assert.equal((await saved(page)).logY, true);
    assert.ok((await height()) < linear - 10, `lower values have more room: ${await height()}, ${linear}`);
    await page.getByRole('button', { name: 'Loss on a logarithmic axis' }).click();
    await settle(page);
    near(await height(), linear, 1);
  },
  'ctrl and the wheel zoom all charts, dragging pans, a double click shows all': async (page) => {
    const sight = async (chart) => [await stepAt(page, 0.1, chart), await stepAt(page, 0.5, chart)];
    const whole = await sight();
    await wheel(page, -300);
    assert.deepEqual(await sight(), whole, 'the wheel alone scrolls');
    await page.mouse.move(...(await placeIn(page, '.loss-chart', 0.5)));
    await wheel(page, -300, 'Control');
    const [from, middle] = await sight();
    near(middle, whole[1], 5, 'what is under the pointer stays');
    near(middle - from, (whole[1] - whole[0]) / Math.E, 8);
    near((await sight('.small-chart'))[0], from, 6, 'a small chart');
    await page.mouse.move(...(await placeIn(page, '.loss-chart', 0.5)));
    await page.mouse.down();
    await page.mouse.move(...(await placeIn(page, '.loss-chart', 0.7)), { steps: 4 });
    await page.mouse.up();
    near((await sight())[0], from - 0.5 * (middle - from), 8, 'dragged by a fifth of the width');
    assert.equal((await saved(page)).locked, null, 'dragging locks nothing');
    await page.mouse.dblclick(...(await placeIn(page, '.loss-chart', 0.5)));
    await settle(page);
    assert.deepEqual(await sight(), whole);
    assert.equal((await saved(page)).locked, null);
  },
  'plus and minus zoom around the step, Escape shows all': async (page) => {
    const whole = await stepAt(page, 0.1);
    await page.mouse.move(2, 2);
    await page.locator('.slider').focus();
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    await settle(page);
    await page.keyboard.press('ArrowLeft');
    for (const place of await lines(page)) assert.ok(place > 0.6 && place < 0.85, `the line stands where its step is: ${place}`);
    await page.keyboard.press('ArrowRight');
    near(await stepAt(page, 0.1), 640 - (640 - whole) * 0.49, 8);
    await page.mouse.move(2, 2);
    await page.keyboard.press('-');
    await page.keyboard.press('Escape');
    await settle(page);
    assert.equal(await stepAt(page, 0.1), whole);
  },
  'the learning rate goes on as it is planned, until the run is over': async (page) => {
    assert.ok((await drawnAfter(page, 0.82)) > 5, 'on 640 of 800 steps');
    await page.getByRole('button', { name: 'Steps on a logarithmic axis' }).click();
    await settle(page);
    assert.ok((await drawnAfter(page, 0.98)) > 0, 'on a logarithmic axis');
    await page.keyboard.press('l');
    const end = { type: 'done', steps: 640, loss: 3, valLoss: 3, bitsPerByte: 1.3, path: '', stopped: false };
    await page.evaluate((event) => globalThis.gallery.view.events({ run: 'run-7', events: [event] }), end);
    await page.waitForTimeout(300);
    assert.equal(await drawnAfter(page, 0.82), 0, 'nothing is left of it');
  },
};

export const behaviours = Object.entries(tests).map(([name, test]) => ({ panel: 'dashboard', state: 'running late', name, test }));
