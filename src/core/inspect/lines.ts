/** Which lines of a text surprise a model most: bits per byte of each line, from the scores of its tokens. No model here. */
import type { EncodedText } from '../tokenizer/types';

export interface LineSurprise {
  /** From 0. */
  readonly line: number;
  /** What the line says, without the white space around it. */
  readonly text: string;
  readonly bits: number;
  readonly bytes: number;
  /** UTF-16 offsets in the line of its most surprising token. */
  readonly start: number;
  readonly end: number;
}

/** Shorter ones are brackets and keywords, whose figure depends on a token or two. UTF-8 bytes without the white space around them. */
export const shortestLine = 16;

/**
 * The lines that hold tokens of the columns, most bits per byte first, at most `count`. A token counts for the line its last
 * character is on; those that nothing predicts (NaN) count for none. `tokens` has offsets in `text`.
 */
export function surprisingLines(text: string, tokens: EncodedText, logprob: Float32Array, count: number): LineSurprise[] {
  const found: LineSurprise[] = [];
  let line = 0;
  let begin = 0;
  let stop = lineEnd(text, 0);
  let now: { bits: number; bytes: number; worst: number; start: number; end: number } | null = null;
  const finish = () => {
    const said = text.slice(begin, stop).trim();
    if (now && now.bytes > 0 && byteLength(said) >= shortestLine) {
      found.push({ line, text: said, bits: now.bits, bytes: now.bytes, start: now.start, end: now.end });
    }
    now = null;
  };
  for (let i = 0; i < tokens.ids.length; i++) {
    const last = tokens.end[i]! - 1;
    while (last > stop) {
      finish();
      line++;
      begin = stop + 1;
      stop = lineEnd(text, begin);
    }
    if (Number.isNaN(logprob[i]!)) continue;
    const bits = -logprob[i]! / Math.LN2;
    now ??= { bits: 0, bytes: 0, worst: Number.NEGATIVE_INFINITY, start: 0, end: 0 };
    now.bits += bits;
    now.bytes += tokens.byteEnd[i]! - tokens.byteStart[i]!;
    if (bits <= now.worst) continue;
    now.worst = bits;
    now.start = Math.max(0, tokens.start[i]! - begin);
    now.end = Math.min(stop, tokens.end[i]!) - begin;
  }
  finish();
  return found.sort((a, b) => b.bits / b.bytes - a.bits / a.bytes || a.line - b.line).slice(0, count);
}

/** Offset of the newline that ends the line, or of the end of the text. */
function lineEnd(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
