/** Settings and steps of generation; the steps are what the panel shows and what `generate --json` prints. */

export interface SampleSettings {
  /** 0 is greedy. */
  readonly temperature: number;
  /** 0 keeps all. */
  readonly topK: number;
  /** 1 keeps all. */
  readonly topP: number;
  /** 0 keeps all. */
  readonly minP: number;
  readonly seed: number;
}

export interface Candidate {
  readonly id: number;
  readonly text: string;
  /** Its bytes, where they are not valid UTF-8. */
  readonly bytes?: readonly number[];
  /** Raw logit of the model. */
  readonly logit: number;
  /** Probability by the model itself (temperature 1, nothing cut), over the full vocabulary. */
  readonly probability: number;
  /** Probability it was drawn with: after temperature and the cuts, 0 where it was cut. */
  readonly drawn: number;
}

export interface GenerateStep {
  readonly id: number;
  /** Text that became complete with this token: may be '' while a character is still in pieces. */
  readonly text: string;
  /** Natural logarithm of the model's own probability of the token. */
  readonly logprob: number;
  /** 0 is the most probable. */
  readonly rank: number;
  /** How many tokens were left to draw from. */
  readonly kept: number;
  /** The uniform random number in [0, 1) that chose it. */
  readonly draw: number;
  /** The most probable tokens by logit (at least 20 where there are), and always the one chosen. */
  readonly top: readonly Candidate[];
  /**
   * Sums that `top` alone does not give, when sampling (not when greedy): of the probability after the temperature, over
   * the full vocabulary, what top-k left and what all cuts left; and where in [0, 1) the part of the chosen token begins
   * (tokens share [0, 1) in the order of their logits, the largest first).
   */
  readonly mass?: { readonly topK: number; readonly kept: number; readonly before: number };
}

export type FinishReason = 'length' | 'stop' | 'eos' | 'context' | 'cancelled';

/** What a generation came to. `text` is the texts of its steps, joined. */
export interface Generated {
  readonly text: string;
  /** What the model was given, `<bos>` included. */
  readonly prompt: Uint32Array;
  readonly ids: Uint32Array;
  readonly finish: FinishReason;
}
