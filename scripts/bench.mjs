/**
 * Measures, always against a peer in the same run, and prints ratios: absolute times say more about the machine than about us.
 * Peers that are absent (`npm run peers` sets them up) are left out with a word. Never fails because something is slow.
 *
 * `--only training,tokenizer/encode` chooses benches, or parts of them; `--json FILE` also writes the rows; `--markdown` prints
 * tables for a document; `--profile` says what a training step spends its time on, kernel by kernel.
 */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildAssets } from './lib/assets.mjs';
import { bundleFolder, bundleTs, loadTs } from './lib/load.mjs';
import { findPeers } from './lib/peers.mjs';
import { printTable } from './lib/table.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({
  options: { only: { type: 'string' }, json: { type: 'string' }, markdown: { type: 'boolean' }, profile: { type: 'boolean' } },
});

const suffix = '.bench.ts';
const known = readdirSync(join(root, 'test', 'bench'))
  .filter((name) => name.endsWith(suffix))
  .map((name) => name.slice(0, -suffix.length));
const chosen = values.only?.split(',') ?? known;
const groups = known.filter((name) => chosen.some((choice) => choice.split('/')[0] === name));
for (const choice of chosen) if (!known.includes(choice.split('/')[0])) throw new Error(`No bench called "${choice}": ${known.join(', ')}`);

const assets = join(root, 'build', 'assets');
await buildAssets(assets);
const work = bundleFolder();
const bundles = new Map();
const bundle = (entry) => {
  const outfile = join(work, `${basename(entry, '.ts')}.mjs`);
  if (!bundles.has(entry))
    bundles.set(
      entry,
      bundleTs(entry, outfile).then(() => outfile),
    );
  return bundles.get(entry);
};

const peers = findPeers();
const all = [];
try {
  for (const group of groups) {
    console.log(`\n${group}`);
    const { rows, parts = [] } = await loadTs(`test/bench/${group}${suffix}`);
    const unknown = chosen.find((choice) => choice.startsWith(`${group}/`) && !parts.includes(choice.slice(group.length + 1)));
    if (unknown) throw new Error(`No part called "${unknown}": ${parts.map((part) => `${group}/${part}`).join(', ') || 'it has none'}`);
    const wants = (part) => chosen.includes(group) || chosen.includes(`${group}/${part}`);
    const own = [];
    try {
      for await (const row of await rows({ root, assets, peers, profile: values.profile ?? false, wants, bundle })) {
        own.push({ group, ...row });
        process.stderr.write(`  ${row.name}, ${row.peerName ?? 'alone'}\n`);
      }
    } catch (error) {
      console.log(`  it failed: ${error instanceof Error ? error.message : error}`);
      process.exitCode = 1;
    }
    all.push(...own);
    printTable(own, values.markdown);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
const figures = all.filter((row) => row.goal);
if (groups.length > 1 && figures.length > 0) {
  console.log('\nFigures to reach');
  printTable(figures, values.markdown);
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(all, null, 2)}\n`);
