/**
 * `about.json` of a run: the name and the note that people give it. A file of its own: what the run is stays as it was written at
 * its start, and a note can be taken while it trains.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { longestRunName, longestRunNote } from '../../protocol/limits';
import { writeDurably } from '../files';
import { readRun } from './folder';

export interface About {
  /** Empty: the one it was started with. */
  readonly name: string;
  readonly note: string;
}

const aboutFile = 'about.json';

/** What cannot be read counts as never written: a run must not vanish from the list for a note. */
export async function readAbout(path: string): Promise<About> {
  const text = await readFile(join(path, aboutFile), 'utf8').catch(() => '{}');
  const { name, note } = parse(text);
  return { name: typeof name === 'string' ? oneLine(name) : '', note: typeof note === 'string' ? note.slice(0, longestRunNote) : '' };
}

/** What is not given stays. An empty name gives the run its first one back. Throws `training.noRun`, `file.*`. */
export async function writeAbout(path: string, change: Partial<About>): Promise<void> {
  const { name: first } = await readRun(path);
  const about = { ...(await readAbout(path)), ...change };
  const name = oneLine(about.name);
  await writeDurably(
    join(path, aboutFile),
    JSON.stringify({ name: name === first ? '' : name, note: about.note.slice(0, longestRunNote) }),
  );
}

/** A name is one line, in lists and in the names of files. */
function oneLine(name: string): string {
  return name
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, longestRunName)
    .trim();
}

function parse(text: string): Partial<Record<keyof About, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}
