/** The worker's side of a realm: its configuration, and its service on the port to the thread that started it. */
import { parentPort, workerData } from 'node:worker_threads';
import type { RealmConfig } from '../protocol/engine';
import { type AnyApi, type Port, type Service, serve } from '../protocol/rpc';

export function runRealm<Api extends AnyApi>(make: (config: RealmConfig) => Service<Api>): void {
  const parent = parentPort;
  if (!parent) throw new Error('A realm runs in a worker.');
  const port: Port = {
    transfers: true,
    post: (message, transfer = []) => parent.postMessage(message, transfer as ArrayBuffer[]),
    onMessage: (listener) => void parent.on('message', listener),
    // When the starting thread goes away this one is ended with it.
    onClose: (listener) => void parent.on('close', () => listener('closed')),
  };
  serve(port, make(workerData as RealmConfig));
}

/** Lets messages (a cancellation, the next call) and timers in, in the middle of long work. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
