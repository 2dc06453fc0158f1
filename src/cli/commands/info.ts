import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Engine } from '../../client/engine';
import { LoupeError } from '../../core/errors';
import type { CurveParts } from '../../core/train/curveDigest';
import { command } from '../command';
import { type Output, size } from '../output';
import { modelRef, tokenizerRef } from '../references';

export const info = command({
  name: 'info',
  usage: 'PATH',
  summary: 'what a model, a tokenizer, a checkpoint or a run is: shapes, parameters, memory',
  example: 'llm-loupe info starter',
  arguments: [1, 1],
  options: {},
  async run({ positionals, out, engine }) {
    const typed = positionals[0]!;
    const path = resolve(typed);
    if (['starter', 'gpt2', 'cl100k', 'o200k'].includes(typed) && !existsSync(path)) {
      return typed === 'starter' ? model(engine(), modelRef(typed), 'model', out) : tokenizer(engine(), typed, out);
    }
    if (!existsSync(path)) throw new LoupeError('file.notFound', { path });
    if (!statSync(path).isDirectory() && path.endsWith('.json')) return tokenizer(engine(), tokenizerRef(path), out);
    // A run is known by the folder that it is in.
    if (existsSync(join(path, 'run.json'))) return run(engine(dirname(path)), path, out);
    if (existsSync(join(path, 'tokenizer.json')) && !existsSync(join(path, 'config.json'))) return tokenizer(engine(), path, out);
    return model(engine(), path, existsSync(join(path, 'trainer_state.json')) ? 'checkpoint' : 'model', out);
  },
});

async function model(engine: Engine, ref: string, kind: 'model' | 'checkpoint', out: Output): Promise<void> {
  const card = await engine.inspect.model({ model: ref });
  if (out.json) return out.document({ kind, ...card });
  const { config } = card;
  const lines = [
    `${kind} ${card.name}, ${card.family}`,
    `${count(card.parameters)} parameters as ${card.dtype}, ${size(card.bytes)} on disk`,
    `${config.nLayers} layers, ${config.nHeads} heads (${config.nKvHeads} key-value), d_model ${config.dModel}, d_ff ${config.dFf}, ` +
      `context ${config.contextLength}, vocabulary ${config.vocabSize}`,
    ...card.parametersByGroup.map(({ group, parameters }) => `  ${group}: ${count(parameters)}`),
    `${count(card.flopsPerToken)} FLOPs per token; memory to run ${size(card.memoryToRun)}, to train ${size(card.memoryToTrain)}`,
    `tokenizer: ${card.tokenizer ? `${card.tokenizer.name}, ${card.tokenizer.vocabSize} entries` : 'none'}; backend ${card.backend}`,
  ];
  await out.line(lines.join('\n'));
}

async function tokenizer(engine: Engine, ref: string, out: Output): Promise<void> {
  const { name, vocabSize } = await engine.text.tokenizerInfo({ tokenizer: ref });
  if (out.json) return out.document({ kind: 'tokenizer', name, vocabSize });
  await out.line(`tokenizer ${name}, ${vocabSize} entries`);
}

async function run(engine: Engine, path: string, out: Output): Promise<void> {
  const found = (await engine.text.runs({})).find((each) => each.id === basename(path));
  if (!found) throw new LoupeError('training.noRun', { run: path });
  const curve = await engine.text.runDigest({ run: found.id });
  if (out.json) return out.document({ kind: 'run', ...found, curve });
  await out.line(
    [
      `run ${found.name}, ${found.state}, preset ${found.preset}, from ${found.from ?? 'nothing'}`,
      `step ${found.step} of ${found.steps}, ${found.bitsPerByte === null ? 'not evaluated yet' : `${found.bitsPerByte.toFixed(3)} bits per byte`}`,
      `checkpoints ${found.checkpoints.join(', ') || 'none'}${found.best === null ? '' : `; best ${found.best}`}; ${size(found.bytes)}`,
      ...(curve ? [`curve ${curve.digest} after step ${curve.step}; ${curveWords(curve)}`] : []),
    ].join('\n'),
  );
}

function curveWords({ parts, everywhere }: { parts: CurveParts; everywhere: boolean }): string {
  const { settings, text, tokenizer } = parts;
  const where = everywhere ? 'the same on every processor' : 'the same on this kind of processor; with --exact on every one';
  return `settings ${settings}, text ${text}, tokenizer ${tokenizer}; ${where}`;
}

function count(number: number): string {
  return number < 1e4 ? String(number) : number < 1e6 ? `${(number / 1e3).toFixed(1)} k` : `${(number / 1e6).toFixed(2)} M`;
}
