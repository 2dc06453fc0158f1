/**
 * Which part of a document is worth tokenizing: what is visible and a margin, and of a long line only two pieces, its
 * beginning and what is near the cursor. More cannot be known: an editor reports a line of 2 MB as visible from end to end
 * and tells nobody how far it is scrolled sideways. By default VS Code draws nothing after column 10,000 anyway; who asks for
 * the rest ("Show more", or word wrap) sees the tokens around the cursor. No vscode here.
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
  /** Characters of one line. */
  readonly columns: number;
  /** Characters in all: many long lines share them. */
  readonly total: number;
}

/** More than the largest screen shows; what is painted at once costs the extension host its time. */
export const clipLimits: ClipLimits = { margin: 25, around: 8_000, columns: 10_000, total: 48_000 };

export function clip(visible: readonly Span[], lines: Lines, cursor: Place, limits: ClipLimits = clipLimits): Span[] {
  const spans: Span[] = [];
  let left = limits.total;
  for (const [first, last] of mergeLines(visible, lines, limits)) {
    for (let line = first; line <= last && left > 0; line++) {
      const length = lines.length(line);
      for (const [from, to] of columns(length, line === cursor.line ? cursor.character : 0, Math.min(limits.columns, left))) {
        left -= to - from + 1;
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

/**
 * The first `limit` columns, and as many around the cursor where it stands beyond them: on a coarse grid, so that they do not
 * change at every step of the cursor.
 */
function columns(length: number, cursor: number, limit: number): [number, number][] {
  if (length <= limit) return [[0, length]];
  const step = Math.max(1, Math.floor(limit / 2));
  const from = Math.max(0, Math.min(length - limit, Math.round((cursor - limit / 2) / step) * step));
  if (from <= limit) return [[0, from + limit]];
  return [
    [0, limit],
    [from, from + limit],
  ];
}

function mergeLines(visible: readonly Span[], lines: Lines, limits: ClipLimits): [number, number][] {
  const runs: [number, number][] = [];
  for (const { start, end } of [...visible].sort((a, b) => a.start.line - b.start.line)) {
    const first = reach(Math.min(start.line, lines.count - 1), -1, lines, limits);
    const last = reach(Math.min(end.line, lines.count - 1), 1, lines, limits);
    const before = runs.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else runs.push([first, last]);
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
