/** Where a reference to a model or a tokenizer points: the one place that knows what `starter` and `run:ID@STEP` are. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { LoupeError } from '../core/errors';
import type { ModelConfig } from '../core/model/config';
import { type OpenAiName, openAiNames } from '../core/tokenizer/openai';
import type { ModelRef, RealmConfig, TokenizerRef } from '../protocol/engine';
import { exists } from './files';
import { checkpointPath, livePath, readLatest, readRun, runFile, runPath } from './runs/folder';
import { keptPath } from './runs/kept';

/** A model on disk. */
export interface ModelPlace {
  /** A Hugging Face directory or one file. */
  readonly path: string;
  /** For people. */
  readonly name: string;
  /** Changes when what is on disk changes. */
  readonly version: string;
  /** Nothing on disk: the weights that a run from nothing began with, made again from its seed. */
  readonly fresh?: { readonly config: ModelConfig; readonly seed: number };
}

export type TokenizerPlace =
  | { readonly kind: 'builtIn'; readonly name: OpenAiName }
  | { readonly kind: 'file'; readonly path: string; readonly name: string; readonly version: string };

type Places = Pick<RealmConfig, 'starter' | 'runs'>;

/** Throws `model.notFound`, or `training.noRun` for a run that is not there. */
export async function locateModel(places: Places, ref: ModelRef): Promise<ModelPlace> {
  const start = /^run:(.+)@start$/.exec(ref);
  if (start) {
    const path = runPath(places.runs, start[1]!);
    const { name, config, settings, from } = await readRun(path);
    if (from !== null) return locateModel(places, from);
    return { path, name: `${name}@start`, version: `seed ${settings.seed}`, fresh: { config, seed: settings.seed } };
  }
  const { path, name } = await modelPath(places, ref);
  if (!(await exists(path))) throw new LoupeError('model.notFound', { path });
  return { path, name, version: await versionOf(path, ['model.safetensors', 'model.safetensors.index.json', 'config.json']) };
}

const runReference = /^run:(.+?)(?:@(\d+|live|start))?$/;

async function modelPath(places: Places, ref: ModelRef): Promise<{ path: string; name: string }> {
  if (ref === 'starter') return { path: places.starter, name: 'starter' };
  const run = runReference.exec(ref);
  if (run) return runModel(places, run[1]!, run[2]);
  if (!isAbsolute(ref)) throw new LoupeError('model.notFound', { path: ref });
  // A run made elsewhere (`--out`) opens as its final model, or as its last checkpoint while there is none.
  if (!(await exists(join(ref, 'config.json')))) {
    const latest = await readLatest(ref).catch(() => null);
    if (latest) return { path: checkpointPath(ref, latest.step), name: `${basename(ref)}@${latest.step}` };
  }
  return { path: ref, name: basename(ref) };
}

/** The folder of the run that a model came from, where its training text is; null for other models. */
export async function runOf(places: Places, ref: ModelRef): Promise<string | null> {
  const run = runReference.exec(ref);
  const path = run ? runPath(places.runs, run[1]!) : isAbsolute(ref) ? ref : null;
  return path !== null && (await exists(join(path, runFile))) ? path : null;
}

/** `at`: a step, `live` (the weights of the last evaluation while it trains, else as without), or nothing: the final model or the last checkpoint. */
async function runModel(places: Places, run: string, at: string | undefined): Promise<{ path: string; name: string }> {
  const path = runPath(places.runs, run);
  const { name } = await readRun(path);
  if (at === 'start') return { path, name };
  if (at === 'live' && (await exists(join(livePath(path), 'model.safetensors')))) return { path: livePath(path), name };
  if (at !== undefined && at !== 'live') {
    const step = Number(at);
    const kept = await keptPath(path, step);
    if (kept === null) throw new LoupeError('model.notFound', { path: checkpointPath(path, step) });
    return { path: kept, name: `${name}@${step}` };
  }
  if (await exists(join(path, 'model.safetensors'))) return { path, name };
  const latest = await readLatest(path);
  if (!latest) throw new LoupeError('training.nothingToResume', { path });
  return { path: checkpointPath(path, latest.step), name: `${name}@${latest.step}` };
}

/** Throws `tokenizer.unknown`, or what `locateModel` throws. */
export async function locateTokenizer(places: Places, ref: TokenizerRef): Promise<TokenizerPlace> {
  const builtIn = openAiNames.find((name) => name === ref);
  if (builtIn) return { kind: 'builtIn', name: builtIn };
  if (isAbsolute(ref) && ref.endsWith('.json')) {
    if (!(await exists(ref))) throw new LoupeError('file.notFound', { path: ref });
    return { kind: 'file', path: ref, name: basename(dirname(ref)), version: await versionOf(ref, []) };
  }
  if (ref !== 'starter' && !ref.startsWith('run:') && !isAbsolute(ref)) {
    throw new LoupeError('tokenizer.unknown', { name: ref, known: ['starter', ...openAiNames].join(', ') });
  }
  const { path, name } = await modelPath(places, ref);
  if (!(await exists(path))) throw new LoupeError('model.notFound', { path });
  const folder = (await isFolder(path)) ? path : dirname(path);
  const file = join(folder, 'tokenizer.json');
  if (await exists(file)) return { kind: 'file', path: file, name, version: await versionOf(file, []) };
  // Beside a checkpoint of llama2.c: `tokenizer.bin`, or `tok512.bin` after its size.
  const beside = path.endsWith('.bin') ? (await readdir(folder)).find((each) => /^tok(enizer|\d+)\.bin$/.test(each)) : undefined;
  if (beside === undefined) throw new LoupeError('file.notFound', { path: file });
  return { kind: 'file', path: join(folder, beside), name, version: await versionOf(join(folder, beside), []) };
}

export async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Sizes and times of the files that matter, or of the file itself. */
async function versionOf(path: string, inside: readonly string[]): Promise<string> {
  const files = (await isFolder(path)) ? inside.map((name) => join(path, name)) : [path];
  const stamps = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ size, mtimeMs }) => `${size}:${mtimeMs}`,
        () => '-',
      ),
    ),
  );
  return stamps.join(' ');
}
