/** "did you mean": the known word nearest to a mistyped one. */

/** `; did you mean X?`, or '' where nothing is near. */
export function suggestion(typed: string, known: readonly string[]): string {
  let best = '';
  let nearest = Math.max(2, Math.floor(typed.length / 3)) + 1;
  for (const word of known) {
    // Of two that are as near, the one that was only cut short.
    const away = distance(typed, word) - (word.startsWith(typed) ? 0.5 : 0);
    if (away < nearest) [best, nearest] = [word, away];
  }
  return best ? `; did you mean ${best}?` : '';
}

/** Insertions, deletions, replacements and swaps of neighbours between two words (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j]!, before[j - 2]! + 1);
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}
