/** The lines around the cursor that belong together. No vscode here. */

/** First and last line of the paragraph around a line; null where the line is blank. */
export function paragraph(line: number, count: number, text: (line: number) => string): { first: number; last: number } | null {
  const blank = (at: number) => text(at).trim() === '';
  if (count === 0 || blank(line)) return null;
  let first = line;
  while (first > 0 && !blank(first - 1)) first--;
  let last = line;
  while (last < count - 1 && !blank(last + 1)) last++;
  return { first, last };
}

/** Whether nothing is written above and below. */
export function isAlone({ first, last }: { first: number; last: number }, count: number, text: (line: number) => string): boolean {
  for (let at = 0; at < count; at++) if ((at < first || at > last) && text(at).trim() !== '') return false;
  return true;
}
