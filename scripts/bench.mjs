/**
 * Measures, always against a peer in the same run, and prints ratios: absolute times say more about the machine than about us.
 * `--only tokenizer,training,editor` chooses; `--json FILE` also writes the rows. Never fails because something is slow.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import esbuild from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'string' } } });

const folder = join(root, 'test', 'bench');
const known = readdirSync(folder)
  .filter((name) => name.endsWith('.bench.ts'))
  .map((name) => name.slice(0, -'.bench.ts'.length));
const chosen = values.only?.split(',') ?? known;
for (const name of chosen) if (!known.includes(name)) throw new Error(`No bench called "${name}": ${known.join(', ')}`);

// Inside node_modules, so that packages that are not bundled are found.
const work = mkdtempSync(join(root, 'node_modules', '.loupe-bench-'));
const all = [];
try {
  for (const name of chosen) {
    const outfile = join(work, `${name}.mjs`);
    await esbuild.build({
      entryPoints: [join(folder, `${name}.bench.ts`)],
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node22',
      outfile,
      mainFields: ['module', 'main'],
      external: ['playwright-core', 'esbuild', 'tiktoken', '@huggingface/tokenizers'],
      banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
      logLevel: 'warning',
    });
    console.log(`\n${name}`);
    const { rows } = await import(pathToFileURL(outfile).href);
    for await (const row of await rows({ root })) {
      all.push({ group: name, ...row });
      console.log(`  ${format(row)}`);
    }
  }
} finally {
  if (existsSync(work)) rmSync(work, { recursive: true, force: true });
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(all, null, 2)}\n`);

function format({ name, unit, loupe, peer, peerName, ratio, goal }) {
  const number = (value) => (value === null || value === undefined ? 'absent' : value >= 100 ? value.toFixed(0) : value.toPrecision(3));
  const against = peerName ? `${peerName} ${number(peer)}, ratio ${number(ratio)}` : '';
  return [`${name}: ${number(loupe)} ${unit}`, against, goal ? `goal ${goal}` : ''].filter(Boolean).join(' · ');
}
