/**
 * Which surprise is painted in which editor: where nothing on screen is painted yet, first a few lines around the cursor, which
 * one or two passes of the model tell; then what is visible, then a margin around it, so that scrolling finds it there. Old
 * colours stay until the new ones are known. An edit or a scroll takes the place of what is being computed; new weights wait for it.
 */
import * as vscode from 'vscode';
import type { ModelRef, Surprise, SurprisePiece } from '../../protocol/engine';
import { type ClipLimits, clip, clipLimits } from '../services/clip';
import { prepareOffsets } from '../services/offsets';
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
  timer: NodeJS.Timeout | undefined;
  /** To be painted once more after what is being computed. */
  again: boolean;
  shown: { version: number; ranges: vscode.Range[]; pieces: ShownSurprise[] } | null;
  painted: Painted | null;
  error: unknown;
}

/** A few lines, of long ones fewer: some hundred tokens. */
const nearCursor: ClipLimits = { margin: 6, around: 240, columns: 300, total: 600 };
/** Nothing around what is visible. */
const visibleOnly: ClipLimits = { ...clipLimits, margin: 0, around: 0 };

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
      state = { abort: null, timer: undefined, again: false, shown: null, painted: null, error: null };
      this.states.set(editor, state);
    }
    return state;
  }

  private async paint(editor: vscode.TextEditor, state: State): Promise<void> {
    const abort = new AbortController();
    state.abort = abort;
    do {
      state.again = false;
      try {
        if (isNew(editor, state)) await this.once(editor, state, nearCursor, abort.signal);
        const visible = await this.once(editor, state, visibleOnly, abort.signal);
        if (visible) await this.once(editor, state, clipLimits, abort.signal);
      } catch (error) {
        if (abort.signal.aborted) return;
        state.error = error;
        this.changed.fire(editor);
      }
    } while (state.again && !abort.signal.aborted);
    if (state.abort === abort) state.abort = null;
  }

  /** False where it is not wanted any more. */
  private async once(editor: vscode.TextEditor, state: State, limits: ClipLimits, signal: AbortSignal): Promise<boolean> {
    const wanted = this.wanted(editor);
    if (!wanted) return false;
    const { model, scale } = wanted;
    const { document } = editor;
    const { version } = document;
    const lines = { count: document.lineCount, length: (line: number) => document.lineAt(line).text.length };
    const seen = limits === nearCursor ? [lineLookedAt(editor)] : editor.visibleRanges;
    const spans = clip(seen, lines, editor.selection.active, limits);
    await prepareOffsets(document, spans.at(-1)?.start.line ?? 0);
    if (document.version !== version || signal.aborted) return false;
    const windows = spans.map(({ start, end }): TextWindow & { range: vscode.Range } => {
      const range = new vscode.Range(start.line, start.character, end.line, end.character);
      return { range, text: document.getText(range), offset: document.offsetAt(range.start), start, glyphs: false };
    });
    const ranges = windows.map(({ offset, text }) => ({ start: offset, end: offset + text.length }));
    const now = await this.scores.of(document, model.ref, ranges, signal);
    const before = now && scale === 'change' && model.before ? await this.scores.of(document, model.before, ranges, signal) : null;
    if (!now || signal.aborted || document.version !== version || !this.wanted(editor)) return false;
    if (scale === 'change' && !before) return false;

    const paint: Paint = new Map();
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

/** The cursor's line, or the middle one where that is out of sight. */
function lineLookedAt({ visibleRanges, selection }: vscode.TextEditor): vscode.Range {
  const { active } = selection;
  const visible = visibleRanges.find((range) => range.contains(active)) ?? visibleRanges[0];
  if (!visible || visible.contains(active)) return new vscode.Range(active, active);
  const middle = new vscode.Position((visible.start.line + visible.end.line) >> 1, 0);
  return new vscode.Range(middle, middle);
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
