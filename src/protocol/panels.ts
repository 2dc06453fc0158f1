/**
 * One pair of APIs per panel: `...Host` is answered by the extension, `...View` by the webview.
 * The first thing a webview does is to call `ready`. Errors shown in a panel arrive already in the user's language.
 */
import type { CorpusSummary } from '../core/corpus/types';
import type { ModelConfig } from '../core/model/config';
import type { FinishReason, GenerateStep, SampleSettings } from '../core/sample/types';
import type { TrainEvent, TrainSettings } from '../core/train/events';
import type { AttentionView, InspectApi, RunInfo } from './engine';
import type { Method } from './rpc';

/** A translated message with what the user can do about it. */
export interface PanelMessage {
  readonly title: string;
  readonly detail: string;
  readonly action?: { readonly label: string; readonly command: string };
}

/** Saves a picture or data of a panel; the extension asks where. `copy` puts it on the clipboard (text only). */
export type SaveMethod = Method<{ name: string; mime: string; data: Uint8Array | string; copy?: boolean }, { saved: boolean }>;

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

export type DashboardHost = {
  ready: Method<Record<string, never>, DashboardState>;
  choose: Method<{ run: string }, void>;
  pause: Method<Record<string, never>, void>;
  unpause: Method<Record<string, never>, void>;
  stop: Method<Record<string, never>, void>;
  resume: Method<{ run: string }, void>;
  use: Method<{ run: string }, void>;
  command: Method<{ command: string }, void>;
  save: SaveMethod;
};

export type DashboardView = {
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

export type GenerateHost = {
  ready: Method<Record<string, never>, GenerateState>;
  /** Aborted with the call's own signal. */
  generate: Method<
    { prompt: string; maxTokens: number; settings: SampleSettings },
    { text: string; finish: FinishReason; tokensPerSecond: number },
    GenerateStep
  >;
  /** Puts the text where the cursor of the last editor is. */
  insert: Method<{ text: string }, void>;
  command: Method<{ command: string }, void>;
  save: SaveMethod;
};

export type GeneratePanelView = {
  show: Method<GenerateState, void>;
};
