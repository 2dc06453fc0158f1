/** The realm's own side: its configuration, and its service on the port to whoever started it, as a thread or as a process. */
import { parentPort, workerData } from 'node:worker_threads';
import type { RealmConfig } from '../protocol/engine';
import { type AnyApi, type Port, type Service, serve } from '../protocol/rpc';

export function runRealm<Api extends AnyApi>(make: (config: RealmConfig) => Service<Api>): void {
  if (parentPort) serve(threadPort(parentPort), make(workerData as RealmConfig));
  else if (process.send) serve(processPort(), make(JSON.parse(process.argv[2] ?? 'null') as RealmConfig));
  else throw new Error('A realm is started by the engine, in a worker or with fork().');
}

function threadPort(parent: NonNullable<typeof parentPort>): Port {
  return {
    transfers: true,
    post: (message, transfer = []) => parent.postMessage(message, transfer as ArrayBuffer[]),
    onMessage: (listener) => void parent.on('message', listener),
    // When the starting thread goes away this one is ended with it.
    onClose: (listener) => void parent.on('close', () => listener('closed')),
  };
}

function processPort(): Port {
  // Whoever started it is gone, however: nobody would end it any more.
  process.on('disconnect', () => process.exit());
  // Ctrl-C in a terminal reaches both: what it means is decided there (a training writes its checkpoint first).
  process.on('SIGINT', () => undefined);
  return {
    post: (message) => void process.send?.(message, undefined, undefined, () => undefined),
    onMessage: (listener) => void process.on('message', listener),
    onClose: (listener) => void process.on('disconnect', () => listener('closed')),
  };
}

/** Lets messages (a cancellation, the next call) and timers in, in the middle of long work. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
