/**
 * Which surprise is painted in which editor: where nothing on screen is painted yet, first the lines around the cursor that
 * one pass of the model tells; then what is visible, then a margin around it, so that scrolling finds it there; and once nothing
 * is asked for, what lies further, so that a jump does. Old colours stay until the new ones are known. An edit or a scroll takes
 * the place of what is being computed; new weights wait for it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { EncodedText } from '../../core/tokenizer/types';
import type { ModelRef, Surprise, SurprisePiece } from '../../protocol/engine';
import { type ClipLimits, clip, clipLimits, type Span } from '../services/clip';
import { type OffsetRange, prepareOffsets } from '../services/offsets';
import type { TextWindow } from '../services/places';
import { SurpriseDecorations } from './decorations';
import type { Scores } from './scores';
import { addSteps, bitsLook, bitsOf, changeLook, type Look, type Paint, rankLook, type Scale, sum } from './steps';
import type { Subject } from './text';

/** The model whose surprise is shown. */
export interface Shown extends Subject {
  readonly ref: ModelRef;
  /** What it started from, where the change is shown. */
  readonly before: ModelRef | null;
}

/** A piece of an editor that is painted. */
export interface ShownSurprise {
  readonly model: Shown;
  readonly piece: SurprisePiece;
  readonly before: SurprisePiece | null;
}

export interface Painted {
  readonly model: Shown;
  readonly scale: Scale;
  /** Bits per byte of what is visible; of `change`, its difference from the start. NaN where nothing is. */
  readonly perByte: number;
}

interface State {
  abort: AbortController | null;
  /** Ends what is computed before anybody looks there. */
  ahead: AbortController | null;
  timer: NodeJS.Timeout | undefined;
  /** To be painted once more after what is being computed. */
  again: boolean;
  shown: { version: number; ranges: vscode.Range[]; pieces: ShownSurprise[] } | null;
  painted: Painted | null;
  error: unknown;
}

/** Nothing around what is visible. */
const visibleOnly: ClipLimits = { ...clipLimits, margin: 0, around: 0 };
/** Rest before anything is computed that nobody looks at. */
const aheadRestMs = 1_000;

export class SurprisePainter implements vscode.Disposable {
  private readonly decorations = new SurpriseDecorations();
  private readonly states = new WeakMap<vscode.TextEditor, State>();
  private readonly changed = new vscode.EventEmitter<vscode.TextEditor>();
  /** Something else is painted in an editor, or painting it failed. */
  readonly onDidPaint = this.changed.event;

  /** @param wanted what an editor shows; null where it shows no surprise. */
  constructor(
    private readonly scores: Scores,
    private readonly wanted: (editor: vscode.TextEditor) => { model: Shown; scale: Scale } | null,
  ) {}

  /** After an edit or a scroll: what is being computed is no longer wanted. */
  moved(editor: vscode.TextEditor, restMs: number): void {
    const state = this.state(editor);
    clearTimeout(state.timer);
    state.ahead?.abort();
    state.timer = setTimeout(() => {
      state.abort?.abort();
      void this.paint(editor, state);
    }, restMs);
  }

  /** After new weights or another scale: what is being computed may finish, and follows. */
  changedModel(editor: vscode.TextEditor): void {
    const state = this.state(editor);
    if (state.abort) state.again = true;
    else void this.paint(editor, state);
  }

  clear(editor: vscode.TextEditor): void {
    const state = this.states.get(editor);
    if (!state) return;
    clearTimeout(state.timer);
    state.abort?.abort();
    state.ahead?.abort();
    this.states.delete(editor);
    this.decorations.clear(editor);
  }

  painted(editor: vscode.TextEditor): Pick<State, 'painted' | 'error'> | undefined {
    return this.states.get(editor);
  }

  at = (document: vscode.TextDocument, place: vscode.Position): ShownSurprise | null => {
    for (const editor of vscode.window.visibleTextEditors) {
      const shown = this.states.get(editor)?.shown;
      if (editor.document !== document || shown?.version !== document.version) continue;
      const found = shown.ranges.findIndex((range) => range.contains(place));
      if (found >= 0) return shown.pieces[found]!;
    }
    return null;
  };

  dispose(): void {
    this.decorations.dispose();
    this.changed.dispose();
  }

  private state(editor: vscode.TextEditor): State {
    let state = this.states.get(editor);
    if (!state) {
      state = { abort: null, ahead: null, timer: undefined, again: false, shown: null, painted: null, error: null };
      this.states.set(editor, state);
    }
    return state;
  }

  private async paint(editor: vscode.TextEditor, state: State): Promise<void> {
    const abort = new AbortController();
    state.abort = abort;
    state.ahead?.abort();
    do {
      state.again = false;
      try {
        if (isNew(editor, state)) await this.once(editor, state, null, abort.signal);
        const visible = await this.once(editor, state, visibleOnly, abort.signal);
        if (visible) await this.once(editor, state, clipLimits, abort.signal);
      } catch (error) {
        if (abort.signal.aborted) return;
        state.error = error;
        this.changed.fire(editor);
      }
    } while (state.again && !abort.signal.aborted);
    if (state.abort !== abort) return;
    state.abort = null;
    void this.ahead(editor, state);
  }

  private async ahead(editor: vscode.TextEditor, state: State): Promise<void> {
    state.ahead = new AbortController();
    const { signal } = state.ahead;
    try {
      await sleep(aheadRestMs, undefined, { signal });
      const wanted = this.wanted(editor);
      if (wanted) await this.scores.ahead(editor.document, wanted.model.ref, lookedAt(editor).start, signal);
    } catch {
      // Whoever looks there is told what is wrong.
    }
  }

  /** Paints what lies within the limits; without them what comes with the token at the cursor. False where it is not wanted any more. */
  private async once(editor: vscode.TextEditor, state: State, limits: ClipLimits | null, signal: AbortSignal): Promise<boolean> {
    const wanted = this.wanted(editor);
    if (!wanted) return false;
    const { model, scale } = wanted;
    const { document } = editor;
    const { version } = document;
    const spans = limits ? spansWithin(editor, limits) : [];
    await prepareOffsets(document, limits ? (spans.at(-1)?.start.line ?? 0) : document.lineCount);
    if (document.version !== version || signal.aborted) return false;
    const parts = spans.map(({ start, end }) => partOf(document, new vscode.Range(start.line, start.character, end.line, end.character)));
    const ranges = limits ? parts.map(({ offset, text }) => ({ start: offset, end: offset + text.length })) : [lookedAt(editor)];
    const ask = (ref: ModelRef) => this.scores.of(document, ref, ranges, limits === null, signal);
    const now = await ask(model.ref);
    const before = now && scale === 'change' && model.before ? await ask(model.before) : null;
    if (!now || signal.aborted || document.version !== version || !this.wanted(editor)) return false;
    if (scale === 'change' && !before) return false;

    const paint: Paint = new Map();
    const windows = limits ? parts : now.pieces.map(({ tokens }) => partOf(document, rangeOf(document, tokens)));
    for (const [i, window] of windows.entries()) {
      addSteps(paint, now.pieces[i]!.tokens, window, lookOf(scale, now.pieces[i]!, before?.pieces[i] ?? null));
    }
    this.decorations.show(editor, paint);
    const pieces = now.pieces.map((piece, i) => ({ model, piece, before: before?.pieces[i] ?? null }));
    state.shown = { version, ranges: windows.map(({ range }) => range), pieces };
    state.error = null;
    if (limits === visibleOnly) state.painted = { model, scale, perByte: perByte(now, before, ranges) };
    this.changed.fire(editor);
    return true;
  }
}

/** Nothing on screen has colours: after a jump, or at the beginning. */
function isNew({ visibleRanges }: vscode.TextEditor, { shown }: State): boolean {
  return !shown?.ranges.some((range) => visibleRanges.some((visible) => visible.intersection(range)));
}

/** A character at the cursor, or in the middle of what is visible where that is out of sight. */
function lookedAt({ document, visibleRanges, selection }: vscode.TextEditor): OffsetRange {
  const visible = visibleRanges.find((range) => range.contains(selection.active)) ?? visibleRanges[0];
  const middle = visible && new vscode.Position((visible.start.line + visible.end.line) >> 1, 0);
  const at = document.offsetAt(middle && !visible.contains(selection.active) ? middle : selection.active);
  return { start: Math.max(0, at - 1), end: at + 1 };
}

function spansWithin({ document, visibleRanges, selection }: vscode.TextEditor, limits: ClipLimits): Span[] {
  const lines = { count: document.lineCount, length: (line: number) => document.lineAt(line).text.length };
  return clip(visibleRanges, lines, selection.active, limits);
}

interface Part extends TextWindow {
  readonly range: vscode.Range;
}

function partOf(document: vscode.TextDocument, range: vscode.Range): Part {
  return { range, text: document.getText(range), offset: document.offsetAt(range.start), start: range.start, glyphs: false };
}

function rangeOf(document: vscode.TextDocument, { start, end }: EncodedText): vscode.Range {
  return new vscode.Range(document.positionAt(start[0] ?? 0), document.positionAt(end.at(-1) ?? 0));
}

function lookOf(scale: Scale, { scores }: SurprisePiece, before: SurprisePiece | null): (index: number) => Look | null {
  if (scale === 'rank') return (i) => (Number.isNaN(scores.logprob[i]!) ? null : rankLook(scores.rank[i]!));
  if (scale === 'bits') return (i) => bitsLook(bitsOf(scores.logprob[i]!));
  return (i) => changeLook(bitsOf(scores.logprob[i]!) - bitsOf(before?.scores.logprob[i] ?? Number.NaN));
}

function perByte(now: Surprise, before: Surprise | null, ranges: readonly { start: number; end: number }[]): number {
  const mean = ({ pieces }: Surprise) => {
    const sums = pieces.map(({ tokens, scores }, i) => sum(tokens, scores.logprob, ranges[i]!.start, ranges[i]!.end));
    return sums.reduce((total, { bits }) => total + bits, 0) / sums.reduce((total, { bytes }) => total + bytes, 0);
  };
  return before ? mean(now) - mean(before) : mean(now);
}
