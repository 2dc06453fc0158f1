/** What a request comes to: the shape of the model and how it is trained, from preset, model to continue, and the user's own settings. */
import { totalmem } from 'node:os';
import { addressableBytes } from '../../backend/memory';
import type { OpenBackend } from '../../backend/open';
import { LoupeError } from '../../core/errors';
import { memoryToTrain } from '../../core/model/account';
import type { ModelConfig } from '../../core/model/config';
import { continueSettings, presetConfig, presetSettings } from '../../core/model/presets';
import type { TrainSettings } from '../../core/train/events';
import type { TrainRequest } from '../../protocol/engine';

type Wish = Pick<TrainRequest, 'preset' | 'config' | 'settings'>;

export interface Plan {
  readonly config: ModelConfig;
  readonly settings: TrainSettings;
}

/** Without a preset, the smallest: whoever sets every dimension needs no other. */
export function presetOf({ preset }: Wish) {
  return preset ?? 'nano';
}

/** From nothing; the vocabulary is the tokenizer's, which may have stopped early. Throws `training.badSettings`. */
export function planNew(wish: Wish, vocabSize?: number): Plan {
  const preset = presetOf(wish);
  return {
    config: presetConfig(preset, { ...wish.config, ...(vocabSize === undefined ? {} : { vocabSize }) }),
    settings: presetSettings(preset, wish.settings),
  };
}

/** Continues a model, which keeps its shape. Throws `training.badSettings`. */
export function planContinue(wish: Wish, config: ModelConfig): Plan {
  const [changed] = Object.entries(wish.config).filter(([key, value]) => config[key as keyof ModelConfig] !== value);
  if (changed) {
    const [setting, value] = changed;
    throw new LoupeError('training.badSettings', { setting, value: String(value), detail: 'a model that is continued keeps its shape' });
  }
  return { config, settings: continueSettings(config, wish.settings) };
}

/** Throws `memory.notEnough` before anything is computed. */
export function checkMemory({ config, settings }: Plan, backend: OpenBackend): void {
  const need = memoryToTrain(config, { ...settings, fused: backend.name === 'loupe' });
  const limit = Math.min(addressableBytes, totalmem());
  const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20);
  if (need > limit) throw new LoupeError('memory.notEnough', { need: megabytes(need), limit: megabytes(limit) });
}
