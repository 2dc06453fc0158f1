/**
 * The steps of the colours of surprise: by the rank of what was written among what the model expected, by bits, or by how many
 * bits a training changed. No vscode here.
 */
import type { EncodedText } from '../../core/tokenizer/types';
import type { Span } from '../services/clip';
import { linePieces, Places, type TextWindow } from '../services/places';

export type Scale = 'rank' | 'bits' | 'change';

/** Ranks (from 1) up to which each step goes; beyond the last is the fourth. */
export const rankSteps = [10, 100, 1_000] as const;
/** Bits from which each step goes; below the first nothing is painted. */
export const bitSteps = [1, 2, 4, 6, 8, 11] as const;
/** Bits of difference from which each step goes, in both directions. */
export const changeSteps = [0.5, 2, 4] as const;

/** Looks of the sequential scale; ranks take every other one. */
export const sequentialLooks = ['surprise1', 'surprise2', 'surprise3', 'surprise4', 'surprise5', 'surprise6'] as const;
export const worseLooks = ['surpriseWorse1', 'surpriseWorse2', 'surpriseWorse3'] as const;
export const betterLooks = ['surpriseBetter1', 'surpriseBetter2', 'surpriseBetter3'] as const;
export type Look = (typeof sequentialLooks)[number] | (typeof worseLooks)[number] | (typeof betterLooks)[number];
export const looks: readonly Look[] = [...sequentialLooks, ...worseLooks, ...betterLooks];

/** Of ranks above 10, above 100, above 1,000. */
export const rankLooks: readonly Look[] = [sequentialLooks[1], sequentialLooks[3], sequentialLooks[5]];

/** `rank` counts from 0. */
export function rankLook(rank: number): Look | null {
  const step = rankSteps.filter((last) => rank + 1 > last).length;
  return step === 0 ? null : rankLooks[step - 1]!;
}

/** Nothing for a token that nothing predicts (NaN). */
export function bitsLook(bits: number): Look | null {
  const step = bitSteps.filter((from) => bits >= from).length;
  return step === 0 ? null : sequentialLooks[step - 1]!;
}

/** `difference`: bits now less bits at the start; above 0 is worse. */
export function changeLook(difference: number): Look | null {
  const step = changeSteps.filter((from) => Math.abs(difference) >= from).length;
  return step === 0 ? null : (difference > 0 ? worseLooks : betterLooks)[step - 1]!;
}

export function bitsOf(logprob: number): number {
  return -logprob / Math.LN2;
}

export type Paint = Map<Look, Span[]>;

/**
 * Adds the tokens that touch the window, cut to it, to `paint`: one span on each line. The tokens of one character share its
 * span: the strongest look of them is painted, once.
 */
export function addSteps(paint: Paint, tokens: EncodedText, window: TextWindow, look: (index: number) => Look | null): void {
  const { text, offset: base } = window;
  const places = new Places(text, window.start);
  for (let i = 0; i < tokens.ids.length; i++) {
    let found = look(i);
    const begin = tokens.start[i]!;
    for (; tokens.fragment[i] && tokens.fragment[i + 1] && tokens.start[i + 1]! < tokens.end[i]!; i++) {
      const next = look(i + 1);
      if (strength(next) > strength(found)) found = next;
    }
    if (!found) continue;
    const start = Math.max(0, begin - base);
    const end = Math.min(text.length, tokens.end[i]! - base);
    const spans = paint.get(found) ?? [];
    paint.set(found, spans);
    for (const [from, to] of linePieces(text, start, end)) spans.push(places.span(from, to));
  }
}

/** The step within its scale. */
function strength(look: Look | null): number {
  return look ? Number(look.at(-1)) : 0;
}

export interface Summed {
  readonly bits: number;
  readonly bytes: number;
}

/** Bits and UTF-8 bytes of the tokens that touch `start` .. `end` (UTF-16 offsets); those that nothing predicts do not count. */
export function sum(tokens: EncodedText, logprob: Float32Array, start: number, end: number): Summed {
  let bits = 0;
  let bytes = 0;
  for (let i = 0; i < tokens.ids.length; i++) {
    if (tokens.end[i]! <= start || tokens.start[i]! >= end || Number.isNaN(logprob[i]!)) continue;
    bits += bitsOf(logprob[i]!);
    bytes += tokens.byteEnd[i]! - tokens.byteStart[i]!;
  }
  return { bits, bytes };
}
