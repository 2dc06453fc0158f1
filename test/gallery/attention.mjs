/** The attention inspector used with a real mouse and keyboard, on the gallery's fixtures. */
import assert from 'node:assert/strict';

const saved = (page) => page.evaluate(() => globalThis.gallery.saved());
const calls = (page, method) => page.evaluate((name) => globalThis.gallery.calls.filter((call) => call.method === name), method);
const live = (page) => page.locator('.visually-hidden[aria-live=polite]').textContent();
const settle = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

/** The middle of a cell on the screen: from the geometry that the picture itself shows. */
async function cellPoint(page, row, col) {
  const { x, y } = await page.evaluate(
    ([r, c]) => {
      const canvas = document.querySelector('.matrix-cells');
      const box = canvas.getBoundingClientRect();
      const { x, y, cell } = JSON.parse(canvas.dataset.geometry);
      return { x: box.left + x + (c + 0.5) * cell, y: box.top + y + (r + 0.5) * cell };
    },
    [row, col],
  );
  return { x, y };
}

const tests = {
  'a click locks a cell, its steps end at its weight': async (page) => {
    const { x, y } = await cellPoint(page, 30, 12);
    await page.mouse.click(x, y);
    await settle(page);
    assert.deepEqual((await saved(page)).cell, { row: 30, col: 12 });
    assert.equal((await saved(page)).locked, true);
    await page.waitForFunction(() => document.querySelector('.steps').textContent.includes('position 30'));
    const shown = await page.locator('.calculation .weight').textContent();
    assert.ok((await live(page)).endsWith(`weight ${shown}`), `${await live(page)} / ${shown}`);
  },
  'arrows move the cell and stay out of the future, Esc unlocks': async (page) => {
    const { x, y } = await cellPoint(page, 20, 19);
    await page.mouse.click(x, y);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowLeft');
    assert.deepEqual((await saved(page)).cell, { row: 21, col: 19 });
    await page.keyboard.press('End');
    assert.deepEqual((await saved(page)).cell, { row: 21, col: 21 });
    await page.keyboard.press('Escape');
    assert.equal((await saved(page)).locked, false);
  },
  'the caption tells of the cell that arrow keys moved to, under a resting mouse': async (page) => {
    const caption = () => page.locator('.readout').textContent();
    const { x, y } = await cellPoint(page, 30, 12);
    await page.mouse.click(x, y);
    await settle(page);
    assert.match(await caption(), /\(30\).*\(12\)/);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowDown');
    await settle(page);
    assert.match(await caption(), /\(31\).*\(11\)/);
    // A move that the browser makes up, where the mouse already is.
    await page.mouse.move(x, y);
    await settle(page);
    assert.match(await caption(), /\(31\).*\(11\)/);
    await page.mouse.move(x + 20, y);
    await settle(page);
    assert.match(await caption(), /\(30\)/);
  },
  'page keys change layer and head, and stop at the ends': async (page) => {
    const before = await saved(page);
    for (let i = 0; i < 6; i++) await page.keyboard.press('PageDown');
    for (let i = 0; i < 6; i++) await page.keyboard.press('Shift+PageDown');
    await settle(page);
    assert.deepEqual([(await saved(page)).layer, (await saved(page)).head], [3, 3]);
    await page.keyboard.press('Shift+PageUp');
    await page.waitForFunction(() => document.querySelector('.head-title').textContent.startsWith('L3H2'));
    assert.notDeepEqual([before.layer, before.head], [3, 2]);
    assert.match(await page.locator('.atlas-canvas').getAttribute('aria-label'), /L3H2/);
  },
  'a hovered token is told to the host, once, and taken back': async (page) => {
    const { x, y } = await cellPoint(page, 40, 7);
    await page.mouse.move(x, y);
    await page.mouse.move(x + 1, y + 1);
    await page.mouse.move(5, 5);
    await settle(page);
    assert.deepEqual(
      (await calls(page, 'hover')).map((call) => call.params.token),
      [7, null],
    );
  },
  'keys show stages, lines, the table and the keys': async (page) => {
    await page.keyboard.press('s');
    assert.equal((await saved(page)).stage, 'scores');
    await page.keyboard.press('l');
    assert.deepEqual([(await saved(page)).mode, (await saved(page)).stage], ['lines', 'softmax']);
    await page.keyboard.press('t');
    assert.ok((await page.locator('.data-table tbody tr').count()) > 10);
    await page.keyboard.press('?');
    assert.ok(await page.locator('dialog.keys').isVisible());
    await page.keyboard.press('Escape');
    await page.locator('dialog.keys').waitFor({ state: 'detached' });
  },
  'the table scrolls to the locked cell, and follows it': async (page) => {
    const inSight = (text) =>
      page.evaluate((position) => {
        const row = document.querySelector('.row-table tr.chosen');
        const frame = row.closest('.table-frame').getBoundingClientRect();
        const head = row.closest('table').querySelector('thead').getBoundingClientRect();
        const { top, bottom } = row.getBoundingClientRect();
        return row.cells[0].textContent === position && top >= head.bottom && bottom <= frame.bottom;
      }, text);
    const { x, y } = await cellPoint(page, 62, 41);
    await page.mouse.click(x, y);
    await page.keyboard.press('t');
    await settle(page);
    assert.ok(await inSight('41'), 'where it opens');
    const caption = await page.locator('.row-table caption').textContent();
    await page.keyboard.press(caption.startsWith('L0') ? 'PageDown' : 'PageUp');
    await page.waitForFunction((before) => document.querySelector('.row-table caption').textContent !== before, caption);
    assert.ok(await inSight('41'), 'in another head');
  },
  'only ctrl and the wheel zoom; a double click resets': async (page) => {
    const cell = () => page.evaluate(() => JSON.parse(document.querySelector('.matrix-cells').dataset.geometry).cell);
    const before = await cell();
    const { x, y } = await cellPoint(page, 40, 20);
    await page.mouse.move(x, y);
    await page.mouse.wheel(0, -300);
    await settle(page);
    assert.equal(await cell(), before);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -300);
    await page.keyboard.up('Control');
    await settle(page);
    assert.ok((await cell()) > before * 2);
    await page.mouse.dblclick(x, y);
    await settle(page);
    assert.equal(await cell(), before);
  },
  'a click in the atlas chooses a head': async (page) => {
    const box = await page.locator('.atlas-canvas').boundingBox();
    await page.mouse.click(box.x + box.width - 30, box.y + box.height - 20);
    await settle(page);
    assert.deepEqual([(await saved(page)).layer, (await saved(page)).head], [3, 3]);
    await page.keyboard.press('ArrowUp');
    await settle(page);
    assert.deepEqual([(await saved(page)).layer, (await saved(page)).head], [2, 3]);
  },
  'heads show as dots: a click and arrow keys choose, the axes can be changed': async (page) => {
    await page.getByRole('button', { name: 'Heads as dots between two of their numbers' }).click();
    const canvas = page.locator('.scatter-canvas');
    const head = async () => [(await saved(page)).layer, (await saved(page)).head].join();
    const before = await head();
    await canvas.focus();
    for (const key of ['ArrowRight', 'ArrowLeft', 'ArrowUp', 'ArrowDown']) {
      await page.keyboard.press(key);
      await settle(page);
      if ((await head()) !== before) break;
    }
    assert.notEqual(await head(), before);
    assert.match(await canvas.getAttribute('aria-label'), new RegExp(`L${(await head()).replace(',', 'H')}.*entropy, nats`));
    await page.getByLabel('Upwards').selectOption('induction');
    await settle(page);
    assert.deepEqual([(await saved(page)).headsAs, (await saved(page)).scatterY], ['scatter', 'induction']);
    assert.match(await canvas.getAttribute('aria-label'), /induction/);
  },
  'all heads can be put away': async (page) => {
    await page.keyboard.press('h');
    assert.equal(await page.locator('.heads').isVisible(), false);
    assert.equal((await saved(page)).heads, false);
    await page.getByRole('button', { name: 'Show all heads' }).click();
    assert.equal(await page.locator('.heads').isVisible(), true);
  },
  'picture, CSV and JSON can be taken out': async (page) => {
    const pick = async (label) => {
      await page.locator('[aria-haspopup=menu]').click();
      await page.getByRole('menuitem', { name: label, exact: true }).click();
    };
    await pick('Save as PNG on White…');
    await page.waitForFunction(() => globalThis.gallery.calls.some((call) => call.method === 'save'));
    await pick('Save as CSV…');
    await pick('Save as JSON…');
    await page.waitForFunction(() => globalThis.gallery.calls.filter((call) => call.method === 'save').length === 3);
    const [png, csv, json] = await page.evaluate(() =>
      globalThis.gallery.calls
        .filter((call) => call.method === 'save')
        .map(({ params }) => ({ ...params, data: typeof params.data === 'string' ? params.data : [...params.data.subarray(0, 24)] })),
    );
    assert.deepEqual(png.data.slice(1, 4), [0x50, 0x4e, 0x47]);
    assert.ok(((png.data[18] << 8) | png.data[19]) > 1000, 'at twice the size');
    assert.match(png.name, /^attention-starter-L\dH\d-softmax\.png$/);
    const lines = csv.data.trim().split('\r\n');
    const size = JSON.parse(json.data).tokens.length;
    assert.ok(lines.length >= 1 + (size * (size + 1)) / 2);
    assert.equal(JSON.parse(json.data).scores[0][1], null);
    assert.equal(JSON.parse(json.data).pattern[0][1], 0);
    const { model, tokenizer, weights, context, selection, shown } = JSON.parse(json.data);
    assert.deepEqual([model, tokenizer.name, weights, context.special, context.tokens], ['starter', 'starter', 'as stored', ['<bos>'], 19]);
    assert.equal(1 + context.tokens + selection.tokens, size);
    assert.deepEqual(shown, { picture: 'matrix', stage: 'softmax', scale: 'square root', firstColumn: 'shown', renormalised: false });
  },
  'a word says that it was saved or copied, and goes': async (page) => {
    const pick = async (label) => {
      await page.locator('[aria-haspopup=menu]').click();
      await page.getByRole('menuitem', { name: label, exact: true }).click();
    };
    const said = page.locator('.said[aria-live=polite]');
    await pick('Copy as CSV');
    await page.waitForFunction(() => document.querySelector('.said').textContent === 'Copied.');
    await pick('Save as JSON…');
    await page.waitForFunction(() => document.querySelector('.said').textContent === 'Saved.');
    await page.waitForFunction(() => document.querySelector('.said').textContent === '', undefined, { timeout: 6000 });
    assert.equal(await said.count(), 1);
  },
  'the head that is looked at is asked for as Python, with its cell': async (page) => {
    const { x, y } = await cellPoint(page, 30, 12);
    await page.mouse.click(x, y);
    await page.locator('[aria-haspopup=menu]').click();
    await page.getByRole('menuitem', { name: 'Copy as Python', exact: true }).click();
    await page.waitForFunction(() => document.querySelector('.said').textContent === 'Copied.');
    const { layer, head } = await saved(page);
    const [{ params }] = await calls(page, 'python');
    assert.deepEqual([params.layer, params.head, params.cell], [layer, head, { row: 30, col: 12 }]);
  },
  'matrix and lines can be taken out as SVG: text as text, a square a cell': async (page) => {
    const take = async (label) => {
      await page.locator('[aria-haspopup=menu]').click();
      await page.getByRole('menuitem', { name: label, exact: true }).click();
      await page.waitForFunction(() => globalThis.gallery.calls.some((call) => call.method === 'save'));
      return page.evaluate(() => {
        const { name, data } = globalThis.gallery.calls.findLast((call) => call.method === 'save').params;
        globalThis.gallery.calls.length = 0;
        const parsed = new DOMParser().parseFromString(data, 'image/svg+xml');
        const squares = [...parsed.querySelectorAll('path[shape-rendering]')];
        return {
          name,
          wrong: parsed.querySelector('parsererror')?.textContent ?? null,
          title: parsed.querySelector('title')?.textContent,
          about: parsed.querySelector('desc')?.textContent,
          texts: [...parsed.querySelectorAll('text')].map((text) => text.textContent),
          cells: squares
            .flatMap((path) => [...path.getAttribute('d').matchAll(/h([\d.]+)v([\d.]+)/g)])
            .reduce((sum, [, w, h]) => sum + w / h, 0),
          curves: parsed.querySelectorAll('path[d*="C"]').length,
          ground: parsed.querySelector('svg > path').getAttribute('fill'),
        };
      });
    };
    const matrix = await take('Save as SVG on White…');
    assert.equal(matrix.wrong, null);
    assert.match(matrix.name, /^attention-starter-L\dH\d-softmax\.svg$/);
    assert.match(matrix.title, /^L\dH\d/);
    assert.match(matrix.about, /<bos>.*weights as stored.*square root scale/s);
    assert.ok(matrix.texts.includes('·fromage') || matrix.texts.includes('Maître'), matrix.texts.slice(0, 9).join());
    assert.equal(Math.round(matrix.cells), (66 * 67) / 2);
    assert.equal(matrix.ground, '#ffffff');
    await page.keyboard.press('l');
    const lines = await take('Save as SVG…');
    assert.equal(lines.wrong, null);
    assert.match(lines.name, /-lines\.svg$/);
    assert.ok(lines.curves > 50, String(lines.curves));
    assert.ok(lines.texts.filter((text) => text === 'Maître').length >= 4);
  },
  'the editor’s cursor moves the row, unless the reader locked one': async (page) => {
    await page.evaluate(() => globalThis.gallery.view.select({ token: 33 }));
    await page.waitForFunction(() => document.querySelector('.steps').textContent.includes('position 33'));
    const { x, y } = await cellPoint(page, 20, 5);
    await page.mouse.click(x, y);
    await page.evaluate(() => globalThis.gallery.view.select({ token: 34 }));
    await settle(page);
    assert.deepEqual((await saved(page)).cell, { row: 20, col: 5 });
  },
  'a change of theme redraws the canvases': async (page) => {
    const pixel = () =>
      page.evaluate(() => {
        const canvas = document.querySelector('.matrix-cells');
        const { x, y, cell } = JSON.parse(canvas.dataset.geometry);
        return [...canvas.getContext('2d').getImageData(x + cell / 2, y + cell / 2, 1, 1).data];
      });
    const before = await pixel();
    await page.evaluate(() => document.documentElement.style.setProperty('--vscode-charts-blue', '#ff00ff'));
    await settle(page);
    await settle(page);
    assert.notDeepEqual(await pixel(), before);
    assert.deepEqual(await pixel(), [255, 0, 255, 255]);
  },
};

export const behaviours = Object.entries(tests).map(([name, test]) => ({ panel: 'attention', state: 'first', name, test }));
