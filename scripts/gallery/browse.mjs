/** Opens states of the gallery in a browser and waits until each has played. */
import { launchBrowser } from '../lib/tools.mjs';

/**
 * Calls `visit(page, view)` for each view, in one browser, one page each. Errors of a page are errors here.
 * @param {{ panel: string, state: string, theme?: string, language?: string, width?: number, height?: number }[]} views
 */
export async function browse(url, views, visit) {
  const browser = await launchBrowser();
  try {
    const context = await browser.newContext({ reducedMotion: 'reduce', deviceScaleFactor: 1, locale: 'en-US' });
    for (const view of views) {
      const { panel, state, theme = 'dark', language = 'en', width = 1100, height = 720 } = view;
      const page = await context.newPage();
      await page.setViewportSize({ width, height });
      const problems = [];
      page.on('pageerror', (error) => problems.push(error.stack ?? String(error)));
      page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
      await page.goto(`${url}/frame?${new URLSearchParams({ panel, state, theme, language })}`);
      const done = () => page.waitForFunction(() => document.documentElement.dataset.gallery, undefined, { timeout: 20_000 });
      const outcome = await done()
        .then((handle) => handle.jsonValue())
        .catch((error) => String(error));
      if (outcome !== 'done') problems.push(`the state did not play: ${outcome}`);
      const unexpected = problems.filter((text) => !/favicon/.test(text));
      if (unexpected.length) throw new Error(`${panel} · ${state} (${theme}, ${language}, ${width} px):\n${unexpected.join('\n')}`);
      await visit(page, view);
      await page.close();
    }
  } finally {
    await browser.close();
  }
}

/** Every state in dark, in each of its rooms, and the showcase of each panel in the other themes, in French and narrow. */
export function allViews(states) {
  const views = [];
  for (const [panel, names] of Object.entries(states)) {
    for (const [state, { showcase, rooms }] of Object.entries(names)) {
      views.push({ panel, state });
      for (const [width, height] of rooms) views.push({ panel, state, width, height });
      if (!showcase) continue;
      for (const theme of ['light', 'hc-black', 'hc-light']) views.push({ panel, state, theme });
      views.push({ panel, state, language: 'fr' });
      views.push({ panel, state, width: 320 });
    }
  }
  return views;
}
