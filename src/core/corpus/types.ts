/** Where training text comes from, and the account of what was left out. */

export interface CorpusRoot {
  /** Absolute path. */
  readonly path: string;
  /** Name for people and for order (folder name in a workspace). */
  readonly name: string;
}

export interface CorpusRequest {
  readonly roots: readonly CorpusRoot[];
  /** Globs relative to a root; empty include means every text file. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Files larger than this are left out. */
  readonly maxFileBytes: number;
  /** What is on screen counts: absolute path -> text. */
  readonly unsaved: Readonly<Record<string, string>>;
  /** Relative ids (`root/path`) unticked by the user. */
  readonly unticked: readonly string[];
  /** Absolute paths that always go to the held-out part. */
  readonly holdOut: readonly string[];
  readonly seed: number;
  /** Share of the documents (by bytes) that is held out for validation, e.g. 0.1. */
  readonly validationShare: number;
}

export type LeftOutReason =
  | 'binary'
  | 'invalidUtf8'
  | 'tooLarge'
  | 'generated'
  | 'minified'
  | 'lockFile'
  | 'duplicate'
  | 'secret'
  | 'ignored'
  | 'excluded'
  | 'unasked'
  | 'outsideLink'
  | 'empty'
  | 'unreadable'
  | 'unticked';

export type CorpusPart = 'train' | 'validation';

export interface CorpusFile {
  /**
   * `root name/relative path` with forward slashes: the identity. A folder that is left out whole is one entry,
   * its id ends with a slash and its bytes are 0 (they were not counted).
   */
  readonly id: string;
  readonly path: string;
  /** UTF-8 bytes of its text. */
  readonly bytes: number;
  readonly part: CorpusPart | null;
  readonly leftOut: LeftOutReason | null;
  /** SHA-256 of its text as UTF-8, in hex; absent where the file was left out before it was read. */
  readonly hash?: string;
  /**
   * Only where the corpus has too few documents to hold one out: the UTF-16 offset from which the text of this
   * training file is held out instead. `corpusTexts` gives each part its own side.
   */
  readonly heldOutFrom?: number;
}

export interface CorpusSummary {
  readonly files: number;
  readonly bytes: number;
  readonly trainBytes: number;
  readonly validationBytes: number;
  readonly leftOut: readonly { readonly reason: LeftOutReason; readonly files: number; readonly bytes: number }[];
  /** Ids of the files that are held out because they were named (the file that was open, say); absent where none was. */
  readonly heldOut?: readonly string[];
  /** Hex digest over ids, parts and contents: the same corpus gives the same digest everywhere. */
  readonly digest: string;
  /** Extensions by bytes, largest first (at most eight). */
  readonly kinds: readonly { readonly extension: string; readonly bytes: number }[];
}
