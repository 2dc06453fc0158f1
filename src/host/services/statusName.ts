/** Names in the status bar, which the editor's own entries share: tooltips have them whole. No vscode here. */

/** Characters of a name that stay. */
const longest = 18;

/**
 * A name that is long loses its middle: names of runs differ at their end. `$(...)`, which would be an icon, is no longer one.
 */
export function statusName(name: string): string {
  const characters = [...plainStatus(name)];
  if (characters.length <= longest) return characters.join('');
  const end = Math.floor((longest - 1) / 2);
  return `${characters.slice(0, longest - 1 - end).join('')}…${characters.slice(-end).join('')}`;
}

export function plainStatus(text: string): string {
  return text.replaceAll('$(', '$ (');
}
