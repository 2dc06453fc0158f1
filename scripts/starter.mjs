/**
 * The starter model that ships in `media/starter`: gathers the corpus, trains with the command line that users have, stores the
 * weights as f16, judges them (`starter/judge.mjs`) and, where they pass, puts them in place with a model card in which every
 * figure was measured. Half an hour on two idle cores. `--resume` goes on after an interruption;
 * `--card` only judges and describes what was trained.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTs } from './lib/load.mjs';
import { writeCard } from './starter/card.mjs';
import { gatherCorpus, root } from './starter/corpus.mjs';
import { judge } from './starter/judge.mjs';
import { compactLog, eventsOf } from './starter/log.mjs';

const data = join(root, 'build', 'starter');
const candidate = join(data, 'candidate');
const dist = join(root, 'dist');
const assets = join(dist, 'assets');
const seed = 1;
const ropeTheta = 500_000;

const shape = '--vocab-size 4096 --layers 6 --heads 5 --d-model 160 --d-ff 448 --context 256';
/**
 * First the tokenizer; then what looking back is worth, on exercises alone: a few words, then all of them; then everything. Slowly
 * at first: twice the learning rate destroys what the model begins with before it is of use (docs/decisions.md).
 */
const phases = [
  { name: 'tokenizer', corpus: 'corpus', pace: `${shape} --batch 4 --steps 1` },
  { name: 'few', corpus: 'primer', context: 64, pace: '--batch 16 --steps 400 --learning-rate 5e-4 --min-learning-rate 5e-4 --warmup 50' },
  {
    name: 'many',
    corpus: 'corpus/lists',
    context: 256,
    pace: '--batch 4 --steps 600 --learning-rate 5e-4 --min-learning-rate 5e-4 --warmup 50',
  },
  {
    name: 'all',
    corpus: 'corpus',
    context: 256,
    pace: '--batch 4 --steps 7000 --learning-rate 1.5e-3 --min-learning-rate 1e-4 --warmup 500',
  },
];
const watch = '--eval-every 500 --sample-every 3500 --checkpoint-every 500 --keep 4 --validation 0.01';
const asked = (flag) => process.argv.includes(flag);
const folderOf = ({ name }) => join(data, 'runs', name);
const run = folderOf(phases.at(-1));

if (!asked('--card')) {
  execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: 'inherit' });
  if (!asked('--resume')) {
    rmSync(join(data, 'runs'), { recursive: true, force: true });
    gatherCorpus(data);
  }
  const begin = await loadTs('scripts/starter/begin.ts');
  for (const [i, phase] of phases.entries()) await train(phase, phases[i - 1], begin);
}

/** A phase goes on from the one before it; the one after the tokenizer from weights that are made, not learnt. */
async function train(phase, before, { writeBeginning, withContext }) {
  const out = folderOf(phase);
  if (existsSync(join(out, 'events.jsonl')) && eventsOf(out).some(({ type }) => type === 'done')) return;
  const begun = `${out}-begin`;
  if (before?.name === 'tokenizer') await writeBeginning(folderOf(before), begun, { seed, ropeTheta, assets });
  else if (before) cpSync(folderOf(before), begun, { recursive: true, filter: (path) => !/checkpoint-|tokens|live|attention/.test(path) });
  if (before) withContext(begun, phase.context);
  const fresh = [...(before ? ['--from', begun] : []), ...`${phase.pace} ${watch} --seed ${seed}`.split(' ')];
  const what = existsSync(join(out, 'latest')) ? ['--resume'] : fresh;
  const given = ['train', join(data, phase.corpus), '--out', out, ...what];
  const { status } = spawnSync(process.execPath, [join(dist, 'cli.js'), ...given], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const { storeHalf } = await loadTs('scripts/starter/store.ts');
rmSync(candidate, { recursive: true, force: true });
storeHalf(run, candidate);
const judgement = await judge({ model: candidate, run, data, dist, seed });
const learnt = phases.slice(1).map((phase) => ({ ...phase, events: eventsOf(folderOf(phase)) }));
const gathered = JSON.parse(readFileSync(join(data, 'gathered.json'), 'utf8'));
writeCard({ folder: candidate, gathered, judgement, phases: learnt, shape, seed });
console.log(JSON.stringify(judgement, null, 2));

if (judgement.failures.length > 0) {
  console.error(`It does not ship; ${candidate} keeps it.\n${judgement.failures.join('\n')}`);
  process.exit(1);
}
const told = join(root, 'docs', 'starter');
mkdirSync(told, { recursive: true });
writeFileSync(join(told, 'figures.json'), `${JSON.stringify({ seed, ...judgement }, null, 2)}\n`);
writeFileSync(join(told, 'log.jsonl'), learnt.map(({ events }) => compactLog(events)).join(''));
cpSync(candidate, join(root, 'media', 'starter'), { recursive: true });
process.exit(0);
