/**
 * Makes the README's pictures, `docs/pictures/*.png`, and those of the walkthrough, `media/walkthrough/*.png`: the packaged extension in a real VS Code, on the sample workspace, in
 * the dark theme. `--only tokens,hover` makes some. What is computed is the same every time; times and speeds are not.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeSample } from './lib/sample.mjs';
import { Window } from './lib/window.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const width = 1200;
const height = 760;
const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;

/** In an order: what is trained on last is the model in use from then on. */
const pictures = {
  before: { make: surprised, size: { width: 800, height: 620 } },
  merges: { make: anticonstitutionnellement, size: { height: 620 } },
  attention: { make: attention, size: { height } },
  'walkthrough-merges': { make: merges, size: { width: 800, height: 520 } },
  'walkthrough-attention': { make: example, size: { width: 800, height: 560 } },
  'walkthrough-surprise': { make: surprise, size: { width: 800, height: 420 } },
  'walkthrough-train': { make: minute, size: { width: 800, height: 640 } },
  dashboard: { make: dashboard, size: { height } },
  after: { make: surprised, size: { width: 800, height: 620 } },
};
const chosen = only?.split(',') ?? Object.keys(pictures);
for (const name of chosen) if (!pictures[name]) throw new Error(`No picture called "${name}": ${Object.keys(pictures).join(', ')}`);

/** The file whose surprise is shown before and after a training that it is held out of. */
const looked = 'loupe/src/core/model/parameters.ts';

async function surprised(window) {
  await window.openFile(looked);
  await window.goTo(1);
  // It stays shown for this file: the command would turn it off.
  if (!(await window.status(/bits per byte/).isVisible())) await window.command('Loupe: Show Surprise');
  await window.status(/bits per byte/).waitFor({ timeout: 60_000 });
  await window.bands().nth(50).waitFor({ state: 'attached' });
}

/** The attention of one head, with the numbers of one cell. */
async function attention(window) {
  await window.openFile('textes/fables.md');
  await window.selectLines(5, 5);
  await window.command('Loupe: Inspect Attention');
  const cells = window.panel().locator('canvas.matrix-cells[data-geometry]');
  await cells.waitFor({ timeout: 60_000 });
  // Room for the calculation beside the matrix.
  await window.page.mouse.move(width / 2 + 1, height / 2);
  await window.page.mouse.down();
  await window.page.mouse.move(284, height / 2, { steps: 5 });
  await window.page.mouse.up();
  await window.page.waitForTimeout(1_000);
  const { x, y, cell } = JSON.parse(await cells.getAttribute('data-geometry'));
  // The second "Cigale", at its second token, looks at what followed that in the first.
  const [row, column] = [17, 8];
  await cells.click({ position: { x: x + (column + 0.5) * cell, y: y + (row + 0.5) * cell } });
  await window.panel().locator('.calculation .steps').waitFor();
  await window.page.mouse.move(200, height - 100);
}

/** Answers the list, and waits until the training has come to its end. */
async function trained(window) {
  await window.picks('Continue the starter').click({ timeout: 60_000 });
  await window.status(/Training/).waitFor({ timeout: 60_000 });
  await window.status(/Trained/).waitFor({ timeout: 20 * 60_000 });
}

/** The starter goes on learning from the workspace, but for the file of `before`; seen at its end. */
async function dashboard(window) {
  await window.openFile(looked);
  await window.command('Loupe: Train on This Workspace');
  await trained(window);
  const use = window.panel().locator('[data-action=use]');
  await use.click();
  await window.panel().getByText('in use').waitFor();
}

/** The word of the tutorials, from bytes to tokens, and how one of them was built. */
async function anticonstitutionnellement(window) {
  await merges(window, 'anticonstitutionnellement');
  await window.panel().locator('.token').last().click();
}

/** A word, merged to its tokens. */
async function merges(window, word) {
  await window.command('Loupe: Show Merges');
  const end = window.panel().locator('input[type=range]').first();
  await end.waitFor({ timeout: 60_000 });
  if (word) await window.panel().locator('#text').fill(word);
  await window.page.waitForTimeout(1_000);
  await end.press('End');
}

/** Attention worked out by hand, one weight looked at. */
async function example(window) {
  await window.command('Loupe: Start Here');
  const weight = window.panel().locator('.matrix.weights tbody tr').nth(2).locator('button').nth(2);
  await weight.click({ timeout: 60_000 });
  await window
    .panel()
    .locator('.example')
    .evaluate((element) => element.scrollIntoView({ block: 'center' }));
}

/** What the starter did not expect. */
async function surprise(window) {
  await window.openFile('src/shop.ts');
  await window.goTo(1);
  await window.command('Loupe: Show Surprise');
  await window.status(/bits per byte/).waitFor({ timeout: 60_000 });
}

/** A minute of training, at its end. */
async function minute(window) {
  await window.command('Loupe: Start Here');
  await window.panel().getByRole('button', { name: 'Train for One Minute' }).click({ timeout: 60_000 });
  await trained(window);
}

/** Those of the README, and those that ship. */
function file(name) {
  const [, shipped] = /^walkthrough-(.+)$/.exec(name) ?? [];
  return shipped ? join('media', 'walkthrough', `${shipped}.png`) : join('docs', 'pictures', `${name}.png`);
}

const work = mkdtempSync(join(tmpdir(), 'loupe-pictures-'));
const folder = join(work, 'sample');
writeSample(folder);
mkdirSync(join(root, 'docs', 'pictures'), { recursive: true });
/** Nothing beside what the pictures are about. */
const settings = {
  ...{ 'editor.fontSize': 15, 'editor.lightbulb.enabled': 'off', 'editor.stickyScroll.enabled': false },
  ...{ 'editor.occurrencesHighlight': 'off', 'breadcrumbs.enabled': false, 'editor.lineNumbersMinChars': 3 },
  ...{ 'window.title': 'sample', 'workbench.layoutControl.enabled': false, 'workbench.activityBar.location': 'hidden' },
};
const window = await Window.start({ folder, width, height, vsix: [join(root, 'llm-loupe.vsix')], settings });
try {
  await window.command('View: Toggle Primary Side Bar Visibility');
  for (const name of chosen) {
    await window.page.setViewportSize({ width, ...pictures[name].size });
    await pictures[name].make(window);
    // Animations end, the mouse's own marks fade.
    await window.page.waitForTimeout(1_000);
    await window.page.screenshot({ path: join(root, file(name)) });
    console.log(file(name));
    await window.command('View: Close All Editors');
  }
} finally {
  await window.stop();
  rmSync(work, { recursive: true, force: true });
}
