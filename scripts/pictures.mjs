/**
 * Makes the README's pictures, `docs/pictures/*.png`, and those of the walkthrough, `media/walkthrough/*.png`: the packaged extension in a real VS Code, on the sample workspace, in
 * the dark theme; those of the walkthrough in French too. `--only dashboard,after` makes some. What is computed is the same every time; times and speeds are not.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeSample } from './lib/sample.mjs';
import { Window } from './lib/window.mjs';
import { wordsOf } from './lib/words.mjs';

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

/** In French one and a half is singular. */
const perByte = /bits? (per byte|par octet)/;

async function surprised(window, { title }) {
  await window.openFile(looked);
  await window.goTo(1);
  // It stays shown for this file: the command would turn it off.
  if (!(await window.status(perByte).isVisible())) await window.command(title('showSurprise'));
  await window.status(perByte).waitFor({ timeout: 60_000 });
  await window.bands().nth(50).waitFor({ state: 'attached' });
}

/** The attention of one head, with the numbers of one cell. */
async function attention(window, { title }) {
  await window.openFile('textes/fables.md');
  await window.selectLines(5, 5);
  await window.command(title('inspectAttention'));
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
async function trained(window, { said }) {
  await window.picks(said('Continue the starter')).click({ timeout: 60_000 });
  await window.status(said('Training')).waitFor({ timeout: 60_000 });
  await window.status(said('Trained')).waitFor({ timeout: 20 * 60_000 });
}

/** The starter goes on learning from the workspace, but for the file of `before`; seen at its end. */
async function dashboard(window, words) {
  await window.openFile(looked);
  await window.command(words.title('trainOnWorkspace'));
  await trained(window, words);
  const use = window.panel().locator('[data-action=use]');
  await use.click();
  await window.panel().getByText(words.said('in use')).waitFor();
}

/** The word of the tutorials, from bytes to tokens, and how one of them was built. */
async function anticonstitutionnellement(window, words) {
  await merges(window, words, 'anticonstitutionnellement');
  await window.panel().locator('.token').last().click();
}

/** A word, merged to its tokens. */
async function merges(window, { title }, word) {
  await window.command(title('showMerges'));
  const end = window.panel().locator('input[type=range]').first();
  await end.waitFor({ timeout: 60_000 });
  if (word) await window.panel().locator('#text').fill(word);
  await window.page.waitForTimeout(1_000);
  await end.press('End');
}

/** Attention worked out by hand, one weight looked at. */
async function example(window, { title }) {
  await window.command(title('startHere'));
  const weight = window.panel().locator('.matrix.weights tbody tr').nth(2).locator('button').nth(2);
  await weight.click({ timeout: 60_000 });
  await window
    .panel()
    .locator('.example')
    .evaluate((element) => element.scrollIntoView({ block: 'center' }));
}

/** What the starter did not expect. */
async function surprise(window, { title }) {
  await window.openFile('src/shop.ts');
  await window.goTo(1);
  await window.command(title('showSurprise'));
  await window.status(perByte).waitFor({ timeout: 60_000 });
}

/** A minute of training, at its end. */
async function minute(window, words) {
  await window.command(words.title('startHere'));
  await window
    .panel()
    .getByRole('button', { name: words.said('Train for One Minute') })
    .click({ timeout: 60_000 });
  await trained(window, words);
}

/** Those of the README, and those that ship; a French one lies beside the English one. */
function file(name, language) {
  const [, shipped] = /^walkthrough-(.+)$/.exec(name) ?? [];
  const picture = `${shipped ?? name}${language === 'fr' ? '.fr' : ''}.png`;
  return shipped ? join('media', 'walkthrough', picture) : join('docs', 'pictures', picture);
}

/** Nothing beside what the pictures are about. */
const settings = {
  ...{ 'editor.fontSize': 15, 'editor.lightbulb.enabled': 'off', 'editor.stickyScroll.enabled': false },
  ...{
    'editor.occurrencesHighlight': 'off',
    'typescript.validate.enable': false,
    'breadcrumbs.enabled': false,
    'editor.lineNumbersMinChars': 3,
  },
  ...{ 'window.title': 'sample', 'workbench.layoutControl.enabled': false, 'workbench.activityBar.location': 'hidden' },
};

/** Makes pictures in one window that speaks a language. */
async function take(names, language) {
  if (names.length === 0) return;
  const work = mkdtempSync(join(tmpdir(), 'loupe-pictures-'));
  const folder = join(work, 'sample');
  writeSample(folder);
  const words = wordsOf(language);
  const french = language === 'fr';
  const window = await Window.start({ folder, width, height, french, vsix: [join(root, 'llm-loupe.vsix')], settings });
  try {
    await window.command('View: Toggle Primary Side Bar Visibility');
    for (const name of names) {
      await window.page.setViewportSize({ width, ...pictures[name].size });
      await pictures[name].make(window, words);
      // Animations end, the mouse's own marks fade.
      await window.page.waitForTimeout(1_000);
      await window.page.screenshot({ path: join(root, file(name, language)) });
      console.log(file(name, language));
      await window.command('View: Close All Editors');
    }
  } finally {
    await window.stop();
    rmSync(work, { recursive: true, force: true });
  }
}

mkdirSync(join(root, 'docs', 'pictures'), { recursive: true });
await take(chosen, 'en');
await take(
  chosen.filter((name) => name.startsWith('walkthrough-')),
  'fr',
);
