/** Puts the trained starter model into `media/starter`, with a model card in which every figure is read from the run. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTs } from '../lib/load.mjs';
import { root } from './corpus.mjs';

const millions = (value) => `${(value / 1e6).toFixed(2)} M`;
const megabytes = (value) => `${(value / 1e6).toFixed(1)} MB`;

/** @param {{ run: string, gathered: ReturnType<import('./corpus.mjs').gatherCorpus>, arguments: string[] }} training */
export async function describeStarter({ run, gathered, arguments: given }) {
  const folder = join(root, 'media', 'starter');
  const { storeHalf } = await loadTs('scripts/starter/store.ts');
  storeHalf(run, folder);

  const events = readFileSync(join(run, 'events.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const last = (type) => events.findLast((event) => event.type === type);
  const [start, baselines, evaluation, step, manifest, tokenizer] = ['start', 'baselines', 'eval', 'step', 'manifest', 'tokenizer'].map(
    last,
  );
  const weights = join(folder, 'model.safetensors');
  const digest = createHash('sha256').update(readFileSync(weights)).digest('hex');
  const { bytes, packages } = gathered;
  const rows = packages.map(
    ({ name, version, license, bytes: size }) => `| \`${name}\` | ${version} | ${license} | ${Math.round(size / 1000)} |`,
  );

  const card = `---
license: mit
language: [fr, en]
library_name: transformers
pipeline_tag: text-generation
---

# The starter model of LLM Loupe

A very small Llama-shaped model that ships with the extension so that every view is alive in the first second. It has learnt the look of
French, of English and of source code, and little else: what it writes has the right rhythm and no meaning. It is there to be looked
into and to be continued from, not to be believed.

| | |
|---|---|
| parameters | ${millions(start.parameters)}, stored as f16 (${megabytes(statSync(weights).size)}) |
| tokenizer | byte-level BPE, ${tokenizer.vocabSize} entries, ${tokenizer.bytesPerToken.toFixed(2)} bytes per token on the training text |
| trained on | ${megabytes(manifest.bytes)} in ${manifest.files} files: ${megabytes(bytes.french)} of French novels, ${megabytes(bytes.english)} of English novels, ${megabytes(bytes.code)} of source code (before duplicates are left out) |
| tokens seen | ${millions(step.step * start.tokensPerStep)} (${((step.step * start.tokensPerStep) / start.trainTokens).toFixed(2)} times the training text) |
| held-out text | ${evaluation.bitsPerByte.toFixed(3)} bits per byte, ${evaluation.valLoss.toFixed(3)} nats per token (32 windows of held-out files; these are f32 weights, before storing as f16) |
| for comparison | token frequencies alone: ${baselines.unigram.toFixed(3)} bits per byte; a uniform guess: ${baselines.uniform.toFixed(3)} |
| command | \`llm-loupe train ... ${given.join(' ')}\` (\`npm run starter\`) |
| backend | ${start.backend}, ${Math.round(step.elapsedSeconds / 60)} minutes |
| SHA-256 of \`model.safetensors\` | \`${digest}\` |
| digest of the corpus | \`${manifest.digest}\` |

## What it learnt from

French: pieces of the 36 novels of *Collection de romans français du dix-neuvième siècle* (CLiGS textbox; texts in the public domain).
English: pieces of 50 novels of the European Literary Text Collection (ELTeC-eng; texts in the public domain, markup CC BY 4.0) and of tiny
Shakespeare (public domain). Source code: these packages, under their licences.

| package | version | licence | KB |
|---|---|---|---|
${rows.join('\n')}

## Limits

Old novels and library code: it knows no facts, no recent words, and repeats the prejudices of its books. It reads ${start.contextLength ?? 256} tokens at once.
`;
  writeFileSync(join(folder, 'README.md'), card);
  console.log(`media/starter: ${megabytes(statSync(weights).size)}, ${evaluation.bitsPerByte.toFixed(3)} bits per byte on held-out text`);
}
