/**
 * Measures, always against a peer in the same run, and prints ratios: absolute times say more about the machine than about us.
 * `--only tokenizer,training,editor` chooses; `--json FILE` also writes the rows; `--profile` says what a training step spends its
 * time on, kernel by kernel. Never fails because something is slow.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildAssets } from './lib/assets.mjs';
import { loadTs } from './lib/load.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'string' }, profile: { type: 'boolean' } } });

const suffix = '.bench.ts';
const known = readdirSync(join(root, 'test', 'bench'))
  .filter((name) => name.endsWith(suffix))
  .map((name) => name.slice(0, -suffix.length));
const chosen = values.only?.split(',') ?? known;
for (const name of chosen) if (!known.includes(name)) throw new Error(`No bench called "${name}": ${known.join(', ')}`);

const assets = join(root, 'build', 'assets');
await buildAssets(assets);

const all = [];
for (const name of chosen) {
  console.log(`\n${name}`);
  const { rows } = await loadTs(`test/bench/${name}${suffix}`);
  for await (const row of await rows({ root, assets, profile: values.profile ?? false })) {
    all.push({ group: name, ...row });
    console.log(`  ${format(row)}`);
  }
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(all, null, 2)}\n`);

function format({ name, unit, loupe, peer, peerName, ratio, goal }) {
  const number = (value) => (value === null || value === undefined ? 'absent' : value >= 100 ? value.toFixed(0) : value.toPrecision(3));
  const against = peerName ? `${peerName} ${number(peer)}, ratio ${number(ratio)}` : '';
  return [`${name}: ${number(loupe)} ${unit}`, against, goal ? `goal ${goal}` : ''].filter(Boolean).join(' · ');
}
