/** The model card of the starter: every figure in it is read from the run, from its judgement or from the files themselves. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { authors, judgedOn, unseen } from './packages.mjs';

const millions = (value) => `${(value / 1e6).toFixed(2)} M`;
const megabytes = (value) => `${(value / 1e6).toFixed(1)} MB`;
const bits = (value) => (value === null ? 'not measured' : value.toFixed(3));

/**
 * @param {{ folder: string, gathered: object, judgement: object, phases: { corpus: string, pace: string, events: object[] }[], shape: string, seed: number }} what
 * `folder`: the model as it ships, which gets the card.
 */
export function writeCard({ folder, gathered, judgement, phases, shape, seed }) {
  const weights = join(folder, 'model.safetensors');
  const digest = createHash('sha256').update(readFileSync(weights)).digest('hex');
  const of = (events, type) => events.findLast((event) => event.type === type);
  const last = phases.at(-1).events;
  const [start, manifest, tokenizer, evaluation] = [of(last, 'start'), of(last, 'manifest'), of(last, 'tokenizer'), of(last, 'eval')];
  const runs = phases.map(({ events }) => ({ step: of(events, 'step'), perStep: of(events, 'start').tokensPerStep }));
  const tokens = runs.reduce((sum, { step, perStep }) => sum + step.step * perStep, 0);
  const minutes = runs.reduce((sum, { step }) => sum + step.elapsedSeconds / 60, 0);
  const { bytes, kinds, packages } = gathered;
  const code = Object.entries(kinds)
    .sort(([, a], [, b]) => b - a)
    .map(([kind, size]) => `${megabytes(size)} .${kind}`)
    .join(', ');
  const { heldOut, induction, continued } = judgement;
  const names = { french: 'French', english: 'English', typescript: 'TypeScript' };
  const rows = Object.entries(heldOut).map(
    ([language, one]) =>
      `| ${names[language]}, ${Math.round(one.bytes / 1000)} KB | **${bits(one.starter)}** | ${bits(one['5-gram'])} | ${bits(one['3-gram'])} | ${bits(one.gzip)} | ${bits(one.xz)} |`,
  );
  const [head] = induction.best;

  const card = `---
license: mit
language: [fr, en]
library_name: transformers
pipeline_tag: text-generation
---

# The starter model of LLM Loupe

A small Llama-shaped model that ships with the extension so that every view is alive in the first second. It has learnt the look of
French, of English and of source code, and little else: what it writes has the right rhythm and no meaning. It is there to be looked
into and to be continued from, not to be believed.

| | |
|---|---|
| parameters | ${millions(start.parameters)}, stored as f16 (${megabytes(statSync(weights).size)}) |
| tokenizer | byte-level BPE, ${tokenizer.vocabSize} entries, ${tokenizer.bytesPerToken.toFixed(2)} bytes per token on the training text |
| trained on | ${megabytes(manifest.bytes)} in ${manifest.files} files: ${megabytes(bytes.french)} of French novels, ${megabytes(bytes.english)} of English novels, ${megabytes(bytes.code)} of source code (${code}); beside them ${megabytes(bytes.lists)} of exercises, and ${megabytes(bytes.primer)} of simpler ones before |
| tokens seen | ${millions(tokens)} (${(tokens / start.trainTokens).toFixed(2)} times the training text) |
| validation | ${evaluation.bitsPerByte.toFixed(3)} bits per byte, ${evaluation.valLoss.toFixed(3)} nats per token (windows of files of the same authors and of exercises that were held out; f32 weights) |
| shape | \`${shape}\`, \`rope_theta\` as in \`config.json\` |
${phases.map(({ corpus, pace }, i) => `| phase ${i + 1} | \`llm-loupe train ${corpus} ... ${pace}\` |`).join('\n')}
| all of it | \`npm run starter\`, seed ${seed}; its log and figures are in \`docs/starter\` of the repository |
| backend | loupe: ${start.backend}, ${start.threads} threads; ${Math.round(minutes)} minutes on a machine that did other work too |
| SHA-256 of \`model.safetensors\` | \`${digest}\` |
| digest of the corpus | \`${manifest.digest}\` |

## What it is worth

Bits per byte on texts of authors and packages that it never saw (weights as they ship, windows of ${start.contextLength ?? 256} tokens that overlap by half). The counters are
interpolated Kneser-Ney models over bytes with three discounts, of the very text that the starter was trained on (but for the exercises); \`gzip -9\` and \`xz -9e\`
compress the held-out text alone.

| held-out text | starter | 5-gram counter | 3-gram counter | gzip | xz |
|---|---|---|---|---|---|
${rows.join('\n')}

French: from books by ${authors.fr.join(', ')}. English: ${authors.en.join(', ')}. TypeScript: ${judgedOn.map((name) => `\`${name}\``).join(', ')}.

**Induction.** Of its ${induction.heads} heads, layer ${head.layer} head ${head.head} looks most at what followed a token when it came before: score **${head.score.toFixed(3)}** (mean
attention over ${induction.sequences} sequences of ${induction.drawn} random tokens that come twice; the next best: ${induction.best
    .slice(1, 4)
    .map((one) => `layer ${one.layer} head ${one.head} ${one.score.toFixed(3)}`)
    .join(', ')}; layers and heads count from 0).
It did not find that by itself: before training, two heads of layer 0 were made to look at the token before and two of layer 1 to compare with what those wrote
(\`scripts/starter/begin.ts\`). What they copy, and everything else, is learnt; the score is that of the weights as they ship.

**To continue from.** \`${unseen}\`, ${continued.files} TypeScript files that it never saw, ${Math.round(continued.bytes / 1000)} KB to train on and ${Math.round(continued.heldOutBytes / 1000)} KB held out:
${bits(continued.before)} bits per byte before, **${bits(continued.after)}** after ${Math.round(continued.seconds)} seconds of \`llm-loupe train --from starter --minutes 1\`; that repository's own 3-gram
counter needs ${bits(continued['3-gram'])}, its 5-gram counter ${bits(continued['5-gram'])}.

## What it learnt from

French: pieces of the novels of *Collection de romans français du dix-neuvième siècle* (CLiGS textbox; texts in the public domain).
English: novels of the European Literary Text Collection (ELTeC-eng; texts in the public domain, markup CC BY 4.0) and tiny
Shakespeare (public domain). Source code: these packages, under their licences.

| package | version | licence | KB |
|---|---|---|---|
${packages.map(({ name, version, license, bytes: size }) => `| \`${name}\` | ${version} | ${license} | ${Math.round(size / 1000)} |`).join('\n')}

\`node-gyp\` brings \`gyp\` (BSD-3-Clause), which is the Python.

Exercises: phrases of words of those texts, drawn at random, that come again and again in any order. A model this small comes to an
induction head in so little text only where looking back is rewarded often. The counters above never saw them.

## Limits

Old novels and library code: it knows no facts, no recent words, and repeats the prejudices of its books. It reads ${start.contextLength ?? 256} tokens at once.
`;
  writeFileSync(join(folder, 'README.md'), card);
}
