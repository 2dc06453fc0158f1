/** Lines of files for the inspect realm: their text, the ranges of some of them, and which surprise most. */
import { readFile } from 'node:fs/promises';
import { decodeText } from '../../core/corpus/content';
import { LoupeError } from '../../core/errors';
import { type LineSurprise, surprisingLines } from '../../core/inspect/lines';
import type { SurprisePiece } from '../../protocol/engine';
import { fileError } from '../files';

/** Throws `file.*`, `text.notUtf8`. */
export async function readText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw fileError(error, path);
  });
  const { text } = decodeText(bytes);
  if (text === null) throw new LoupeError('text.notUtf8', { path });
  return text;
}

/** UTF-16 offsets of lines (from 0, ascending), neighbours in one range. */
export function rangesOf(text: string, lines: readonly number[]): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  let line = 0;
  let begin = 0;
  for (const wanted of lines) {
    while (line < wanted && begin <= text.length) {
      const newline = text.indexOf('\n', begin);
      begin = newline < 0 ? text.length + 1 : newline + 1;
      line++;
    }
    if (begin > text.length) break;
    const newline = text.indexOf('\n', begin);
    // With the newline, which the line pays for.
    const end = newline < 0 ? text.length : newline + 1;
    const before = ranges.at(-1);
    if (before?.end === begin) ranges[ranges.length - 1] = { start: before.start, end };
    else ranges.push({ start: begin, end });
  }
  return ranges;
}

/** The most surprising of the wanted lines (all where null), and bits and bytes of all that was scored. */
export function linesOf(
  text: string,
  pieces: readonly SurprisePiece[],
  wanted: readonly number[] | null,
  count: number,
): { lines: LineSurprise[]; bits: number; bytes: number } {
  const only = wanted && new Set(wanted);
  // A token that begins in the line before touches the range too: its line was not asked for.
  const all = pieces.flatMap(({ tokens, scores }) => surprisingLines(text, tokens, scores.logprob, Number.POSITIVE_INFINITY));
  const lines = all.filter(({ line }) => !only || only.has(line)).sort((a, b) => b.bits / b.bytes - a.bits / a.bytes || a.line - b.line);
  let bits = 0;
  let bytes = 0;
  for (const { tokens, scores } of pieces) {
    scores.logprob.forEach((logprob, i) => {
      if (Number.isNaN(logprob)) return;
      bits -= logprob / Math.LN2;
      bytes += tokens.byteEnd[i]! - tokens.byteStart[i]!;
    });
  }
  return { lines: lines.slice(0, count), bits, bytes };
}
