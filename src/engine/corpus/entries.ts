/**
 * Lists the files of the roots by their names, without opening any: ignore rules, globs, links. A folder that is left out
 * whole is one entry and is not entered, so a large `node_modules` costs nothing.
 */
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import type { Ignore } from 'ignore';
import { compareEntries } from '../../core/corpus/manifest';
import type { CorpusRequest, CorpusRoot, LeftOutReason } from '../../core/corpus/types';
import { LoupeError } from '../../core/errors';
import { matcher } from './globs';
import { addRules, readRules, rootRules } from './ignoreRules';

export interface Entry {
  /** Name of its root, made unique. */
  readonly root: string;
  /** Forward slashes; '' where the root is the file itself; ends with a slash for a folder left out whole. */
  readonly relative: string;
  readonly path: string;
  readonly leftOut: LeftOutReason | null;
  /** The user named this very file: rules about names do not hold against it. */
  readonly named: boolean;
}

interface Root {
  readonly name: string;
  readonly path: string;
  /** Without links: what tells whether two roots are the same. */
  readonly real: string;
  readonly isFile: boolean;
}

/** What a training writes, other than a model's own files. */
const runFiles = /^(?:events\.jsonl|lock|latest|run\.json|corpus\.json|tokens|checkpoint-\d+)$/;

const versionControl = new Set(['.git', '.hg', '.svn', '.jj', 'CVS', '.bzr']);

/** Two spellings of one path, for comparing. */
export function pathKey(path: string): string {
  const normal = resolve(path);
  return process.platform === 'win32' ? normal.toLowerCase() : normal;
}

export async function listEntries(request: CorpusRequest, signal?: AbortSignal): Promise<Entry[]> {
  const roots = await openRoots(request.roots);
  const unsaved = new Map(Object.keys(request.unsaved).map((path) => [pathKey(path), path]));
  const entries: Entry[] = [];
  for (const root of roots) {
    if (root.isFile) {
      entries.push({ root: root.name, relative: '', path: root.path, leftOut: null, named: true });
      unsaved.delete(pathKey(root.path));
    } else await walkRoot(root, roots, request, unsaved, entries, signal);
  }
  return entries.sort(compareEntries);
}

async function openRoots(given: readonly CorpusRoot[]): Promise<Root[]> {
  const byReal = new Map<string, Root>();
  for (const { path, name } of given) {
    const absolute = resolve(path);
    let real: string;
    let isFile: boolean;
    try {
      real = await realpath(absolute);
      isFile = !(await stat(real)).isDirectory();
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      throw code === 'ENOENT' || code === 'ENOTDIR'
        ? new LoupeError('file.notFound', { path: absolute })
        : new LoupeError('file.unreadable', { path: absolute, detail: String(code) });
    }
    if (!byReal.has(real)) byReal.set(real, { name: name || basename(real), path: absolute, real, isFile });
  }
  // Two roots of one name: the second is "name (2)", in the order of their paths.
  const seen = new Map<string, number>();
  return [...byReal.values()]
    .sort((a, b) => (a.real < b.real ? -1 : 1))
    .map((root) => {
      const count = (seen.get(root.name) ?? 0) + 1;
      seen.set(root.name, count);
      return count === 1 ? root : { ...root, name: `${root.name} (${count})` };
    });
}

/** Read only where asked for: what others wrote, and how an editor is set, which differs between people who read the same text. */
const unasked = ['node_modules', '.vscode'];

async function walkRoot(
  root: Root,
  roots: readonly Root[],
  request: CorpusRequest,
  unsaved: Map<string, string>,
  entries: Entry[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const asked = (name: string) => request.include.some((glob) => glob.includes(name));
  const [excluded, others] = [matcher(request.exclude), matcher(unasked.filter((name) => !asked(name)))];
  const includes = request.include.filter((glob) => glob.trim());
  const included = includes.length > 0 ? matcher(includes) : () => true;
  const otherRoots = new Set(roots.filter((other) => other !== root).map((other) => other.real));
  const { rules, base } = await rootRules(root.real);
  const rulesOf = new Map<string, Ignore>();

  const add = (path: string, leftOut: LeftOutReason | null) =>
    entries.push({ root: root.name, relative: path, path: join(root.path, ...path.split('/')), leftOut, named: false });
  const judge = (path: string, own: Ignore): LeftOutReason | null =>
    own.ignores(base + path) ? 'ignored' : (leftOut(path) ?? (included(path) ? null : 'excluded'));
  const leftOut = (path: string) => (excluded(path) ? 'excluded' : others(path) ? 'unasked' : null);

  const folders: { path: string; parent: Ignore }[] = [{ path: '', parent: rules }];
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    signal?.throwIfAborted();
    const at = join(root.real, ...folder.path.split('/'));
    let children: Awaited<ReturnType<typeof readFolder>>;
    try {
      children = await readFolder(at);
    } catch {
      add(folder.path, 'unreadable');
      continue;
    }
    const names = new Set(children.map(({ name }) => name));
    // A run in the middle of the workspace (`train . --out run`) must not be learnt from, least of all by itself.
    const isRun = names.has('events.jsonl') && (names.has('run.json') || names.has('lock'));
    if (isRun && folder.path) {
      add(folder.path, 'generated');
      continue;
    }
    const own = children.some((child) => child.name === '.gitignore')
      ? addRules(folder.parent, base + folder.path, await readRules(join(at, '.gitignore')))
      : folder.parent;
    rulesOf.set(folder.path, own);
    for (const child of children) {
      const path = folder.path + child.name;
      if (isRun && runFiles.test(child.name)) {
        add(child.isDirectory() ? `${path}/` : path, 'generated');
        continue;
      }
      if (versionControl.has(child.name) || otherRoots.has(join(at, child.name))) continue;
      if (child.isDirectory()) {
        const reason = own.ignores(`${base}${path}/`) ? 'ignored' : leftOut(path);
        if (reason) add(`${path}/`, reason);
        else folders.push({ path: `${path}/`, parent: own });
        continue;
      }
      unsaved.delete(pathKey(join(root.path, ...path.split('/'))));
      const reason = judge(path, own);
      if (reason) add(path, reason);
      else if (child.isSymbolicLink()) await addLink(path, join(at, child.name));
      // A pipe or a socket would be waited for.
      else add(path, child.isFile() ? null : 'unreadable');
    }
  }

  // Files that exist only on screen yet.
  for (const [key, path] of unsaved) {
    const inside = relative(root.path, path).split(sep).join('/');
    if (!inside || inside.startsWith('../') || /^[A-Za-z]:|^\//.test(inside)) continue;
    unsaved.delete(key);
    if (inside.split('/').some((part) => versionControl.has(part))) continue;
    // The rules of the nearest folder that was entered.
    let folder = inside;
    while (folder && !rulesOf.has(folder)) folder = folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1);
    add(inside, judge(inside, rulesOf.get(folder) ?? rules));
  }

  /** What a link inside the roots points to counts where it is; a link out of them is left out. */
  async function addLink(path: string, full: string): Promise<void> {
    try {
      const target = await realpath(full);
      const folder = (await stat(target)).isDirectory();
      const inside = roots.some((other) => target === other.real || target.startsWith(other.real + sep));
      add(folder ? `${path}/` : path, inside ? 'duplicate' : 'outsideLink');
    } catch {
      add(path, 'unreadable');
    }
  }
}

/** Names as they are, in the order of their code units (readdir's order depends on the file system). */
async function readFolder(path: string) {
  const children = await readdir(path, { withFileTypes: true });
  return children.sort((a, b) => (a.name < b.name ? 1 : -1));
}

/** `root name/path`; for a root that is a file, its name. */
export function entryId(entry: Entry): string {
  return entry.relative ? `${entry.root}/${entry.relative}` : entry.root;
}
