/** The shape of a Llama-like model, and the presets that fix it for a class. */

export interface ModelConfig {
  readonly vocabSize: number;
  /** Width of the residual stream (`hidden_size`). */
  readonly dModel: number;
  readonly nLayers: number;
  readonly nHeads: number;
  /** Key-value heads; `nHeads` must be a multiple of it (grouped-query attention). */
  readonly nKvHeads: number;
  readonly headDim: number;
  /** Width of the SwiGLU feed-forward (`intermediate_size`). */
  readonly dFf: number;
  /** Longest sequence (`max_position_embeddings`). */
  readonly contextLength: number;
  readonly ropeTheta: number;
  readonly normEps: number;
  readonly tieEmbeddings: boolean;
  readonly bosId?: number;
  readonly eosId?: number;
}

export type PresetName = 'nano' | 'micro' | 'mini' | 'small';
