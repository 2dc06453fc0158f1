/** The engine as a test starts it: the realms bundled from the sources, a tiny model with random weights as the starter. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll } from 'vitest';
import { type Engine, type EngineOptions, startEngine } from '../../src/client/engine';
import { configFile, generationConfigFile } from '../../src/core/formats/huggingFace';
import { floatTensor, writeSafetensors } from '../../src/core/formats/safetensors';
import type { ModelConfig } from '../../src/core/model/config';
import { parameterSpecs } from '../../src/core/model/parameters';
import { Rng } from '../../src/core/rng';
import { trainTokenizer } from '../../src/core/tokenizer/train';
import { tokenizerFiles } from '../../src/engine/tokenizers';
import type { RealmName } from '../../src/protocol/engine';
import { temporaryFolder } from './folders';

export const repository = join(dirname(fileURLToPath(import.meta.url)), '../..');
export const assets = join(repository, 'build', 'assets');

/** Bundles realms as `scripts/build.mjs` does; gives their folder. */
export async function buildRealms(...names: (RealmName | 'probe')[]): Promise<string> {
  const outdir = temporaryFolder();
  await build({
    absWorkingDir: repository,
    entryPoints: Object.fromEntries(names.map((name) => [name, `src/engine/${name}/main.ts`])),
    outdir,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    mainFields: ['module', 'main'],
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  });
  return outdir;
}

/** An engine that is disposed after the test file. */
export function openEngine(options: Pick<EngineOptions, 'realms' | 'starter'> & Partial<EngineOptions>): Engine {
  const engine = startEngine({ runs: null, assets, backend: 'auto', threads: 0, ...options });
  afterAll(() => engine.dispose());
  return engine;
}

const tale =
  'Le petit chat boit du lait. The quick brown fox jumps over the lazy dog. Le petit chien dort; the little cat sleeps.\nfunction add(a, b) { return a + b; }\n';
/** Some text that is not all alike. */
export const story = Array.from({ length: 60 }, (_, i) => `${i}. ${tale.slice(0, 40 + ((i * 37) % 110))}\n`).join('');

export const tinyConfig: ModelConfig = {
  vocabSize: 320,
  dModel: 16,
  nLayers: 2,
  nHeads: 4,
  nKvHeads: 2,
  headDim: 4,
  dFf: 32,
  contextLength: 32,
  ropeTheta: 10000,
  normEps: 1e-5,
  tieEmbeddings: true,
  bosId: 2,
  eosId: 3,
};

/** Writes a Hugging Face directory with random F16 weights and a tokenizer of 320 entries. */
export async function writeTinyModel(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const { vocabulary } = await trainTokenizer([story], { vocabSize: tinyConfig.vocabSize, pattern: 'llama3' });
  const rng = Rng.from(7);
  const tensors = parameterSpecs(tinyConfig).map(({ name, shape, group }) => {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    if (group === 'norm') values.fill(1);
    else rng.split(name).fillNormal(values, 0.3);
    return [name, floatTensor(values, shape, 'F16')] as const;
  });
  const files = new Map<string, Uint8Array>([
    ['config.json', configFile(tinyConfig, 'F16')],
    ['generation_config.json', generationConfigFile(tinyConfig)],
    ['model.safetensors', writeSafetensors(new Map(tensors))],
    ...tokenizerFiles(vocabulary),
  ]);
  for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes);
  return folder;
}
