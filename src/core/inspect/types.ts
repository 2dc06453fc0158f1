/** Shapes of what the inspectors show. */

/** Means over the rows after the first (which can only look at itself); NaN for a text of one token. */
export interface HeadMetrics {
  readonly layer: number;
  readonly head: number;
  /** Mean attention to the position just before. */
  readonly previousToken: number;
  readonly firstToken: number;
  readonly self: number;
  /** Mean attention to the token that followed the previous occurrence of the current token; NaN where nothing repeats. */
  readonly induction: number;
  /** Mean entropy of the rows, in nats. */
  readonly entropy: number;
  /** Mean distance to what is looked at, in positions, each by its weight. */
  readonly distance: number;
}

/** Surprise per token, as columns. Entry 0 is scored from `<bos>`. */
export interface Scores {
  readonly logprob: Float32Array;
  readonly rank: Uint32Array;
  /** Entropy of the prediction, in nats. */
  readonly entropy: Float32Array;
  /** When asked for: the `count` most probable tokens in place of each, [T, count]. */
  readonly top?: { readonly count: number; readonly ids: Uint32Array; readonly logprobs: Float32Array };
}
