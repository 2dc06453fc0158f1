/**
 * `events.jsonl`: the history of a run, one event a line, appended and never rewritten. A crash may leave half a line:
 * the next writer ends it, readers skip it. After a resume, events of steps that are computed again replace the old ones.
 */
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ByteBaselines } from '../../core/train/byteCounters';
import type { TrainEvent } from '../../core/train/events';
import { type Appender, type Disk, fileError } from '../files';

const fileName = 'events.jsonl';
/** Read in one go at most. */
const chunkBytes = 1 << 20;

export class EventLog {
  private constructor(private readonly file: Appender) {}

  static async open(folder: string, disk: Disk): Promise<EventLog> {
    const path = join(folder, fileName);
    const file = await disk.appender(path);
    if (await endsInsideLine(path)) await file.append('\n');
    return new EventLog(file);
  }

  /** The event has left this process when the promise resolves; `flush` also brings it to the disk. */
  append(event: TrainEvent): Promise<void> {
    return this.file.append(`${JSON.stringify(event)}\n`);
  }

  flush(): Promise<void> {
    return this.file.flush();
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/** Whole events from byte `from` on, and the byte where the next reading goes on. An absent file has none. */
export async function readEvents(folder: string, from: number): Promise<{ events: TrainEvent[]; next: number }> {
  const path = join(folder, fileName);
  const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw fileError(error, path);
  });
  const events: TrainEvent[] = [];
  if (!handle) return { events, next: from };
  try {
    let next = from;
    let rest = Buffer.alloc(0);
    const chunk = Buffer.allocUnsafe(chunkBytes);
    for (let at = from; ; ) {
      const { bytesRead } = await handle.read(chunk, 0, chunkBytes, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
      const end = bytes.lastIndexOf(10) + 1;
      for (const line of bytes.toString('utf8', 0, end).split('\n')) {
        const event = parse(line);
        if (event) events.push(event);
      }
      next += end;
      rest = bytes.subarray(end);
    }
    return { events, next };
  } finally {
    await handle.close();
  }
}

/** Without what a later `resumed` takes back: the steps after the one it resumes from. */
export function history(events: readonly TrainEvent[]): TrainEvent[] {
  const kept: TrainEvent[] = [];
  for (const event of events) {
    if (event.type === 'resumed') {
      for (let at = kept.length - 1; at >= 0; at--) {
        if (afterStep(kept[at]!, event.step)) kept.splice(at, 1);
        // Said among the steps whenever it was counted: it is true of all of them.
        else if (kept[at]!.type !== 'baselines') break;
      }
    }
    kept.push(event);
  }
  return kept;
}

/** What counted bytes predict, where the history of a run says it. */
export async function knownCounters(folder: string): Promise<ByteBaselines | null> {
  const { events } = await readEvents(folder, 0);
  const said = events.findLast((event) => event.type === 'baselines');
  if (!said) return null;
  const { bytes1, bytes2, bytes3, bytes5 } = said;
  if (bytes1 === undefined || bytes2 === undefined || bytes3 === undefined || bytes5 === undefined) return null;
  return { bytes1, bytes2, bytes3, bytes5 };
}

function afterStep(event: TrainEvent, step: number): boolean {
  switch (event.type) {
    case 'step':
    case 'eval':
    case 'sample':
    case 'checkpoint':
    case 'paused':
    case 'resumed':
      return event.step > step;
    case 'done':
    case 'error':
    case 'warning':
      return true;
    default:
      return false;
  }
}

function parse(line: string): TrainEvent | null {
  try {
    return line === '' ? null : (JSON.parse(line, revive) as TrainEvent);
  } catch {
    return null;
  }
}

/** JSON writes a loss that is not a number as null; the one field that may be null is where a run started from. */
function revive(key: string, value: unknown): unknown {
  return value === null && key !== 'from' ? Number.NaN : value;
}

async function endsInsideLine(path: string): Promise<boolean> {
  const { size } = await stat(path);
  if (size === 0) return false;
  const handle = await open(path, 'r');
  try {
    const last = Buffer.alloc(1);
    await handle.read(last, 0, 1, size - 1);
    return last[0] !== 10;
  } finally {
    await handle.close();
  }
}
