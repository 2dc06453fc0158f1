/**
 * Every panel in each of its states, in a plain browser, on fixtures.
 *   node scripts/gallery.mjs [--port N]            serves it, rebuilds on change
 *   node scripts/gallery.mjs --shoot DIR [--only PANEL,PANEL]   writes pictures of all states
 *   node scripts/gallery.mjs --check               runs axe-core over all states, and uses panels as a user would
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { behaviours as attention } from '../test/gallery/attention.mjs';
import { checkGallery } from '../test/gallery/axe.mjs';
import { checkBehaviours } from '../test/gallery/behaviour.mjs';
import { behaviours as dashboard } from '../test/gallery/dashboard.mjs';
import { behaviours as panels } from '../test/gallery/panels.mjs';
import { behaviours as tokenizers } from '../test/gallery/tokenizers.mjs';
import { allViews, browse } from './gallery/browse.mjs';
import { startGallery } from './gallery/server.mjs';

const option = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : undefined);

if (process.argv.includes('--check')) {
  const { views, violations } = await checkGallery(option('--only'));
  const only = option('--only')?.split(',');
  const behaviours = [...attention, ...dashboard, ...panels, ...tokenizers];
  const failures = await checkBehaviours(behaviours.filter(({ panel }) => !only || only.includes(panel)));
  for (const line of [...violations, ...failures]) console.error(line);
  console.log(`gallery: ${views} views, ${violations.length} violations, ${failures.length} failures of behaviour`);
  process.exit(violations.length + failures.length ? 1 : 0);
}

const folder = option('--shoot');
if (folder) {
  mkdirSync(folder, { recursive: true });
  const gallery = await startGallery({ only: option('--only') });
  const views = allViews(gallery.states);
  await browse(gallery.url, views, async (page, { panel, state, theme, language, width, height }) => {
    const name = [panel, state, theme, language, height ? `${width}x${height}` : width].filter(Boolean).join('-');
    await page.screenshot({ path: join(folder, `${name}.png`) });
  });
  gallery.close();
  console.log(`gallery: ${views.length} pictures in ${folder}`);
} else {
  const gallery = await startGallery({ port: Number(option('--port') ?? 7007), watch: true, only: option('--only') });
  console.log(`gallery: ${gallery.url}`);
}
