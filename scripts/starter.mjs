/**
 * Trains the starter model that ships in `media/starter`: gathers the corpus, trains with the command line that users have,
 * stores the weights as f16 and writes the model card with what was measured. About an hour on one core.
 * `--resume` goes on after an interruption; `--card` only stores and describes what was trained.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describeStarter } from './starter/card.mjs';
import { gatherCorpus, root } from './starter/corpus.mjs';

const corpus = join(root, 'build', 'starter', 'corpus');
const run = join(root, 'build', 'starter', 'run');
const cli = join(root, 'dist', 'cli.js');

const shape = ['--vocab-size', '2048', '--layers', '4', '--heads', '4', '--d-model', '128', '--d-ff', '352', '--context', '256'];
const pace = [
  '--seed',
  '1',
  '--batch',
  '4',
  '--steps',
  '5200',
  '--learning-rate',
  '2e-3',
  '--min-learning-rate',
  '1e-4',
  '--warmup',
  '150',
];
const watch = ['--eval-every', '250', '--sample-every', '500', '--checkpoint-every', '250', '--keep', '1', '--validation', '0.04'];

const gathered = gatherCorpus(corpus);
if (!process.argv.includes('--card')) {
  execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: 'inherit' });
  const what = process.argv.includes('--resume') ? ['--resume'] : [...shape, ...pace, ...watch];
  const { status } = spawnSync(process.execPath, [cli, 'train', corpus, '--out', run, ...what], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
describeStarter({ run, gathered, arguments: [...shape, ...pace] });
