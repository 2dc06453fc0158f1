/**
 * One pair of APIs per panel: `...Host` is answered by the extension, `...View` by the webview.
 * The first thing a webview does is to call `ready`. Errors shown in a panel arrive already in the user's language.
 */
import type { CorpusSummary } from '../core/corpus/types';
import type { ModelConfig } from '../core/model/config';
import type { FinishReason, GenerateStep, SampleSettings } from '../core/sample/types';
import type { EncodedText } from '../core/tokenizer/types';
import type { TrainEvent, TrainSettings } from '../core/train/events';
import type {
  AttentionFrame,
  AttentionView,
  Copied,
  InspectApi,
  MadeWith,
  MeasuredOn,
  RunCurve,
  RunInfo,
  TextApi,
  TokenInfo,
  TokenizerRef,
} from './engine';
import type { Method } from './rpc';

/** A translated message with what the user can do about it. */
export interface PanelMessage {
  readonly title: string;
  readonly detail: string;
  readonly action?: { readonly label: string; readonly command: string };
}

/** Puts a Python program that computes the picture again on the clipboard; where it cannot be, the extension says why. */
type PythonMethod<Params> = Method<Params, { saved: boolean }>;

/** Saves a picture or data of a panel; the extension asks where. `copy` puts it on the clipboard (text only). */
export type SaveMethod = Method<{ name: string; mime: string; data: Uint8Array | string; copy?: boolean }, { saved: boolean }>;

/** A copied run and where it stood when the model was trained; the file may have changed since. Line and character from 0. */
export interface CopiedFrom {
  readonly path: string;
  readonly line: number;
  readonly character: number;
  /** What was copied. */
  readonly text: string;
}

// ---------------------------------------------------------------- attention

export type AttentionState =
  | { kind: 'empty'; message: PanelMessage }
  | { kind: 'loading'; model: string }
  | { kind: 'error'; message: PanelMessage }
  | {
      kind: 'ready';
      view: AttentionView;
      /** Name of the document, for the header. */
      document: string;
      selectionOnly: boolean;
      pinned: boolean;
      /** The text changed since. */
      stale: boolean;
      /** The head that was asked for with this view; null: whichever the reader had. */
      head: { readonly layer: number; readonly head: number } | null;
    };

export type AttentionHost = {
  ready: Method<Record<string, never>, AttentionState>;
  thumbnails: InspectApi['thumbnails'];
  head: InspectApi['head'];
  row: InspectApi['row'];
  /** Lights a token in the editor; null: none. */
  hover: Method<{ token: number | null }, void>;
  /** Puts the cursor of the editor on a token. */
  reveal: Method<{ token: number }, void>;
  pin: Method<{ pinned: boolean }, void>;
  selectionOnly: Method<{ on: boolean }, void>;
  refresh: Method<Record<string, never>, void>;
  command: Method<{ command: string }, void>;
  save: SaveMethod;
  /** Of one head of the view; `cell` is the one that is looked at, if any. */
  python: PythonMethod<{ view: number; layer: number; head: number; cell: { row: number; col: number } | null }>;
};

export type AttentionPanelView = {
  show: Method<AttentionState, void>;
  /** The cursor of the editor stands on this token; null: outside. */
  select: Method<{ token: number | null }, void>;
};

// ---------------------------------------------------------------- training dashboard

export interface DashboardRun {
  readonly info: RunInfo;
  readonly config: ModelConfig | null;
  readonly settings: TrainSettings | null;
  readonly corpus: CorpusSummary | null;
  /** What the digest of its curve is of; null where that is not known. */
  readonly curve: RunCurve | null;
  /** This window trains it (and so may pause and stop it). */
  readonly mine: boolean;
  /** It is the active model already. */
  readonly active: boolean;
}

export type DashboardState =
  | { kind: 'empty'; message: PanelMessage }
  | { kind: 'preparing'; phase: string; done: number; total: number }
  | { kind: 'error'; message: PanelMessage; run: DashboardRun | null; events: TrainEvent[] }
  | { kind: 'run'; run: DashboardRun; events: TrainEvent[]; others: readonly RunInfo[] };

/** Runs beside the one on screen, with all they said; `measured` is null where it is not known what that was measured on. */
export interface Comparison {
  readonly own: MeasuredOn | null;
  readonly runs: readonly {
    readonly run: DashboardRun;
    readonly events: readonly TrainEvent[];
    readonly measured: MeasuredOn | null;
  }[];
}

export interface KeptWeights {
  /** Steps whose weights can be looked at, ascending. */
  readonly steps: readonly number[];
  /** The step that every view shows now; 0 for what the run began with; null for its last weights, and for another model. */
  readonly shown: number | null;
}

export type DashboardHost = {
  ready: Method<Record<string, never>, DashboardState>;
  choose: Method<{ run: string }, void>;
  pause: Method<Record<string, never>, void>;
  unpause: Method<Record<string, never>, void>;
  stop: Method<Record<string, never>, void>;
  resume: Method<{ run: string }, void>;
  use: Method<{ run: string }, void>;
  /** Asks for a new training that begins with this run's model. */
  continue: Method<{ run: string }, void>;
  /** Another name, a note: kept in the run's folder. */
  describe: Method<{ run: string; name?: string; note?: string }, void>;
  /** Asks, then moves the run into the trash; the panel goes on to another. */
  delete: Method<{ run: string }, { deleted: boolean }>;
  /** What in each text was copied from the run's training text; null where that is not known. */
  copies: Method<{ run: string; texts: string[] }, Copied[] | null>;
  openCopied: Method<CopiedFrom, void>;
  comparison: Method<{ run: string }, Comparison>;
  /** Asks which runs to compare with; what was chosen comes by `compared`. */
  compare: Method<Record<string, never>, void>;
  /** Takes one run away from the comparison. */
  uncompare: Method<{ run: string }, Comparison>;
  kept: Method<{ run: string }, KeptWeights>;
  /** Makes the weights of a step the active model (0: what it began with; null: the last). */
  look: Method<{ run: string; step: number | null }, KeptWeights>;
  /** What the heads looked at in the fixed prompt, of the steps after `after`. */
  frames: Method<{ run: string; after: number }, AttentionFrame[]>;
  /** The same from the weights that are kept, for a run that recorded none. */
  computeFrames: Method<{ run: string }, AttentionFrame[], { done: number; total: number }>;
  /** Opens the inspector on the prompt, with the kept weights nearest to the step. */
  inspectPrompt: Method<{ run: string; step: number; layer: number; head: number }, void>;
  command: Method<{ command: string }, void>;
  save: SaveMethod;
};

export type DashboardView = {
  compared: Method<{ run: string; comparison: Comparison }, void>;
  show: Method<DashboardState, void>;
  events: Method<{ run: string; events: TrainEvent[] }, void>;
  /** The run changed otherwise: paused, became active, ... */
  update: Method<{ run: DashboardRun }, void>;
};

// ---------------------------------------------------------------- generation

export interface GenerateState {
  readonly model: string;
  readonly prompt: string;
  readonly settings: SampleSettings;
  readonly maxTokens: number;
  /** What should be known before trusting it ("a small model trained for ..."): null when there is nothing to say. */
  readonly notice: string | null;
  readonly error: PanelMessage | null;
}

/** What wrote a text, and after what. */
export interface GeneratedWith extends MadeWith {
  /** Read before the prompt: `<bos>`, or nothing where the model knows no such token. */
  readonly special: readonly string[];
  /** Ids of both. */
  readonly prompt: readonly number[];
}

export type GenerateHost = {
  ready: Method<Record<string, never>, GenerateState>;
  /** Aborted with the call's own signal. */
  generate: Method<
    { prompt: string; maxTokens: number; settings: SampleSettings },
    { text: string; finish: FinishReason; tokensPerSecond: number; made: GeneratedWith },
    GenerateStep
  >;
  /** What the last generation, from this prompt, was made with: for one that was stopped. */
  made: Method<{ prompt: string }, GeneratedWith>;
  /** Puts the text where the cursor of the last editor is. */
  insert: Method<{ text: string }, void>;
  /** What in the text that was generated last was copied from the training text; null where that is not on this machine. */
  copies: Method<{ text: string }, Copied | null>;
  openCopied: Method<CopiedFrom, void>;
  /** Says no more what was compared, here and in the status bar (a setting). */
  hideComparison: Method<Record<string, never>, void>;
  command: Method<{ command: string }, void>;
  save: SaveMethod;
  /** Of the distribution of `step`; `written` are the ids that were generated before it. */
  python: PythonMethod<{ prompt: string; settings: SampleSettings; written: number[]; step: GenerateStep }>;
};

export type GeneratePanelView = {
  show: Method<GenerateState, void>;
  /** The state's notice, where it is known later than the rest. */
  noticed: Method<{ notice: string | null }, void>;
  /** The model does worse than counting bytes, in words; null: not so, or not to be said. */
  compared: Method<{ words: string | null }, void>;
};

// ---------------------------------------------------------------- merges

/** The merges of a text (see `Merging` of core), with the bytes of every entry that occurs. */
export interface MergesView extends Readonly<TextApi['merges']['result']> {
  readonly entries: readonly { readonly id: number; readonly bytes: Uint8Array }[];
}

export interface MergesState {
  readonly text: string;
  /** Characters that were asked for and left out: a picture of so many steps could not be read. */
  readonly left: number;
  /** Its name. */
  readonly tokenizer: string;
  readonly view: MergesView | null;
  /** An entry that is taken apart from the beginning: that of a token someone came from. */
  readonly entry: TokenInfo | null;
  readonly error: PanelMessage | null;
}

export type MergesHost = {
  ready: Method<Record<string, never>, MergesState>;
  encode: Method<{ text: string }, MergesState>;
  entry: Method<{ id: number }, TokenInfo>;
  /** Asks for another tokenizer; what it makes of the text comes by `show`. */
  chooseTokenizer: Method<Record<string, never>, void>;
  save: SaveMethod;
};

export type MergesPanelView = {
  show: Method<MergesState, void>;
};

// ---------------------------------------------------------------- tokenizers compared

export interface ComparedRow {
  readonly ref: TokenizerRef;
  readonly name: string;
  readonly vocabSize: number | null;
  /** Null where it cannot be had: `error` says why. */
  readonly tokens: EncodedText | null;
  readonly error: string | null;
  /** Tokens of the two parallel texts. */
  readonly french: number | null;
  readonly english: number | null;
}

export interface CompareState {
  readonly text: string;
  /** Characters that were asked for and left out. */
  readonly left: number;
  readonly rows: readonly ComparedRow[];
  readonly parallel: { readonly french: string; readonly english: string; readonly source: string };
  /** At most so many rows. */
  readonly most: number;
}

export type CompareHost = {
  ready: Method<Record<string, never>, CompareState>;
  compare: Method<{ text: string }, CompareState>;
  remove: Method<{ ref: TokenizerRef }, CompareState>;
  /** Asks which tokenizers; what they make of the text comes by `show`. */
  choose: Method<Record<string, never>, void>;
  merges: Method<{ ref: TokenizerRef; text: string; token: number }, void>;
  save: SaveMethod;
};

export type ComparePanelView = {
  show: Method<CompareState, void>;
};

// ---------------------------------------------------------------- start here

export const startSteps = ['merges', 'attention', 'train', 'surprise'] as const;
export type StartStep = (typeof startSteps)[number];

export interface StartState {
  /** What the reader has done, in the order of the steps. */
  readonly done: readonly StartStep[];
  /** Name of the reader's text that the steps would use; null: none is open. */
  readonly file: string | null;
  /** The steps use the sample, by choice or because nothing else is there. */
  readonly onSample: boolean;
  /** Training needs a folder, and trust. */
  readonly training: 'ready' | 'noFolder' | 'untrusted';
}

export type StartHost = {
  ready: Method<Record<string, never>, StartState>;
  /** Does the real thing. */
  act: Method<{ step: StartStep }, void>;
  useSample: Method<{ on: boolean }, void>;
  openFolder: Method<Record<string, never>, void>;
  reset: Method<Record<string, never>, void>;
};

export type StartPanelView = {
  show: Method<StartState, void>;
};
