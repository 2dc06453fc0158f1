/**
 * The presets: everything that decides a training curve is fixed, so that a class gets the same one on every laptop.
 * Sizes with the vocabulary given here: nano 0.20 M, micro 0.80 M, mini 3.0 M, small 11 M parameters.
 */
import { LoupeError } from '../errors';
import type { TrainSettings } from '../train/events';
import type { ModelConfig, PresetName } from './config';

export interface Preset {
  readonly config: ModelConfig;
  readonly settings: TrainSettings;
}

export const presetNames: readonly PresetName[] = ['nano', 'micro', 'mini', 'small'];

type Shape = Pick<ModelConfig, 'vocabSize' | 'dModel' | 'nLayers' | 'nHeads' | 'dFf' | 'contextLength'>;
type Pace = Pick<TrainSettings, 'steps' | 'batch' | 'learningRate'>;

const shapes: Readonly<Record<PresetName, Shape & Pace>> = {
  nano: {
    ...{ vocabSize: 768, dModel: 64, nLayers: 3, nHeads: 4, dFf: 176, contextLength: 128 },
    ...{ steps: 600, batch: 8, learningRate: 3e-3 },
  },
  micro: {
    ...{ vocabSize: 1536, dModel: 128, nLayers: 3, nHeads: 4, dFf: 352, contextLength: 128 },
    ...{ steps: 1200, batch: 12, learningRate: 2e-3 },
  },
  mini: {
    ...{ vocabSize: 2048, dModel: 192, nLayers: 6, nHeads: 6, dFf: 512, contextLength: 256 },
    ...{ steps: 2000, batch: 8, learningRate: 1e-3 },
  },
  small: {
    ...{ vocabSize: 4096, dModel: 320, nLayers: 8, nHeads: 10, dFf: 864, contextLength: 256 },
    ...{ steps: 3000, batch: 8, learningRate: 7e-4 },
  },
};

/** The shape of a preset's model; `over` replaces parts of it (a vocabulary that stopped early). Throws like `checkConfig`. */
export function presetConfig(name: PresetName, over: Partial<ModelConfig> = {}): ModelConfig {
  const { steps: _steps, batch: _batch, learningRate: _learningRate, ...shape } = shapes[name];
  const merged = { ...shape, ...over };
  const config: ModelConfig = {
    nKvHeads: merged.nHeads,
    headDim: merged.dModel / merged.nHeads,
    ropeTheta: 10000,
    normEps: 1e-5,
    tieEmbeddings: true,
    bosId: 2,
    eosId: 3,
    ...merged,
  };
  checkConfig(config);
  return config;
}

/** How a preset trains; `over` replaces parts, and the warm-up and the intervals follow the number of steps. Throws like `checkSettings`. */
export function presetSettings(name: PresetName, over: Partial<TrainSettings> = {}): TrainSettings {
  const { steps, batch, learningRate } = shapes[name];
  return trainSettings({ steps, batch, learningRate, ...over });
}

/**
 * What continues a trained model, in under a minute on a laptop: small batches and the rate of a training from nothing, for of
 * so few tokens many small steps learn most (docs/decisions.md); the model's own context.
 */
export function continueSettings(config: ModelConfig, over: Partial<TrainSettings> = {}): TrainSettings {
  const batch = Math.max(1, Math.round(512 / config.contextLength));
  return trainSettings({ steps: 160, batch, learningRate: 1e-3, ...over });
}

/** How often a training of so many steps is looked at and saved; what is saved is looked at too. */
export function intervalsOf(steps: number): Pick<TrainSettings, 'evalEvery' | 'sampleEvery' | 'checkpointEvery'> {
  // A look takes as long as a few steps: a short training has fewer.
  const evalEvery = Math.max(1, Math.round(steps / (steps < 240 ? 13 : 20)));
  return { evalEvery, sampleEvery: 2 * evalEvery, checkpointEvery: 2 * evalEvery };
}

/** Settings in full from the few that must be chosen. */
export function trainSettings(chosen: Partial<TrainSettings> & Pace): TrainSettings {
  const { steps, learningRate } = chosen;
  const settings: TrainSettings = {
    seed: 1,
    accumulate: 1,
    minLearningRate: learningRate / 10,
    warmup: Math.min(100, Math.ceil(steps / 10)),
    weightDecay: 0.1,
    beta1: 0.9,
    beta2: 0.99,
    gradClip: 1,
    dropout: 0,
    ...intervalsOf(steps),
    keep: 3,
    ...chosen,
  };
  checkSettings(settings);
  return settings;
}

type Rule<T> = readonly [setting: keyof T & string, holds: boolean, detail: string];

function check<T>(values: T, rules: readonly Rule<T>[]): void {
  for (const [setting, holds, detail] of rules) {
    if (!holds) throw new LoupeError('training.badSettings', { setting, value: String(values[setting]), detail });
  }
}

const whole = (value: number, least: number) => Number.isSafeInteger(value) && value >= least;

/** Throws `training.badSettings`, naming the first thing that cannot be. */
export function checkConfig(config: ModelConfig): void {
  const { nHeads, nKvHeads, headDim } = config;
  check(config, [
    ['vocabSize', whole(config.vocabSize, 2) && config.vocabSize <= 2 ** 24, 'it is a whole number from 2 to 16,777,216'],
    ['dModel', whole(config.dModel, 1) && config.dModel <= 2 ** 16, 'it is a whole number from 1 to 65,536'],
    ['nLayers', whole(config.nLayers, 1) && config.nLayers <= 1024, 'it is a whole number from 1 to 1,024'],
    ['nHeads', whole(nHeads, 1) && nHeads <= 1024, 'it is a whole number from 1 to 1,024'],
    ['nKvHeads', whole(nKvHeads, 1) && nHeads % nKvHeads === 0, `it has to divide the number of heads, ${nHeads}`],
    ['headDim', whole(headDim, 2) && headDim % 2 === 0, `a head needs an even width; dModel divided by ${nHeads} heads usually gives it`],
    ['dFf', whole(config.dFf, 1) && config.dFf <= 2 ** 20, 'it is a whole number from 1 to 1,048,576'],
    ['contextLength', whole(config.contextLength, 1) && config.contextLength <= 2 ** 20, 'it is a whole number from 1 to 1,048,576'],
    ['ropeTheta', Number.isFinite(config.ropeTheta) && config.ropeTheta > 1, 'it is a number above 1'],
    ['normEps', Number.isFinite(config.normEps) && config.normEps > 0, 'it is a small number above 0'],
  ]);
}

/** Throws `training.badSettings`, naming the first thing that cannot be. */
export function checkSettings(settings: TrainSettings): void {
  const within = (value: number, low: number, high: number) => value >= low && value <= high;
  const counts = ['steps', 'batch', 'accumulate', 'evalEvery', 'sampleEvery', 'checkpointEvery', 'keep'] as const;
  check(settings, [
    ...counts.map((name) => [name, whole(settings[name], 1), 'it is a whole number from 1'] as const),
    ['seed', whole(settings.seed, 0), 'it is a whole number from 0'],
    ['learningRate', within(settings.learningRate, Number.MIN_VALUE, 1), 'it is a number above 0, at most 1'],
    ['minLearningRate', within(settings.minLearningRate, 0, settings.learningRate), 'it lies between 0 and the learning rate'],
    ['warmup', whole(settings.warmup, 0) && settings.warmup <= settings.steps, 'it is a whole number from 0 to the number of steps'],
    ['weightDecay', within(settings.weightDecay, 0, 10), 'it lies between 0 and 10'],
    ['beta1', within(settings.beta1, 0, 0.9999), 'it lies between 0 and 0.9999'],
    ['beta2', within(settings.beta2, 0, 0.999999), 'it lies between 0 and 0.999999'],
    ['gradClip', settings.gradClip > 0, 'it is a number above 0'],
    ['dropout', within(settings.dropout, 0, 0.9), 'it lies between 0 and 0.9'],
  ]);
}
