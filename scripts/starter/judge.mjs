/**
 * Judges a model as the starter: every figure of its card, and whether it may ship. Held-out French, English and TypeScript of
 * authors that it never saw, against Kneser-Ney counters of the very text that it was trained on and against compressors;
 * induction; and a minute of training on a small repository against that repository's own counter.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import { loadTs } from '../lib/load.mjs';
import { eventsOf } from './log.mjs';

/** What a model must reach. */
export const goals = { induction: 0.5 };

const languages = ['french', 'english', 'typescript'];

/** Files of one part of a run's corpus, as bytes, but for the exercises: no counter is made worse by them. */
function* documentsOf(run, corpus, part) {
  const { files } = JSON.parse(readFileSync(join(run, 'corpus.json'), 'utf8'));
  for (const { id, part: own } of files) if (own === part && !id.startsWith('corpus/lists/')) yield readFileSync(join(corpus, '..', id));
}

function xz(bytes) {
  const { status, stdout } = spawnSync('xz', ['-9e', '--stdout'], { input: bytes, maxBuffer: 1 << 28 });
  return status === 0 ? (8 * stdout.length) / bytes.length : null;
}

const gzip = (bytes) => (8 * gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }).length) / bytes.length;

/**
 * @param {{ model: string, run: string, data: string, dist: string, seed: number }} what
 * `model`: the folder that would ship; `run`: its training; `data`: what `gatherCorpus` wrote; `dist`: the built project.
 */
export async function judge({ model, run, data, dist, seed }) {
  const { openModel, beginning, bitsPerByte, countBytes, countedBitsPerByte, inductionScores, sequences, drawn } =
    await loadTs('scripts/starter/score.ts');
  const assets = join(dist, 'assets');
  const judged = await openModel(model, assets);
  const counters = countBytes(documentsOf(run, join(data, 'corpus'), 'train'));

  const heldOut = {};
  for (const language of languages) {
    const bytes = readFileSync(join(data, 'held-out', `${language}.txt`));
    heldOut[language] = {
      bytes: bytes.length,
      starter: await bitsPerByte(judged, [bytes.toString('utf8')]),
      ...countedBitsPerByte(counters, [bytes]),
      gzip: gzip(bytes),
      xz: xz(bytes),
      // Short enough for a test to compute it again.
      beginning: await bitsPerByte(judged, [beginning(bytes.toString('utf8'))]),
    };
    console.error(language, heldOut[language]);
  }
  const induction = await inductionScores(judged, seed);
  const continued = await goOn({ model, data, dist, seed, openModel, bitsPerByte, countBytes, countedBitsPerByte });
  const failures = [
    ...languages
      .filter((language) => heldOut[language].starter >= heldOut[language]['5-gram'])
      .map((language) => `${language}: no better than the 5-gram counter`),
    ...(induction[0].score >= goals.induction ? [] : [`induction ${induction[0].score.toFixed(3)}, under ${goals.induction}`]),
    ...(continued.after < continued['3-gram'] ? [] : ['continued: no better than the 3-gram counter of the repository']),
  ];
  return { heldOut, induction: { sequences, drawn, heads: induction.length, best: induction.slice(0, 5) }, continued, failures };
}

/** A minute of `train --from` on the repository, then its held-out files. */
async function goOn({ model, data, dist, seed, openModel, bitsPerByte, countBytes, countedBitsPerByte }) {
  const corpus = join(data, 'repository');
  const run = join(data, 'continued');
  rmSync(run, { recursive: true, force: true });
  const given = ['--from', model, '--minutes', '1', '--seed', String(seed), '--validation', '0.15'];
  const { status, stderr } = spawnSync(process.execPath, [join(dist, 'cli.js'), 'train', corpus, '--out', run, ...given], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  const events = eventsOf(run);
  const last = events.findLast(({ type }) => type === 'step');
  const heldOut = [...documentsOf(run, corpus, 'validation')];
  const training = [...documentsOf(run, corpus, 'train')];
  const texts = heldOut.map((bytes) => bytes.toString('utf8'));
  const size = (files) => files.reduce((sum, bytes) => sum + bytes.length, 0);
  const before = await bitsPerByte(await openModel(model, join(dist, 'assets')), texts);
  const after = await bitsPerByte(await openModel(run, join(dist, 'assets')), texts);
  const counted = countedBitsPerByte(countBytes(training), heldOut);
  const { tokensPerStep } = events.find(({ type }) => type === 'start');
  rmSync(run, { recursive: true, force: true });
  return {
    ...{ files: training.length + heldOut.length, bytes: size(training), heldOutBytes: size(heldOut) },
    ...{ steps: last.step, tokens: last.step * tokensPerStep, seconds: last.elapsedSeconds, before, after },
    ...counted,
  };
}
