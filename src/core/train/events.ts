/**
 * What training says while it runs: a public contract (the command line prints these with `--json`, the dashboard
 * draws them, `events.jsonl` keeps them). Losses are nats per token.
 */
export type TrainEvent =
  /** Before the first step; not kept in the history. `total` is 0 while it is not known. Bytes, or merges for the tokenizer. */
  | { type: 'preparing'; phase: 'corpus' | 'tokenizer' | 'tokens'; done: number; total: number }
  | {
      type: 'manifest';
      files: number;
      bytes: number;
      documents: number;
      leftOut: { reason: string; files: number; bytes: number }[];
      digest: string;
    }
  | { type: 'tokenizer'; vocabSize: number; bytesPerToken: number }
  | {
      type: 'start';
      parameters: number;
      tokensPerStep: number;
      steps: number;
      /** Steps to the highest learning rate; absent in runs from before it was said. */
      warmup?: number;
      backend: string;
      threads: number;
      memoryBytes: number;
      /** Tokens in the training part and in the held-out part. */
      trainTokens: number;
      validationTokens: number;
      /** What it starts from: a reference, or null from nothing. */
      from: string | null;
      seed: number;
    }
  | {
      type: 'step';
      step: number;
      loss: number;
      learningRate: number;
      gradNorm: number;
      tokensPerSecond: number;
      elapsedSeconds: number;
      remainingSeconds: number;
    }
  | { type: 'eval'; step: number; loss: number; valLoss: number; bitsPerByte: number }
  | { type: 'sample'; step: number; prompt: string; text: string; truth: string }
  | { type: 'checkpoint'; step: number; path: string }
  | { type: 'paused'; step: number }
  | { type: 'resumed'; step: number }
  /**
   * Bits per byte of simple models on the same held-out text: uniform and unigram are over tokens; `bytesN` counts N bytes
   * together (Kneser-Ney), trigram and fivegram are older names of bytes3 and bytes5. It comes once they are counted, which
   * is after the first steps; runs from before they were counted have no `bytesN`.
   */
  | {
      type: 'baselines';
      uniform: number;
      unigram: number;
      bytes1?: number;
      bytes2?: number;
      bytes3?: number;
      bytes5?: number;
      trigram: number;
      fivegram: number;
      uniformNats: number;
      unigramNats: number;
    }
  /** `template` and `args`: what `message` was made of, where it has places. Panels translate it. */
  | { type: 'warning'; message: string; template?: string; args?: Record<string, string | number> }
  | { type: 'error'; code: string; args: Record<string, string | number> }
  /** `digest`: of the curve (see curveDigest.ts), the same where another training went the same way to the last bit; absent where the history has lost a step. */
  | {
      type: 'done';
      steps: number;
      loss: number;
      valLoss: number;
      bitsPerByte: number;
      path: string;
      stopped: boolean;
      digest?: string;
    };

export interface TrainSettings {
  readonly seed: number;
  /** Number of optimiser steps, fixed at the start (the schedule depends on it). */
  readonly steps: number;
  readonly batch: number;
  readonly accumulate: number;
  readonly learningRate: number;
  readonly minLearningRate: number;
  readonly warmup: number;
  readonly weightDecay: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly gradClip: number;
  readonly dropout: number;
  readonly evalEvery: number;
  readonly sampleEvery: number;
  readonly checkpointEvery: number;
  /** How many recent checkpoints are kept, besides the best. */
  readonly keep: number;
}
