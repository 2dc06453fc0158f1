/** Training beside an editor gives way to it: to the threads that answer keys, draw, and compute what is looked at. */
import { constants, setPriority } from 'node:os';
import { isMainThread } from 'node:worker_threads';

/**
 * Lowers the priority of this realm, and of the threads it will start (they inherit it). A thread has a priority of its own on Linux
 * only; elsewhere it would be the editor's whole process that gives way, unless the realm is a process by itself.
 */
export function giveWay(): void {
  if (!isMainThread && process.platform !== 'linux') return;
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Not allowed here: it trains as fast as everything else.
  }
}
