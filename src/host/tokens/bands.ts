/**
 * From tokens to what is painted: alternating bands, outlines of characters that are cut into several tokens, glyphs of
 * white space. The alternation starts anew on every line, so that scrolling and typing change no band of another line. No vscode here.
 */
import type { EncodedText } from '../../core/tokenizer/types';
import type { Span } from '../services/clip';
import { linePieces, Places, type TextWindow } from '../services/places';

export interface Paint {
  /** Bands of even and of odd tokens. */
  readonly bands: readonly [Span[], Span[]];
  readonly fragments: Span[];
  /** Ends of lines inside even and odd tokens. */
  readonly newlines: readonly [Span[], Span[]];
  readonly spaces: Span[];
  readonly tabs: Span[];
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
