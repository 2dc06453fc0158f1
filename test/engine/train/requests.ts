/** A workspace and requests so small that a run takes about a second. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainRequest } from '../../../src/protocol/engine';
import { story } from '../realms';

/** Its last lines are those of a file alone: the square of its number, from `first` on. */
export function writeWorkspace(folder: string, first = 0): string {
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < 10; i++)
    writeFileSync(join(folder, `${i}.txt`), story.slice(i * 200, i * 200 + 3000).concat(`${(first + i) ** 2}\n`.repeat(20)));
  return folder;
}

export function requestFor(workspace: string, run: string, over: Partial<TrainRequest> = {}): TrainRequest {
  return {
    corpus: {
      roots: [{ path: workspace, name: 'workspace' }],
      include: [],
      exclude: [],
      maxFileBytes: 1_000_000,
      unsaved: {},
      unticked: [],
      holdOut: [],
      seed: 1,
      validationShare: 0.2,
    },
    run,
    name: run,
    from: null,
    tokenizer: null,
    preset: 'nano',
    config: { vocabSize: 300, dModel: 16, nLayers: 1, nHeads: 2, nKvHeads: 1, headDim: 8, dFf: 32, contextLength: 16 },
    settings: { steps: 24, batch: 2, evalEvery: 8, sampleEvery: 12, checkpointEvery: 8, keep: 2, dropout: 0.1 },
    minutes: null,
    ...over,
  };
}
