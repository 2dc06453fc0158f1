/** What runs there are and how they stand, read from their folders: by the window that trains, and by those that watch. */
import { type FSWatcher, watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LoupeError } from '../../core/errors';
import type { TrainEvent } from '../../core/train/events';
import type { RunInfo } from '../../protocol/engine';
import { exists } from '../files';
import { readAbout } from './about';
import { history, readEvents } from './events';
import { checkpoints, folderBytes, lockPath, readLatest, readRun, remove, runFile, runPath } from './folder';
import { readLock } from './lock';

/** Runs of the workspace, newest first. A folder that is no run, or a broken one, is passed over. */
export async function listRuns(runs: string | null): Promise<RunInfo[]> {
  if (runs === null) return [];
  const entries = await readdir(runs, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => entry.name);
  const infos = await Promise.all(names.map((name) => runInfo(runs, name).catch(() => null)));
  return infos.filter((info) => info !== null).sort((a, b) => b.created - a.created);
}

export async function runInfo(runs: string | null, run: string): Promise<RunInfo> {
  const path = runPath(runs, run);
  const record = await readRun(path);
  const [about, latest, steps, bytes, holder, tail] = await Promise.all([
    readAbout(path),
    readLatest(path),
    checkpoints(path),
    folderBytes(path),
    readLock(lockPath(runs, run)),
    lastEvents(path),
  ]);
  const running = holder !== null && holder.run === run;
  return {
    id: run,
    name: about.name || record.name,
    note: about.note,
    path,
    created: record.created,
    bytes,
    state: stateOf(tail, running),
    pid: running ? holder.pid : null,
    step: lastStep(tail) ?? latest?.step ?? 0,
    steps: record.settings.steps,
    bitsPerByte: tail.findLast((event) => event.type === 'eval')?.bitsPerByte ?? null,
    preset: record.preset,
    from: record.from,
    checkpoints: steps,
    best: latest?.best?.step ?? null,
  };
}

/** Throws `training.busy` while it is trained, `training.noRun` where there is none. */
export async function deleteRun(runs: string | null, run: string): Promise<{ bytes: number }> {
  const path = runPath(runs, run);
  if (!(await exists(join(path, runFile)))) throw new LoupeError('training.noRun', { run: basename(run) });
  const holder = await readLock(lockPath(runs, run));
  if (holder?.run === run) throw new LoupeError('training.busy', { pid: holder.pid });
  const bytes = await folderBytes(path);
  await remove(path);
  return { bytes };
}

/** Reports events from byte `from` on as they are written; returns when the run is over or the signal aborts. */
export async function watchRun(
  runs: string | null,
  run: string,
  from: number,
  signal: AbortSignal,
  report: (event: TrainEvent) => void,
): Promise<void> {
  const path = runPath(runs, run);
  await readRun(path);
  const change = new ChangeOf(path);
  try {
    for (let at = from; !signal.aborted; ) {
      const seen = change.next(1000, signal);
      // Asked before reading: what is written up to the release of the lock is then read too.
      const holder = await readLock(lockPath(runs, run));
      const { events, next } = await readEvents(path, at);
      at = next;
      for (const event of events) report(event);
      if (holder?.run !== run) return;
      await seen;
    }
  } finally {
    change.close();
  }
}

/** Waits for a change in a folder, or for some time (file systems over a network report nothing). */
class ChangeOf {
  private watcher: FSWatcher | null = null;
  private wake: () => void = () => undefined;

  constructor(path: string) {
    try {
      this.watcher = watch(path, () => this.wake()).on('error', () => this.close());
    } catch {
      // The time limit alone then wakes.
    }
  }

  next(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
      this.wake = done;
    });
  }

  close(): void {
    this.watcher?.close();
    this.watcher = null;
  }
}

const tailBytes = 128 * 1024;

async function lastEvents(path: string): Promise<TrainEvent[]> {
  const size = await stat(join(path, 'events.jsonl')).then(
    ({ size }) => size,
    () => 0,
  );
  return history((await readEvents(path, Math.max(0, size - tailBytes))).events);
}

function lastStep(events: readonly TrainEvent[]): number | undefined {
  const last = events.findLast((event) => event.type === 'step' || event.type === 'resumed' || event.type === 'checkpoint');
  return last && 'step' in last ? last.step : undefined;
}

function stateOf(events: readonly TrainEvent[], running: boolean): RunInfo['state'] {
  const last = events.findLast((event) => ['done', 'error', 'paused', 'resumed', 'step', 'start'].includes(event.type));
  if (running) return last?.type === 'paused' ? 'paused' : 'running';
  if (last?.type === 'done') return last.stopped ? 'stopped' : 'finished';
  return last?.type === 'error' ? 'failed' : 'interrupted';
}
