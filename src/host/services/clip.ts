/**
 * Which part of a document is worth tokenizing: what is visible and a margin, and of long lines only two pieces, their
 * beginning and what is near the cursor's column. More cannot be known: an editor reports a line of 2 MB as visible from end to
 * end and tells nobody how far it is scrolled sideways. Lines share a budget, because what VS Code draws costs it: short ones are
 * whole, long ones get alike what is left, and no more than an editor can draw anew at every key. No vscode here.
 */

export interface Place {
  readonly line: number;
  readonly character: number;
}

export interface Span {
  readonly start: Place;
  readonly end: Place;
}

export interface Lines {
  readonly count: number;
  length(line: number): number;
}

export interface ClipLimits {
  /** Lines above and below what is visible, as long as they have no more characters than `around`. */
  readonly margin: number;
  readonly around: number;
  /** Characters of one piece of a line. */
  readonly columns: number;
  /** Characters of all visible lines. */
  readonly total: number;
}

export const clipLimits: ClipLimits = { margin: 25, around: 4_000, columns: 4_000, total: 24_000 };

type Run = [first: number, last: number];

export function clip(visible: readonly Span[], lines: Lines, cursor: Place, limits: ClipLimits = clipLimits): Span[] {
  const seen = mergeRuns(visible.map(({ start, end }) => [start.line, Math.min(end.line, lines.count - 1)]));
  const room = Math.min(2 * limits.columns, share(seen, lines, limits.total));
  const spans: Span[] = [];
  for (const [first, last] of mergeRuns(seen.map(([from, to]) => [reach(from, -1, lines, limits), reach(to, 1, lines, limits)]))) {
    for (let line = first; line <= last; line++) {
      const inside = seen.some(([from, to]) => line >= from && line <= to);
      const length = lines.length(line);
      for (const [from, to] of inside ? columns(length, cursor.character, room) : [[0, length] as const]) {
        const before = spans.at(-1);
        const start = { line, character: from };
        const end = { line, character: to };
        // A whole line goes on where the one above it ended.
        const joins = before && before.end.line === line - 1 && before.end.character === lines.length(line - 1) && from === 0;
        if (joins) spans[spans.length - 1] = { start: before.start, end };
        else spans.push({ start, end });
      }
    }
  }
  return spans;
}

/** What a line may have where all together have at most `total`: lines that need less leave the rest to the others. */
function share(runs: readonly Run[], lines: Lines, total: number): number {
  const lengths: number[] = [];
  for (const [first, last] of runs) for (let line = first; line <= last; line++) lengths.push(lines.length(line));
  lengths.sort((a, b) => a - b);
  let left = total;
  for (const [i, length] of lengths.entries()) {
    const each = Math.floor(left / (lengths.length - i));
    if (length > each) return each;
    left -= length;
  }
  return total;
}

/**
 * All of a line that fits into the room; else the first columns, and as many around the cursor's where it stands beyond them: on
 * a coarse grid, so that they do not change at every step of the cursor.
 */
function columns(length: number, cursor: number, room: number): Run[] {
  if (length <= room) return [[0, length]];
  const half = Math.floor(room / 2);
  const step = Math.max(1, Math.floor(half / 2));
  const from = Math.max(0, Math.min(length - half, Math.round((cursor - half / 2) / step) * step));
  if (from <= half) return [[0, from + half]];
  return [
    [0, half],
    [from, from + half],
  ];
}

function mergeRuns(all: Run[]): Run[] {
  const runs: Run[] = [];
  for (const [first, last] of all.sort(([a], [b]) => a - b)) {
    const before = runs.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else if (first <= last) runs.push([first, last]);
  }
  return runs;
}

/** The last line of the margin that begins after a line. */
function reach(line: number, step: 1 | -1, lines: Lines, { margin, around }: ClipLimits): number {
  let left = around;
  for (let distance = 1; distance <= margin; distance++) {
    const next = line + step;
    if (next < 0 || next >= lines.count) break;
    left -= lines.length(next) + 1;
    if (left < 0) break;
    line = next;
  }
  return line;
}
