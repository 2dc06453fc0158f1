/**
 * The whole contract of the engine: three realms, each a worker of its own. Every method takes one argument object and
 * returns a promise; `progress` is the type of what it reports meanwhile. Nothing here knows how it is computed.
 * Errors are `{code, args}` (see core/errors). Numbers in columns are typed arrays.
 */

import type { CorpusFile, CorpusPart, CorpusRequest, CorpusSummary } from '../core/corpus/types';
import type { LineSurprise } from '../core/inspect/lines';
import type { HeadMetrics, Scores } from '../core/inspect/types';
import type { ModelConfig, PresetName } from '../core/model/config';
import type { FinishReason, GenerateStep, SampleSettings } from '../core/sample/types';
import type { EncodedText, KnownMerge, MergeStep, PatternName } from '../core/tokenizer/types';
import type { ByteBaselines } from '../core/train/byteCounters';
import type { CurveParts } from '../core/train/curveDigest';
import type { TrainEvent, TrainSettings } from '../core/train/events';
import type { Method } from './rpc';

/**
 * `starter`; `run:ID`, `run:ID@STEP`, `run:ID@live` (as of the last evaluation, while it trains) or `run:ID@start` (what it started
 * from) for a run of this workspace; or the absolute path of a folder or file.
 */
export type ModelRef = string;
/** `gpt2`, `cl100k`, `o200k`; a `tokenizer.json`; or a `ModelRef`, for that model's tokenizer. */
export type TokenizerRef = string;

/** Given to every realm when its worker starts. */
export interface RealmConfig {
  /** Folder of the shipped starter model. */
  readonly starter: string;
  /** Folder of the runs of this workspace; null where there is none. */
  readonly runs: string | null;
  /** Folder of the bundled engine files (wasm). */
  readonly assets: string;
  readonly backend: 'auto' | 'loupe' | 'wasm' | 'cpu' | 'tensorflow';
  /** 0: one for each physical core. */
  readonly threads: number;
  /** The same bits on every processor, somewhat slower. */
  readonly exact?: boolean | undefined;
  /** Somebody works beside it, in an editor: of these cores one is left free, and training gives way. */
  readonly beside?: boolean | undefined;
  /** Folder in which the native `@tensorflow/tfjs-node` is installed; empty where there is none. */
  readonly tensorflow?: string | undefined;
}

// ---------------------------------------------------------------- text: tokenizers, corpus, files of runs; no tfjs

export interface TokenizerInfo {
  readonly ref: TokenizerRef;
  readonly name: string;
  readonly vocabSize: number;
}

export interface TokenInfo {
  readonly id: number;
  readonly bytes: Uint8Array;
  /** null where the bytes are not valid UTF-8. */
  readonly text: string | null;
  readonly rank: number | null;
  /** How it was built: each merge from small to large, last is the token itself; empty for bytes and special tokens. */
  readonly path: readonly {
    readonly left: number;
    readonly right: number;
    readonly merged: number;
    readonly rank: number | null;
    readonly leftBytes: Uint8Array;
    readonly rightBytes: Uint8Array;
  }[];
  readonly special: boolean;
}

export interface TextChange {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

export interface RunInfo {
  readonly id: string;
  /** As people call it: the one it was started with, until they give it another. */
  readonly name: string;
  /** What people wrote on it; empty where they wrote nothing. */
  readonly note: string;
  readonly path: string;
  readonly created: number;
  readonly bytes: number;
  readonly state: 'running' | 'paused' | 'finished' | 'stopped' | 'interrupted' | 'failed';
  /** Process that trains it now, if any. */
  readonly pid: number | null;
  readonly step: number;
  readonly steps: number;
  readonly bitsPerByte: number | null;
  readonly preset: string;
  readonly from: ModelRef | null;
  /** Steps of the checkpoints on disk; `best` among them. */
  readonly checkpoints: readonly number[];
  readonly best: number | null;
}

/** What the digest of a run's curve is of, besides settings, shape and losses (core/train/curveDigest.ts). */
export interface RunCurve {
  /** Digests in hex: of training and held-out text as ids, of the tokenizer's files. */
  readonly text: string;
  readonly tokenizer: string;
  /** Computed exactly: any processor must come to the same curve. */
  readonly everywhere: boolean;
}

/** A run of at least 30 characters that stands in the training text, to the letter. UTF-16 offsets in the text that was asked about. */
export interface Copy {
  readonly start: number;
  readonly end: number;
  /** The first place it stands at that was found, 0-based; null where documents cannot be told apart. */
  readonly source: { readonly id: string; readonly path: string; readonly line: number; readonly character: number } | null;
}

export interface Copied {
  /** By their start; they may overlap. */
  readonly runs: readonly Copy[];
  /** Share of the text's bytes that lie in some run. */
  readonly share: number;
}

/** What every head looks at in the fixed prompt of a run, at one step. */
export interface AttentionFrame {
  readonly step: number;
  /** Tokens of the prompt with `<bos>`; where they are many, cells that each stand for some. */
  readonly size: number;
  readonly nLayers: number;
  readonly nHeads: number;
  /** [L, H, size, size], rows look: 255 times the square root of the weight, rounded. */
  readonly values: Uint8Array;
}

/** Digests of what a run's figures were measured with and on. */
export interface MeasuredOn {
  readonly tokenizer: string;
  /** Of the held-out text, whatever its tokens are; null where nothing was held out. */
  readonly text: string | null;
}

/** Kinds of text that the starter was judged on. */
export type TextKind = 'french' | 'english' | 'typescript';

export interface Judged {
  readonly bitsPerByte: number;
  readonly fiveBytes: number;
  /** What was judged on; null: the text that was held out of the run's training, whatever that is. */
  readonly kind: TextKind | null;
}

export type TextApi = {
  tokenizers: Method<Record<string, never>, TokenizerInfo[]>;
  tokenizerInfo: Method<{ tokenizer: TokenizerRef }, TokenizerInfo>;
  /** Each text alone. */
  encode: Method<{ texts: string[]; tokenizer: TokenizerRef; special?: boolean }, EncodedText[]>;
  /** Any bytes, valid UTF-8 or not: each byte that is not counts as one UTF-16 unit. Throws `text.notUtf8` where only text is known. */
  encodeBytes: Method<{ bytes: Uint8Array; tokenizer: TokenizerRef; special?: boolean }, EncodedText>;
  count: Method<{ texts: string[]; tokenizers: TokenizerRef[] }, number[]>;
  decode: Method<{ ids: Uint32Array; tokenizer: TokenizerRef }, { bytes: Uint8Array }>;
  token: Method<{ tokenizer: TokenizerRef; id: number }, TokenInfo>;
  tokens: Method<{ tokenizer: TokenizerRef; ids: Uint32Array }, { bytes: Uint8Array; text: string | null }[]>;
  /** From bytes to tokens, one merge at a time (see `Merging` of core). Throws `tokenizer.noMerges`. */
  merges: Method<
    { text: string; tokenizer: TokenizerRef },
    { start: Uint32Array; words: Uint32Array; known: KnownMerge[]; steps: MergeStep[]; tokens: Uint32Array }
  >;
  /** Mirrors of editors, for incremental tokens: `version` is the document's. */
  openDocument: Method<{ uri: string; version: number; text: string }, void>;
  changeDocument: Method<{ uri: string; version: number; changes: TextChange[] }, void>;
  closeDocument: Method<{ uri: string }, void>;
  /** Tokens that touch the ranges, equal to those of the whole document; null when `version` is no longer current. */
  documentTokens: Method<
    { uri: string; version: number; tokenizer: TokenizerRef; ranges: { start: number; end: number }[] },
    EncodedText[] | null
  >;
  /** Tokens of the whole document by each tokenizer, and its characters (code points); null as above. */
  countDocument: Method<{ uri: string; version: number; tokenizers: TokenizerRef[] }, { counts: number[]; characters: number } | null>;
  trainTokenizer: Method<
    { paths: string[]; vocabSize: number; pattern: PatternName; out: string },
    { vocabSize: number; merges: number; bytes: number; words: number; seconds: number; bytesPerToken: number; stoppedEarly: boolean },
    { bytes: number; merges: number }
  >;
  /** Walks and filters; the id serves `corpusFiles` until the next survey. */
  survey: Method<CorpusRequest, { corpus: number; summary: CorpusSummary }, { files: number; bytes: number }>;
  corpusFiles: Method<{ corpus: number; offset: number; count: number }, { files: CorpusFile[]; total: number }>;
  runs: Method<Record<string, never>, RunInfo[]>;
  /** What was fixed when the run started. */
  runRecord: Method<{ run: string }, { config: ModelConfig; settings: TrainSettings; corpus: CorpusSummary; curve: RunCurve | null }>;
  /** The digest of the curve after its last step; null before the first, and where it cannot be known. */
  runDigest: Method<{ run: string }, { step: number; digest: string; parts: CurveParts; everywhere: boolean } | null>;
  runEvents: Method<{ run: string; from: number }, { events: TrainEvent[]; next: number }>;
  /** Reports new events as another process writes them; ends with the run or on abort. */
  watchRun: Method<{ run: string; from: number }, void, TrainEvent>;
  /** Steps of a run whose weights are kept (`run:ID@STEP`): its checkpoints, and models of older ones; ascending. */
  keptSteps: Method<{ run: string }, number[]>;
  /** Recorded at each evaluation of the steps after `after`; none for runs from before they were. */
  attentionFrames: Method<{ run: string; after: number }, AttentionFrame[]>;
  measuredOn: Method<{ run: string }, MeasuredOn>;
  /** Whether a file was trained on or held out by the run that a model came from; null where it was neither, and for other models. */
  partOf: Method<{ model: ModelRef; path: string }, CorpusPart | null>;
  /** What counted bytes predict of a run's held-out text, in bits per byte; null where nothing is held out. */
  counters: Method<{ run: string }, ByteBaselines | null>;
  /**
   * Bits per byte on held-out text, of a model and of a counter of five bytes that read the same training text: of a run, or of
   * the starter for the kind of text that its card knows. Null where that is not known.
   */
  judged: Method<{ model: ModelRef; kind: TextKind | null }, Judged | null>;
  /** What in each text was copied from the training text of a run of this machine; null for any other model. */
  copies: Method<{ model: ModelRef; texts: string[] }, Copied[] | null>;
  /** Gives it another name or a note; an empty name is the one it was started with. Touches nothing else of the run. */
  describeRun: Method<{ run: string; name?: string; note?: string }, void>;
  deleteRun: Method<{ run: string }, { bytes: number }>;
};

// ---------------------------------------------------------------- inspect: the active model

export interface ModelCard {
  readonly ref: ModelRef;
  readonly name: string;
  readonly family: string;
  readonly config: ModelConfig;
  readonly parameters: number;
  readonly parametersByGroup: readonly { readonly group: string; readonly parameters: number }[];
  readonly bytes: number;
  readonly dtype: string;
  readonly flopsPerToken: number;
  readonly memoryToRun: number;
  readonly memoryToTrain: number;
  readonly backend: string;
  readonly tokenizer: TokenizerInfo | null;
}

/** A token's text, or where that is not valid UTF-8 `text: null` and its bytes. */
export type OwnText = { readonly text: string } | { readonly text: null; readonly bytes: readonly number[] };

export interface AttentionToken {
  readonly id: number;
  /** Text of the token's span; for a fragment, the whole character. */
  readonly text: string;
  /** "byte 1 of 3": null for whole tokens. */
  readonly fragment: { readonly index: number; readonly of: number } | null;
  /** What is its own, where it is a fragment. */
  readonly own?: OwnText;
  /** UTF-16 offsets in `context + text`; -1 for `<bos>`. */
  readonly start: number;
  readonly end: number;
}

/** What numbers were computed with, for those who take them out. */
export interface MadeWith {
  readonly model: string;
  readonly tokenizer: Pick<TokenizerInfo, 'name' | 'vocabSize'>;
  readonly contextLength: number;
  /** dtype of the weights as stored, and what computes. */
  readonly dtype: string;
  readonly backend: string;
}

/** One text seen by one model; `view` names it in later calls until it is released. T tokens, `<bos>` first. */
export interface AttentionView extends MadeWith {
  readonly view: number;
  readonly tokens: readonly AttentionToken[];
  /** Index of the first token of the selection (it may begin with a space of the context); those before it are context. */
  readonly firstSelected: number;
  /** Tokens of the context that did not fit, of those near enough to be looked at. */
  readonly droppedContext: number;
  /** Tokens at the end of the text that did not fit (only where it was asked to be cut). */
  readonly droppedText: number;
  readonly nLayers: number;
  readonly nHeads: number;
  readonly nKvHeads: number;
  readonly headDim: number;
  readonly metrics: readonly HeadMetrics[];
}

/** How surprised a model is by pieces of a document. */
export interface Surprise {
  /** Changes when the weights do. */
  readonly version: string;
  readonly contextLength: number;
  readonly pieces: readonly SurprisePiece[];
}

/** The tokens of the whole document that touch one range, with offsets in the document; entry i of each column is of token i. */
export interface SurprisePiece {
  readonly tokens: EncodedText;
  /** Nats; NaN for a first token that nothing predicts. With the five most probable tokens in its place. */
  readonly scores: Scores;
  /** How many tokens of the document the model had read before each. */
  readonly context: Uint32Array;
}

export type InspectApi = {
  model: Method<{ model: ModelRef }, ModelCard>;
  /**
   * The Hugging Face folder that a model is read from, for other programs, and the id that every text begins with where it has
   * one. Throws `python.noFolder` for a model that other programs cannot open: one file of llama2.c, or weights that are nowhere.
   */
  checkpoint: Method<{ model: ModelRef }, { path: string; bos: number | null; contextLength: number }>;
  /**
   * `context` is the text before `text`; it is kept from its end as far as the model's context allows.
   * A text that does not fit is refused (`text.tooLong`), or with `cut` only its beginning is shown.
   */
  attend: Method<{ model: ModelRef; context: string; text: string; cut?: boolean }, AttentionView>;
  /** Softmax patterns of all heads, averaged down to `size` x `size` (or T x T if smaller): [L, H, size, size]. */
  thumbnails: Method<{ view: number; size: number }, { size: number; values: Float32Array }>;
  /** `scores` are q.k, [T, T] (also where masked); `pattern` is after scale, mask and softmax, [T, T]. */
  head: Method<{ view: number; layer: number; head: number }, { scores: Float32Array; pattern: Float32Array }>;
  /** q of one row, k and v of all positions (after RoPE), output = pattern . v: [d], [T, d], [T, d], [d]. */
  row: Method<
    { view: number; layer: number; head: number; row: number },
    { q: Float32Array; k: Float32Array; v: Float32Array; output: Float32Array }
  >;
  release: Method<{ view: number }, void>;
  /** `special` is what stands before the prompt, in its ids too. */
  generate: Method<
    { model: ModelRef; prompt: string; maxTokens: number; stop: string[]; settings: SampleSettings },
    MadeWith & { special: readonly string[]; text: string; prompt: Uint32Array; finish: FinishReason; tokensPerSecond: number },
    GenerateStep
  >;
  /** What a generation from this prompt is made with, as `generate` says at its end: for one that was stopped. */
  prompted: Method<{ model: ModelRef; prompt: string }, MadeWith & { special: readonly string[]; prompt: Uint32Array }>;
  /**
   * Surprise of each token of `text` after `context`; texts longer than the context slide by half of it. `special` is what every
   * window begins with, `read` how many tokens behind it the model had read before each.
   */
  score: Method<
    { model: ModelRef; context: string; text: string },
    MadeWith & {
      special: readonly string[];
      tokens: EncodedText;
      scores: Scores;
      read: Uint32Array;
      bytes: number;
      nll: number;
      bitsPerByte: number;
      perplexity: number;
    }
  >;
  /**
   * The same numbers, to the last digit, for pieces of a document: those that `score` gives for its whole text. Only what the
   * model must read for the pieces is computed, and kept while text and weights stay. `text` is the whole document, or null
   * where this `version` of it was sent before. Null where it was not, or is no longer known: send it. `whole`: pieces hold all
   * tokens that the passes for them have scored.
   */
  surprise: Method<
    { model: ModelRef; uri: string; version: number; text: string | null; ranges: { start: number; end: number }[]; whole: boolean },
    Surprise | null
  >;
  /**
   * Computes the passes around a place of a document that `surprise` was asked about, nearest first, and keeps them for it; how
   * many were new. Stops where one takes long. Throws `cancelled`, and what the model throws.
   */
  surpriseAhead: Method<{ model: ModelRef; uri: string; version: number; place: number }, number>;
  /**
   * The lines of a file that surprise the model most, by bits per byte, at most `count`. `text` null: as it is on the disk. `lines`:
   * only these (from 0), in ascending order; null for all.
   */
  surprisingLines: Method<
    { model: ModelRef; path: string; text: string | null; lines: number[] | null; count: number },
    { lines: LineSurprise[]; bits: number; bytes: number }
  >;
  /** The most probable tokens at the end of a text. */
  next: Method<{ model: ModelRef; text: string; count: number }, { id: number; text: string; logit: number; probability: number }[]>;
  /** Every intermediate tensor of cli.md, as the bytes of a safetensors file. */
  activations: Method<{ model: ModelRef; text: string | null; ids: number[] | null; only: string | null }, { bytes: Uint8Array }>;
  neighbours: Method<{ model: ModelRef; token: string; count: number }, { id: number; text: string; similarity: number }[]>;
  analogy: Method<{ model: ModelRef; a: string; b: string; c: string; count: number }, { id: number; text: string; similarity: number }[]>;
  unload: Method<Record<string, never>, void>;
};

// ---------------------------------------------------------------- train

export interface PresetOffer {
  readonly preset: PresetName | 'continue';
  readonly config: ModelConfig;
  readonly settings: TrainSettings;
  readonly parameters: number;
  readonly flopsPerToken: number;
  readonly memoryBytes: number;
  /** From a probe of at most two seconds; null before it was made. */
  readonly seconds: number | null;
  readonly tokensPerSecond: number | null;
}

export interface TrainRequest {
  readonly corpus: CorpusRequest;
  /** Folder name under the runs folder, or an absolute folder (`--out`). */
  readonly run: string;
  readonly name: string;
  /** Continue this model with its tokenizer; null: from nothing. */
  readonly from: ModelRef | null;
  readonly tokenizer: TokenizerRef | null;
  readonly preset: PresetName | null;
  /** What the user set explicitly, over the preset. */
  readonly config: Partial<ModelConfig>;
  readonly settings: Partial<TrainSettings>;
  readonly minutes: number | null;
}

export interface TrainResult {
  readonly run: string;
  readonly path: string;
  readonly state: 'finished' | 'stopped';
}

export type TrainApi = {
  /** What each choice would cost, with `seconds` predicted from a probe. */
  offers: Method<{ from: ModelRef | null; presets: PresetName[]; bytes: number }, PresetOffer[], PresetOffer>;
  start: Method<TrainRequest, TrainResult, TrainEvent>;
  /** Goes on from the last checkpoint, bit for bit as if never interrupted. */
  resume: Method<{ run: string }, TrainResult, TrainEvent>;
  pause: Method<Record<string, never>, void>;
  unpause: Method<Record<string, never>, void>;
  /** Finishes the step, writes a checkpoint; `start`/`resume` then resolve with `stopped`. */
  stop: Method<Record<string, never>, void>;
  /** What `text.counters` counted for the run in progress: its history then says it. Not waited for; counted there where it never comes. */
  counted: Method<{ run: string; counters: ByteBaselines }, void>;
  status: Method<Record<string, never>, { run: string | null; paused: boolean; step: number; steps: number }>;
};

// ---------------------------------------------------------------- probe: lives for one call, when a native backend is there

export interface Measured {
  readonly description: string;
  readonly threads: number;
  /** Of whole training steps of a small model. */
  readonly tokensPerSecond: number;
}

export type ProbeApi = {
  /** The speed of the backend that the realm was started with. */
  measure: Method<Record<string, never>, Measured>;
};

export interface EngineApi {
  text: TextApi;
  inspect: InspectApi;
  train: TrainApi;
}
export type RealmName = keyof EngineApi;
