/** Where a copied run stands in a file that may have been changed since it was learnt. No vscode here. */

/**
 * UTF-16 offsets of the occurrence nearest to `near`, or null where there is none. Line ends count alike: an editor may have
 * made them all the same.
 */
export function copiedPlace(text: string, copied: string, near: number): { start: number; end: number } | null {
  const pattern = copied
    .split(/\r\n|\r|\n/)
    .map((line) => line.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('(?:\\r\\n|\\r|\\n)');
  if (pattern === '') return null;
  let best: { start: number; end: number } | null = null;
  for (const match of text.matchAll(new RegExp(pattern, 'gu'))) {
    if (best && Math.abs(match.index - near) >= Math.abs(best.start - near)) break;
    best = { start: match.index, end: match.index + match[0].length };
  }
  return best;
}
