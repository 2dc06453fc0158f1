/** Runs behaviours of panels on the gallery's fixtures, one page each, and gives a line for each that is not there. */
import { browse } from '../../scripts/gallery/browse.mjs';
import { startGallery } from '../../scripts/gallery/server.mjs';

/**
 * @param {({ panel: string, state: string, name: string, test: (page: import('playwright-core').Page) => Promise<void>, language?: string, width?: number, height?: number })[]} behaviours
 * @returns {Promise<string[]>}
 */
export async function checkBehaviours(behaviours) {
  const gallery = await startGallery({ only: [...new Set(behaviours.map(({ panel }) => panel))].join() });
  const failures = [];
  try {
    await browse(gallery.url, behaviours, async (page, { panel, name, test }) => {
      try {
        await test(page);
      } catch (error) {
        failures.push(`${panel}: ${name}: ${error.message}`);
      }
    });
  } finally {
    gallery.close();
  }
  return failures;
}
