/**
 * The first minute, as a developer spends it in a TypeScript repository: what surprises the model in a file; a training that
 * the file is held out of, its lines recolouring beside the dashboard; a token that is still red; attention; ghost text.
 * In both languages, and timed: when a step was there is printed, and only what hangs fails.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { wordsOf } from '../../scripts/lib/words.mjs';
import { ghosts, User } from './user';
import { workspaceFiles } from './workspace';

/** In French one and a half is singular. */
const perByteWords = /bits? (per byte|par octet)/;
/** The file that is looked at: long enough to be read, and never trained on. */
const file = 'src/model/parameters.ts';

/** What every source begins with, as in many a repository: what a model soon has by heart. */
const header = `/*
 * Parameters, models and their training, in a few thousand lines of code.
 * Licensed under the MIT License. See the file LICENSE in the root of this repository.
 */
`;
/** A new source, whose header is about to be written. */
const next = 'src/next.ts';
const sources = Object.entries(workspaceFiles()).map(([path, text]) => [path, path.endsWith('.ts') ? header + text : text] as const);
const files: Record<string, string> = { ...Object.fromEntries(sources), [next]: header.slice(0, header.indexOf(' their')) };

/** Of a token in the view of lines, in pixels. */
const lineHeight = 20;
/** The rungs that the sentence climbs. */
const counters = ['counting single bytes', 'counting two bytes', 'counting three bytes', 'counting five bytes'];

describe.each(['en', 'fr'] as const)('the first sixty seconds (%s)', (language) => {
  let user: User;
  const began = { at: 0 };
  const times: [string, number][] = [];
  const done = (what: string) => times.push([what, (Date.now() - began.at) / 1000]);

  const { title, said } = wordsOf(language);
  const read = (path: string) => readFileSync(join(user.workspace, path), 'utf8');
  const command = (name: string) => user.command(title(name));
  const shoot = (name: string) => user.shoot(`minute-${language}-${name}`);
  const legend = () => user.status(perByteWords).first();
  /** Bits per byte of the visible lines, as the status bar says. */
  const perByte = async () => Number((/^\D*([\d.,]+)/.exec((await legend().textContent()) ?? '')?.[1] ?? '').replace(',', '.'));

  /** Tokens on screen of the two upper steps: of ranks beyond 100. */
  const red = () =>
    user.bands().evaluateAll((bands) => bands.filter((band) => /dashed|double/.test(getComputedStyle(band).borderBottomStyle)).length);

  /** Where a sentence places the model: worse than a counter, as good, better. */
  const heightOf = (sentence: string) => {
    const rung = counters.findIndex((words) => said(words).test(sentence));
    expect(rung, sentence).toBeGreaterThanOrEqual(0);
    const [better, same] = ['Better than {0} ({1} against {2})', 'As good as {0} ({1})'].map((words) => said(words).test(sentence));
    return rung + (better ? 0.6 : same ? 0.3 : 0);
  };
  const figuresOf = (sentence: string) => (sentence.match(/\d+[.,]\d+/g) ?? []).map((figure) => Number(figure.replace(',', '.')));
  /** What the history of the run makes of it: the counter that is next, or the best where all are passed. */
  const standing = () => {
    const [history] = globSync('**/runs/*/events.jsonl', { cwd: user.vscode.profile });
    const lines = readFileSync(join(user.vscode.profile, history!), 'utf8').trim().split('\n');
    const events = lines.map((line) => JSON.parse(line));
    const own = events.findLast(({ type }) => type === 'eval').bitsPerByte as number;
    const { bytes1, bytes2, bytes3, bytes5 } = events.find(({ type }) => type === 'baselines');
    const counted: number[] = [bytes1, bytes2, bytes3, bytes5];
    const rung = Math.min(counted.filter((value) => own < value).length, counted.length - 1);
    const figures = [...new Set([own, counted[rung]!].map((value) => Number(value.toPrecision(3))))];
    return { height: rung + (figures.length === 1 ? 0.3 : own < counted[rung]! ? 0.6 : 0), figures };
  };

  beforeAll(async () => {
    user = await User.start({
      files,
      french: language === 'fr',
      width: 1440,
      height: 860,
      settings: { 'llmLoupe.generate.temperature': 0 },
    });
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
    await expect.poll(() => first.textContent()).toMatch(/\d+\s(s|min|h)/);
    done('the list, with what it costs');
    await shoot('2-training');
    expect(await user.page.locator('.quick-input-list .monaco-list-row.focused').textContent()).toMatch(said('Continue the starter'));
    await user.page.keyboard.press('Enter');
  });

  test('the lines recolour while it learns, and the sentence climbs past the counters', async () => {
    const [before, redBefore] = [await perByte(), await red()];
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
    await shoot('3-learnt');
    // Every evaluation was painted but for what came too soon after another.
    expect(steps.size).toBeGreaterThan(8);
    // At none of them was the text bare between the old colours and the new.
    expect(await fewest()).toBeGreaterThan(30);
    const after = await perByte();
    console.log(`${language}: ${before} bits per byte of the visible lines before, ${after} after; ${[...seen].at(0)} ${[...seen].at(-1)}`);
    expect(after).toBeLessThan(before - 0.1);
    const redAfter = await red();
    console.log(`${language}: of the visible tokens ${redBefore} beyond rank 100 before, ${redAfter} after`);
    expect(redAfter).toBeLessThan(redBefore);
    // At its end it says what the figures of the run say, and on the way there it never went back a rung.
    const { height, figures } = standing();
    await expect.poll(async () => figuresOf((await headline.textContent()) ?? '').slice(0, figures.length)).toEqual(figures);
    seen.add((await headline.textContent()) ?? '');
    const heights = [...seen].map(heightOf);
    expect(heights.at(-1)).toBe(height);
    expect(heights).toEqual([...heights].sort((a, b) => a - b));
    // Two and three bytes are passed; five is the next, or passed too.
    expect(height).toBeGreaterThanOrEqual(counters.indexOf('counting five bytes'));
  }, 300_000);

  test('the legend says that the file is held out', async () => {
    const heldOut = said('This file is held out: the model is not trained on it.');
    await expect.poll(() => legend().locator('[aria-label]').getAttribute('aria-label')).toMatch(heldOut);
    await legend().hover();
    // VS Code makes its spaces hard ones.
    await user.page.locator('.monaco-hover', { hasText: new RegExp(heldOut.source.replaceAll(' ', '\\s')) }).waitFor();
    await shoot('3-held-out');
    await user.page.keyboard.press('Escape');
  });

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

  test('attention: lines land on the previous occurrence of the identifier', async () => {
    const source = read(file).split('\n');
    const [from, to] = [
      source.findIndex((line) => line.includes('self_attn.q_proj')),
      source.findIndex((line) => line.includes('mlp.down_proj')),
    ];
    await user.selectLines(from + 1, to + 1);
    await command('inspectAttention');
    const panel = user.panel();
    await panel.locator('canvas.matrix-cells[data-geometry]').waitFor();
    done('attention');
    await shoot('5-attention');
    // The head that it opens on, where one has that habit.
    await expect
      .poll(() => panel.locator('h1').textContent())
      .toMatch(said('{0} looks at what followed the same token before, {1} over {2}'));
    const choose = (mode: string) => panel.getByRole('radio', { name: new RegExp(`^${said(mode).source}$`) }).click();
    await choose('Lines');
    // All tokens that were read, from the table of the last.
    const lines = panel.locator('.lines');
    const lock = async (row: number) => {
      const at = await lines.evaluate(
        (scroller, top) => {
          scroller.scrollTop = top;
          return scroller.scrollTop;
        },
        (row + 2) * lineHeight - (await lines.boundingBox())!.height,
      );
      await lines.locator('canvas').click({ position: { x: 30, y: (row + 0.7) * lineHeight - at } });
      // Away from it: the sentence below is of what is locked.
      await panel.locator('h1').hover();
    };
    const readout = panel.locator('.readout');
    await lines.locator('canvas').waitFor();
    const count = await lines.evaluate((scroller, height) => Math.floor(scroller.scrollHeight / height), lineHeight);
    await lock(count - 1);
    await choose('Table');
    const texts = await panel.locator('.data-table tbody td:nth-child(2)').allTextContents();
    expect(texts).toHaveLength(count);
    await choose('Lines');
    // Pieces of identifiers that go on as they did the last time; those of the last lines, so that this takes no minute.
    const pieces = [...texts.keys()].flatMap((row) => {
      const before = row > 0 ? texts.lastIndexOf(texts[row]!, row - 1) : -1;
      const again = before >= 0 && /^\w+$/.test(texts[row]!) && /^\w/.test(texts[row + 1] ?? '') && texts[before + 1] === texts[row + 1];
      return again && row > count - 45 ? [{ row, before }] : [];
    });
    const landed: typeof pieces = [];
    for (const { row, before } of pieces) {
      await lock(row);
      await expect.poll(() => readout.textContent()).toContain(`(${row}) →`);
      const to = Number(/→.*\((\d+)\)/.exec((await readout.textContent()) ?? '')?.[1]);
      // On the piece itself, or as such a head does, on what followed it.
      if (to === before || to === before + 1) landed.push({ row, before });
    }
    console.log(`${language}: ${landed.length} of ${pieces.length} repeated pieces look at where they stood before`);
    expect(landed.length).toBeGreaterThan(pieces.length / 2);
    // The nearest, so that both are in the picture.
    await lock(landed.sort((a, b) => a.row - a.before - (b.row - b.before))[0]!.row);
    await shoot('5-lines');
  });

  test('ghost text, and what of it was copied', async () => {
    await user.openFile(next);
    await user.page.keyboard.press('Control+End');
    await command('generate');
    const ghost = user.page.locator(ghosts).filter({ visible: true });
    await ghost.first().waitFor({ timeout: 60_000 });
    done('ghost text');
    // Tab takes what is drawn, whether more is written or not.
    await expect.poll(async () => (await ghost.allTextContents()).join('')).toContain('LICENSE');
    await shoot('6-ghost');
    await user.page.keyboard.press('Tab');
    await user.status(said('{0} copied')).waitFor();
    const underlined = user.page.locator('.view-line span[class*="ced-"]');
    await underlined.first().waitFor();
    expect(await underlined.first().evaluate((span) => getComputedStyle(span).textDecorationLine)).toBe('underline');
    const text = ((await underlined.first().textContent()) ?? '').replaceAll('\u00a0', ' ');
    await underlined.first().hover();
    const hover = user.page.locator('.monaco-hover', { hasText: said('copied from {0}') });
    const link = hover.locator('a').first();
    await link.waitFor();
    await shoot('6-copied');
    const [, path, line] = /([^/]+\.ts):(\d+)$/.exec((await link.textContent()) ?? '') ?? [];
    await link.click();
    done('where it was copied from');
    await user.page.locator(`.tab.active[data-resource-name="${path}"]`).waitFor();
    // What is selected there is what was written, to the letter.
    const selected = user.status(/\(\d+ selected\)/);
    const [endLine, endColumn, length] = ((await selected.textContent()) ?? '').match(/\d+/g)!.map(Number);
    await shoot('6-source');
    const source = read(Object.keys(files).find((name) => name.endsWith(`/${path}`))!);
    const end =
      source
        .split('\n')
        .slice(0, endLine! - 1)
        .join('\n').length + endColumn!;
    const found = source.slice(end - length!, end);
    console.log(`${language}: copied from ${path}:${line}: ${JSON.stringify(found)}`);
    expect(found.length).toBeGreaterThanOrEqual(30);
    expect(found).toContain(text);
    expect(source.slice(0, end - length!).split('\n')).toHaveLength(Number(line));
  });

  test('the end of the training can be hidden where it stands', async () => {
    const trained = user.status(said('Trained'));
    await trained.hover();
    await user.page.locator('.monaco-hover a', { hasText: said('Hide') }).click();
    await trained.waitFor({ state: 'hidden' });
  });
});
