/**
 * From tokens to what is painted: alternating bands, outlines of characters that are cut into several tokens, glyphs of
 * white space. The alternation starts anew on every line, so that scrolling and typing change no band of another line. No vscode here.
 */
import type { EncodedText } from '../../core/tokenizer/types';
import type { Place, Span } from './clip';

export interface Paint {
  /** Bands of even and of odd tokens. */
  readonly bands: readonly [Span[], Span[]];
  readonly fragments: Span[];
  /** Ends of lines inside even and odd tokens. */
  readonly newlines: readonly [Span[], Span[]];
  readonly spaces: Span[];
  readonly tabs: Span[];
}

export interface TextWindow {
  readonly text: string;
  /** Where the text begins: its offset in the same count as the tokens' spans, and its place in the editor. */
  readonly offset: number;
  readonly start: Place;
  /** Whether glyphs for spaces, tabs and ends of lines are wanted. */
  readonly glyphs: boolean;
}

export function emptyPaint(): Paint {
  return { bands: [[], []], fragments: [], newlines: [[], []], spaces: [], tabs: [] };
}

/** Spans between two places where it may be stopped. */
const sliceLength = 200;

/** Adds the tokens that touch the window, cut to it, to `paint`. Yields where it may stop for a while. */
export function* addBands(paint: Paint, tokens: EncodedText, window: TextWindow): Generator<void, void> {
  const { text, offset: base } = window;
  const places = new Places(text, window.start);
  let parity: 0 | 1 = 0;
  let outlined = 0;
  for (let i = 0; i < tokens.ids.length; i++) {
    const start = Math.max(0, tokens.start[i]! - base);
    const end = Math.min(text.length, tokens.end[i]! - base);
    if (start >= end) continue;
    if (start === 0 || text[start - 1] === '\n') parity = 0;
    if (tokens.fragment[i]) {
      // The tokens of one character share its span: one outline.
      if (end > outlined) paint.fragments.push(places.span(start, end));
      outlined = end;
    } else {
      // One band for each line that the token has characters on.
      for (const [from, to] of linePieces(text, start, end)) paint.bands[parity].push(places.span(from, to));
    }
    if (window.glyphs) {
      for (let at = text.indexOf('\n', start); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) {
        const place = places.at(at > 0 && text[at - 1] === '\r' ? at - 1 : at);
        paint.newlines[parity].push({ start: place, end: place });
      }
    }
    parity = parity === 0 ? 1 : 0;
    if (i % sliceLength === sliceLength - 1) yield;
  }
  if (!window.glyphs) return;
  for (const [character, spans] of [
    [' ', paint.spaces],
    ['\t', paint.tabs],
  ] as const) {
    for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) {
      if (spans.push(places.span(at, at + 1)) % sliceLength === 0) yield;
    }
  }
}

/** The part of a stretch of text on each line that it has characters on, without the ends of lines. */
export function linePieces(text: string, start: number, end: number): [number, number][] {
  const pieces: [number, number][] = [];
  for (let from = start; from < end; ) {
    const stop = text.indexOf('\n', from);
    const lineEnd = stop < 0 ? end : Math.min(end, stop > from && text[stop - 1] === '\r' ? stop - 1 : stop);
    if (lineEnd > from) pieces.push([from, lineEnd]);
    from = stop < 0 ? end : stop + 1;
  }
  return pieces;
}

/** Lines and columns of a text that begins at some place of an editor. */
export class Places {
  private readonly lines = [0];
  /** The line that was asked for last: the next one is seldom far. */
  private line = 0;

  constructor(
    text: string,
    private readonly origin: Place,
  ) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.lines.push(at + 1);
  }

  at(offset: number): Place {
    const { lines, origin } = this;
    if (offset < lines[this.line]!) this.line = 0;
    while (this.line + 1 < lines.length && lines[this.line + 1]! <= offset) this.line++;
    const character = offset - lines[this.line]! + (this.line === 0 ? origin.character : 0);
    return { line: origin.line + this.line, character };
  }

  span(start: number, end: number): Span {
    return { start: this.at(start), end: this.at(end) };
  }
}
