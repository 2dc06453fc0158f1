/**
 * Surprise of pieces of documents: the windows of `score` over the whole text, of which only those are computed that a piece
 * needs. What a window gives depends on its tokens and on the weights alone, so it is kept by them: scrolling back, typing
 * below, and a second editor cost nothing. It knows no model: how a window is scored is handed in.
 */
import { columns } from '../../core/inspect/judge';
import { copyScores, type Window, windows } from '../../core/inspect/surprisal';
import type { Scores } from '../../core/inspect/types';
import type { EncodedText, Tokenizer } from '../../core/tokenizer/types';
import type { SurprisePiece } from '../../protocol/engine';
import { sliceTokens } from '../columns';

/** Most probable tokens that are told for each. */
export const topScores = 5;

const keptDocuments = 8;
/** Of one document: by the model as it is, and by the one it started from. */
const keptTokens = 2;
/** At a context of 256, some eight thousand tokens: 250 lines of a program up, and as many down. */
const windowsAhead = 64;
/** Some seven kilobytes each, at a context of 256. */
const keptWindows = 1024;

interface Known {
  readonly version: number;
  readonly text: string;
  readonly tokens: Map<Tokenizer, EncodedText>;
}

/** The texts of documents, as the host last sent them, and their tokens. */
export class SurpriseTexts {
  private readonly documents = new Map<string, Known>();

  /** Null where this version is not known. */
  tokens(uri: string, version: number, text: string | null, tokenizer: Tokenizer): EncodedText | null {
    let known = this.documents.get(uri);
    if (text !== null && (known?.version !== version || known.text !== text)) known = { version, text, tokens: new Map() };
    if (known?.version !== version) return null;
    // Looked at last, given up last.
    keep(this.documents, uri, known, keptDocuments);
    let tokens = known.tokens.get(tokenizer);
    if (!tokens) {
      tokens = tokenizer.encodeSpans(known.text);
      keep(known.tokens, tokenizer, tokens, keptTokens);
    }
    return tokens;
  }
}

/** UTF-16 offsets in a document. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** What must be known of a model to ask for its scores. */
export interface ScoredModel {
  /** Changes when the weights do. */
  readonly version: string;
  readonly contextLength: number;
  readonly bos: number | undefined;
}

/** Scores of windows, by their tokens and the version of the model. */
export class WindowScores {
  private readonly known = new Map<string, Scores>();

  constructor(private readonly limit = keptWindows) {}

  /** As `pieces`, of a model that need not be loaded; null where some window was never computed. */
  async knownPieces(tokens: EncodedText, ranges: readonly Range[], whole: boolean, model: ScoredModel): Promise<SurprisePiece[] | null> {
    const all = this.windows(tokens, model);
    const needed = ranges.flatMap((range) => all.filter(touching(tokens, range)));
    if (!needed.every((window) => this.known.has(keyOf(tokens.ids, window, model.version)))) return null;
    return this.pieces(tokens, ranges, whole, model, () => Promise.reject(new Error('every window is known')));
  }

  /**
   * The tokens that touch each range, scored; if `whole`, all tokens of the windows needed for that. `compute` scores one window
   * and may throw to stop; what was computed until then is kept.
   */
  async pieces(
    tokens: EncodedText,
    ranges: readonly Range[],
    whole: boolean,
    model: ScoredModel,
    compute: (window: Window) => Promise<Scores>,
  ): Promise<SurprisePiece[]> {
    const all = this.windows(tokens, model);
    const pieces: SurprisePiece[] = [];
    for (const range of ranges) {
      const needed = all.filter(touching(tokens, range));
      const [from, to] = whole && needed.length > 0 ? [needed[0]!.first, needed.at(-1)!.end] : indexes(tokens, range);
      const scores = columns(to - from, topScores);
      const context = new Uint32Array(to - from);
      for (const window of needed) {
        const found = await this.window(tokens.ids, window, model.version, compute);
        const [first, last] = [Math.max(from, window.first), Math.min(to, window.end)];
        copyScores(found, first - window.first, last - window.first, scores, first - from);
        for (let index = first; index < last; index++) context[index - from] = index - window.start;
      }
      pieces.push({ tokens: sliceTokens(tokens, from, to), scores, context });
    }
    return pieces;
  }

  /** Computes the windows around a place, the nearest first, that are not known, until `compute` gives null. How many it gave. */
  async ahead(
    tokens: EncodedText,
    place: number,
    model: ScoredModel,
    compute: (window: Window) => Promise<Scores | null>,
  ): Promise<number> {
    const all = this.windows(tokens, model);
    const here = all.findIndex(touching(tokens, { start: place, end: place + 1 }));
    const near = [...all.entries()].sort(([a], [b]) => Math.abs(a - here) - Math.abs(b - here)).slice(0, windowsAhead);
    let computed = 0;
    for (const [, window] of near) {
      const key = keyOf(tokens.ids, window, model.version);
      if (this.known.has(key)) continue;
      const scores = await compute(window);
      if (!scores) break;
      keep(this.known, key, scores, this.limit);
      computed++;
    }
    return computed;
  }

  private windows({ ids }: EncodedText, { contextLength, bos }: ScoredModel): Window[] {
    return windows(ids.length, 0, contextLength, bos !== undefined);
  }

  private async window(ids: Uint32Array, window: Window, version: string, compute: (window: Window) => Promise<Scores>): Promise<Scores> {
    const key = keyOf(ids, window, version);
    const scores = this.known.get(key) ?? (await compute(window));
    keep(this.known, key, scores, this.limit);
    return scores;
  }
}

function keyOf(ids: Uint32Array, { start, first, end }: Window, version: string): string {
  return `${version} ${first - start} ${Buffer.from(ids.slice(start, end).buffer).toString('latin1')}`;
}

/** The tokens that touch a range: from the first index up to, not including, the second. */
function indexes(tokens: EncodedText, { start, end }: Range): [number, number] {
  const from = firstWhere(tokens.end, (at) => at > start);
  const to = firstWhere(tokens.start, (at) => at >= end);
  return [from, Math.max(from, to)];
}

/** Whether a window scores some token that touches the range. */
function touching(tokens: EncodedText, range: Range): (window: Window) => boolean {
  const [from, to] = indexes(tokens, range);
  return ({ first, end }) => end > from && first < to;
}

/** Puts a value last, and gives up the first ones beyond the limit. */
function keep<K, T>(map: Map<K, T>, key: K, value: T, limit: number): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= limit) break;
    map.delete(oldest);
  }
}

/** Index of the first value of an ascending column for which `test` holds, from which on it does. */
function firstWhere(column: Uint32Array, test: (value: number) => boolean): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(column[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low;
}
