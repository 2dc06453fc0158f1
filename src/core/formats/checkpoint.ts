/**
 * A checkpoint: a Hugging Face directory (model, tokenizer), plus `optimizer.safetensors` and `trainer_state.json`, which
 * is what training needs to go on bit for bit. Here are the names, the order and the contents; whoever owns the disk writes
 * the files into a folder aside, in this order, flushes and renames. `trainer_state.json` comes last: a folder that has it
 * is whole.
 */

import { LoupeError } from '../errors';
import type { ModelConfig } from '../model/config';
import type { Parameters } from '../model/parameters';
import type { TrainState } from '../train/loop';
import { modelFiles, readModel } from './huggingFace';
import { type JsonObject, jsonBytes, parseJsonObject } from './json';
import { floatTensor, parseSafetensors, type StoredTensor, tensorFloats, writeSafetensors } from './safetensors';
import { join, type ReadFile } from './shards';

export const optimizerFile = 'optimizer.safetensors';
export const trainerStateFile = 'trainer_state.json';

/** Where the numbers were computed: they come out bit for bit the same only where all of this is the same. */
export interface ComputedBy {
  readonly backend: string;
  /** Version of Loupe, or the digest of its build. */
  readonly build: string;
  readonly cpuFeatures: readonly string[];
  readonly threads: number;
}

export interface TrainerState {
  /** Where the loop goes on: steps done, settings (seed among them), last losses, best checkpoint. */
  readonly training: TrainState;
  readonly config: ModelConfig;
  /** What the run started from; null from nothing. */
  readonly from: string | null;
  readonly computedBy: ComputedBy;
  /** By name ("corpus", "tokens", "tokenizer"): resuming on other data is refused. */
  readonly digests: Readonly<Record<string, string>>;
}

/** Tensors of the optimiser by the names it gives them. */
export type OptimizerState = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

export interface Checkpoint {
  /** Belongs to the caller. */
  readonly params: Parameters;
  readonly optimizer: Map<string, { shape: readonly number[]; data: Float32Array<ArrayBuffer> }>;
  readonly state: TrainerState;
}

/** Every file of a checkpoint, in the order to write them. Weights are F32: rounding them would not be going on. */
export async function checkpointFiles(checkpoint: {
  readonly params: Parameters;
  readonly optimizer: OptimizerState;
  readonly state: TrainerState;
  /** `tokenizer.json`, `tokenizer_config.json`... as the tokenizer writes them. */
  readonly tokenizer: ReadonlyMap<string, Uint8Array>;
}): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>([...checkpoint.tokenizer, ...(await modelFiles(checkpoint.params))]);
  const moments = new Map<string, StoredTensor>();
  for (const [name, { shape, data }] of checkpoint.optimizer) moments.set(name, floatTensor(data, shape));
  files.set(optimizerFile, writeSafetensors(moments));
  files.set(trainerStateFile, trainerStateBytes(checkpoint.state));
  return files;
}

/** Reads all but the tokenizer. Throws `training.nothingToResume` for a folder that is only a model, and the errors of `readModel`. */
export async function readCheckpoint(read: ReadFile, path: string): Promise<Checkpoint> {
  const stateBytes = await read(trainerStateFile);
  const optimizerBytes = await read(optimizerFile);
  if (!stateBytes || !optimizerBytes) throw new LoupeError('training.nothingToResume', { path });
  const state = parseTrainerState(stateBytes, join(path, trainerStateFile));
  const optimizerPath = join(path, optimizerFile);
  const optimizer: Checkpoint['optimizer'] = new Map();
  for (const [name, tensor] of parseSafetensors(optimizerBytes, optimizerPath).tensors) {
    optimizer.set(name, { shape: tensor.shape, data: tensorFloats(tensor, optimizerPath, name) });
  }
  const { params } = await readModel(read, path);
  return { params, optimizer, state };
}

export function trainerStateBytes(state: TrainerState): Uint8Array<ArrayBuffer> {
  return jsonBytes({ format: 'llm-loupe', version: 1, ...state });
}

/** Throws `file.broken`, also for a state that a later Loupe, or another trainer, wrote. */
export function parseTrainerState(bytes: Uint8Array, path: string): TrainerState {
  const { format, version, ...state } = parseJsonObject(bytes, path);
  const broken = (detail: string) => new LoupeError('file.broken', { path, detail });
  if (format !== 'llm-loupe') throw broken('another program wrote it.');
  if (version !== 1) throw broken(`it has version ${String(version)}, and this Loupe reads version 1.`);
  const object = (value: unknown, key: string): JsonObject => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
    throw broken(`"${key}" is missing.`);
  };
  const training = object(state.training, 'training');
  if (!Number.isSafeInteger(training.step) || (training.step as number) < 0) throw broken('"step" is not a number of steps.');
  if (typeof training.elapsedSeconds !== 'number') throw broken('"elapsedSeconds" is missing.');
  for (const [key, value] of Object.entries(object(training.settings, 'settings'))) {
    if (typeof value !== 'number') throw broken(`the setting "${key}" is not a number.`);
  }
  for (const key of ['config', 'computedBy', 'digests']) object(state[key], key);
  return state as unknown as TrainerState;
}

/** What differs between where a checkpoint was computed and here, as names: empty where resuming is bit for bit. */
export function differences(before: ComputedBy, now: ComputedBy): (keyof ComputedBy)[] {
  const keys: (keyof ComputedBy)[] = ['backend', 'build', 'cpuFeatures', 'threads'];
  return keys.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(now[key]));
}
