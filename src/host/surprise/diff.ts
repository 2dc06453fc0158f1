/** Lines that a unified diff adds. No vscode here. */

/** From 0, in the new file, ascending. */
export function addedLines(diff: string): number[] {
  const added: number[] = [];
  let line = -1;
  for (const row of diff.split('\n')) {
    const hunk = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(row);
    if (hunk) line = Number(hunk[1]) - 1;
    // What stands before the first hunk names the files.
    else if (line < 0) continue;
    else if (row.startsWith('+')) added.push(line++);
    else if (row.startsWith(' ')) line++;
    // The next file of the same diff.
    else if (row.startsWith('diff ')) line = -1;
  }
  return added;
}
