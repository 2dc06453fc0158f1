/**
 * What all subjects of a training are given: one model on disk, as a Hugging Face directory, and batches of ids. So they
 * begin with the same weights and see the same tokens, and their first losses must be equal.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelFiles } from '../../../src/core/formats/huggingFace';
import type { ModelConfig } from '../../../src/core/model/config';
import { disposeParameters, initialise } from '../../../src/core/model/parameters';
import { Rng } from '../../../src/core/rng';
import type { Batch } from '../../../src/core/train/batches';

export const learningRate = 1e-3;
export const clip = 1;

export interface Task {
  readonly config: ModelConfig;
  /** Sequences of a batch; each is as long as the context. */
  readonly sequences: number;
  readonly batches: number;
}

const llama = (config: Pick<ModelConfig, 'vocabSize' | 'dModel' | 'nLayers' | 'nHeads' | 'dFf' | 'contextLength'>): ModelConfig => ({
  ...{ nKvHeads: config.nHeads, headDim: config.dModel / config.nHeads, ropeTheta: 10000, normEps: 1e-5, tieEmbeddings: true },
  ...config,
});

export const small: Task = {
  config: llama({ vocabSize: 65, dModel: 128, nLayers: 4, nHeads: 4, dFf: 352, contextLength: 64 }),
  ...{ sequences: 12, batches: 8 },
};
export const large: Task = {
  config: llama({ vocabSize: 8192, dModel: 384, nLayers: 6, nHeads: 6, dFf: 1024, contextLength: 256 }),
  ...{ sequences: 4, batches: 8 },
};
/** GPT-2 small's shape in Llama's blocks, 124 M parameters. */
export const gpt2Shaped = llama({ vocabSize: 50257, dModel: 768, nLayers: 12, nHeads: 12, dFf: 2048, contextLength: 1024 });

/** Writes the files of a model of this shape, with weights that depend on nothing else. The current backend makes the numbers. */
export async function writeModel(config: ModelConfig, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const params = initialise(config, 1);
  for (const [name, bytes] of await modelFiles(params)) writeFileSync(join(folder, name), bytes);
  disposeParameters(params);
}

export async function writeTask(task: Task, folder: string): Promise<void> {
  await writeModel(task.config, folder);
  const { sequences, batches, config } = task;
  const ids = Int32Array.from({ length: batches * sequences * (config.contextLength + 1) }, (_, i) =>
    Rng.from(5).below(i, config.vocabSize),
  );
  writeFileSync(join(folder, 'batches.i32'), ids);
  writeFileSync(join(folder, 'task.json'), JSON.stringify({ ...task, learningRate, clip }));
}

export function readTask(folder: string): { task: Task; batches: Batch[] } {
  const task = JSON.parse(readFileSync(join(folder, 'task.json'), 'utf8')) as Task;
  const ids = new Int32Array(Uint8Array.from(readFileSync(join(folder, 'batches.i32'))).buffer);
  const length = task.config.contextLength + 1;
  const rows = Array.from({ length: ids.length / length }, (_, i) => ids.subarray(i * length, (i + 1) * length));
  const batches = Array.from({ length: task.batches }, (_, i) => {
    const windows = rows.slice(i * task.sequences, (i + 1) * task.sequences);
    return { inputs: windows.map((row) => row.subarray(0, -1)), targets: windows.map((row) => row.subarray(1)) };
  });
  return { task, batches };
}
