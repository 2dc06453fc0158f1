/** axe-core over every state of every panel: no violation is allowed. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { allViews, browse } from '../../scripts/gallery/browse.mjs';
import { startGallery } from '../../scripts/gallery/server.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** @returns {Promise<{ views: number, violations: string[] }>} one line a violation: where, which rule, which element */
export async function checkGallery(only) {
  const gallery = await startGallery({ only });
  const views = allViews(gallery.states);
  const violations = [];
  try {
    await browse(gallery.url, views, async (page, { panel, state, theme = 'dark', language = 'en', width = 1100 }) => {
      await page.evaluate(axe);
      const found = await page.evaluate(async () => {
        const result = await globalThis.axe.run(document, {
          // A webview is a part of the editor's page: landmarks and its title belong to the editor.
          rules: { region: { enabled: false }, 'landmark-one-main': { enabled: false }, 'page-has-heading-one': { enabled: false } },
        });
        return result.violations.flatMap(({ id, nodes }) =>
          nodes.map((node) => `${id}: ${node.html.slice(0, 160)}\n    ${node.failureSummary}`),
        );
      });
      violations.push(...found.map((text) => `${panel} · ${state} (${theme}, ${language}, ${width} px)  ${text}`));
    });
  } finally {
    gallery.close();
  }
  return { views: views.length, violations };
}
