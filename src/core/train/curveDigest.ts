/**
 * The digest of a curve: twelve hex digits that are the same where two trainings are the same to the last bit, so that a
 * class can compare them by eye. Over what decides the numbers (settings, shape, text as ids, tokenizer) and every training
 * loss, bit for bit, in order: one link of a chain per step, so that every step has its own and a step costs microseconds.
 * Not in it: where it ran, with how many threads, how long, how often it was evaluated or saved, when it was resumed. What it
 * started from shows in its first loss.
 */
import { hex, sha256 } from '../corpus/sha256';
import type { ModelConfig } from '../model/config';
import type { TrainEvent, TrainSettings } from './events';

/** What decides a curve, and is known before its first step. */
export interface CurveFacts {
  readonly settings: TrainSettings;
  readonly config: ModelConfig;
  /** Digests, in hex, of the training and held-out text as ids, and of the tokenizer's files. */
  readonly text: string;
  readonly tokenizer: string;
}

/** Short digests of what goes in, in hex: where two runs differ, one of these, or else the losses, says why. */
export interface CurveParts {
  readonly settings: string;
  readonly text: string;
  readonly tokenizer: string;
}

/** The settings that change a training loss; the others say only what is looked at, and when. */
const deciding = [
  'seed',
  'steps',
  'batch',
  'accumulate',
  'learningRate',
  'minLearningRate',
  'warmup',
  'weightDecay',
  'beta1',
  'beta2',
  'gradClip',
  'dropout',
] as const satisfies readonly (keyof TrainSettings)[];

const digits = 12;
const partDigits = 6;

/** The chain before its first step: 32 bytes. */
export function curveStart(facts: CurveFacts): Uint8Array {
  return digestOf(['llm-loupe curve 1', ...decided(facts), facts.text, facts.tokenizer]);
}

/** The chain after one more step with this training loss (nats per token, all of its 64 bits). */
export function curveStep(chain: Uint8Array, loss: number): Uint8Array {
  const link = new Uint8Array(chain.length + 8);
  link.set(chain);
  new DataView(link.buffer).setFloat64(chain.length, loss, true);
  return sha256(link);
}

/** The chain after step `last`, from the history of a run; null where a step is missing. */
export function curveAfter(facts: CurveFacts, history: readonly TrainEvent[], last: number): Uint8Array | null {
  let chain = curveStart(facts);
  let step = 0;
  for (const event of history) {
    if (event.type !== 'step' || event.step > last) continue;
    if (event.step !== ++step) return null;
    chain = curveStep(chain, event.loss);
  }
  return step === last ? chain : null;
}

/** As people compare it. */
export function curveDigest(chain: Uint8Array): string {
  return hex(chain).slice(0, digits);
}

export function curveParts(facts: CurveFacts): CurveParts {
  return {
    settings: hex(digestOf(decided(facts))).slice(0, partDigits),
    text: facts.text.slice(0, partDigits),
    tokenizer: facts.tokenizer.slice(0, partDigits),
  };
}

function decided({ settings, config }: CurveFacts): unknown[] {
  return [deciding.map((name) => settings[name]), Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1))];
}

function digestOf(value: unknown): Uint8Array {
  return sha256(new TextEncoder().encode(JSON.stringify(value)));
}
