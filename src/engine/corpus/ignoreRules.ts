/**
 * `.gitignore` files as git reads them: those of the folders above up to the repository, `.git/info/exclude`, and nested ones,
 * where the last rule that matches decides. One list holds all rules, written relative to the root that is walked.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { exists } from '../files';

const ignoreCase = process.platform === 'win32' || process.platform === 'darwin';

/** Rules of a root before its own `.gitignore`; `base` is what a path relative to the root is prefixed with for `rules`. */
export interface RootRules {
  readonly rules: Ignore;
  readonly base: string;
}

export async function rootRules(root: string): Promise<RootRules> {
  const above: string[] = [];
  let folder = root;
  while (!(await exists(join(folder, '.git')))) {
    const parent = dirname(folder);
    // No repository: only the files inside the root count.
    if (parent === folder) return { rules: ignore({ ignoreCase }), base: '' };
    folder = parent;
    above.unshift(folder);
  }
  const repository = folder;
  const base = repository === root ? '' : `${slashes(relative(repository, root))}/`;
  let rules = addRules(ignore({ ignoreCase }), '', await readRules(join(repository, '.git', 'info', 'exclude')));
  for (const parent of above)
    rules = addRules(
      rules,
      parent === repository ? '' : `${slashes(relative(repository, parent))}/`,
      await readRules(join(parent, '.gitignore')),
    );
  // A folder that was opened although it is ignored from above is meant: rules from above do not hold inside.
  return base && rules.ignores(base) ? { rules: ignore({ ignoreCase }), base: '' } : { rules, base };
}

/** The rules of `folder` (relative, '' or ending in a slash) after those of its parents; the same object where it has none. */
export function addRules(parent: Ignore, folder: string, text: string): Ignore {
  const lines = text
    .split(/\r?\n/)
    .filter((line) => line.trim() && !line.startsWith('#'))
    .map((line) => (folder ? under(folder, line) : line));
  return lines.length > 0 ? ignore({ ignoreCase }).add(parent).add(lines) : parent;
}

/** Text of an ignore file; '' where there is none or it cannot be read. */
export async function readRules(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch {
    return '';
  }
}

/** The rule as it would be written in the repository's own `.gitignore`. */
function under(folder: string, line: string): string {
  const negated = line.startsWith('!');
  const rule = negated ? line.slice(1) : line;
  const prefix = `/${folder.replace(/[\\*?[\]]/g, '\\$&')}`;
  const slash = rule.replace(/\s+$/, '').indexOf('/');
  // Without a slash (but at its end) it holds at every depth.
  const anchored = slash >= 0 && slash < rule.replace(/\s+$/, '').length - 1;
  const body = anchored ? rule.replace(/^\//, '') : `**/${rule}`;
  return `${negated ? '!' : ''}${prefix}${body}`;
}

function slashes(path: string): string {
  return sep === '/' ? path : path.split(sep).join('/');
}
