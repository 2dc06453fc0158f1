/**
 * The starter model that ships in `media/starter`: gathers the corpus, trains with the command line that users have, stores the
 * weights as f16, judges them (`starter/judge.mjs`) and, where they pass, puts them in place with a model card in which every
 * figure was measured. Over an hour on two idle cores. `--resume` goes on after an interruption;
 * `--card` only judges and describes what was trained.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTs } from './lib/load.mjs';
import { writeCard } from './starter/card.mjs';
import { gatherCorpus, root } from './starter/corpus.mjs';
import { judge } from './starter/judge.mjs';
import { compactLog, eventsOf } from './starter/log.mjs';

const data = join(root, 'build', 'starter');
const corpus = join(data, 'corpus');
const run = join(data, 'run');
const candidate = join(data, 'candidate');
const dist = join(root, 'dist');
const seed = 1;

const shape = '--vocab-size 4096 --layers 6 --heads 5 --d-model 160 --d-ff 448 --context 256';
const pace = `--seed ${seed} --batch 4 --steps 16000 --learning-rate 2e-3 --min-learning-rate 1e-4 --warmup 300`;
const watch = '--eval-every 1000 --sample-every 4000 --checkpoint-every 500 --keep 4 --validation 0.01';
const asked = (flag) => process.argv.includes(flag);

if (!asked('--card')) {
  execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: 'inherit' });
  if (!asked('--resume')) gatherCorpus(data);
  const what = asked('--resume') ? ['--resume'] : `${shape} ${pace} ${watch}`.split(' ');
  const { status } = spawnSync(process.execPath, [join(dist, 'cli.js'), 'train', corpus, '--out', run, ...what], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const { storeHalf } = await loadTs('scripts/starter/store.ts');
rmSync(candidate, { recursive: true, force: true });
storeHalf(run, candidate);
const judgement = await judge({ model: candidate, run, data, dist, seed });
const events = eventsOf(run);
const gathered = JSON.parse(readFileSync(join(data, 'gathered.json'), 'utf8'));
writeCard({ folder: candidate, gathered, judgement, phases: [{ events, arguments: [shape, pace] }], seed });
console.log(JSON.stringify(judgement, null, 2));

if (judgement.failures.length > 0) {
  console.error(`It does not ship; ${candidate} keeps it.\n${judgement.failures.join('\n')}`);
  process.exit(1);
}
const told = join(root, 'docs', 'starter');
mkdirSync(told, { recursive: true });
writeFileSync(join(told, 'figures.json'), `${JSON.stringify({ seed, ...judgement }, null, 2)}\n`);
writeFileSync(join(told, 'log.jsonl'), compactLog(events));
cpSync(candidate, join(root, 'media', 'starter'), { recursive: true });
process.exit(0);
