/**
 * What a realm runs in, seen from outside: a thread, the rule, or a process of its own, for native code that may crash. Both
 * load the same bundled entry. Nothing here knows when one is started or what its messages mean.
 */
import { type ChildProcess, fork, type Serializable } from 'node:child_process';
import type { Socket } from 'node:net';
import { type ResourceLimits, Worker } from 'node:worker_threads';

export interface PeerOptions {
  /** The bundled entry of the realm: an ES module. */
  readonly entry: string;
  /** What the realm is told at its start: plain data. */
  readonly config: unknown;
  readonly execArgv: readonly string[];
  /** Of a thread. */
  readonly resourceLimits?: ResourceLimits;
  /** What it prints (libraries do). */
  readonly log: (text: string) => void;
  readonly onMessage: (message: unknown) => void;
  /** It is gone, or can no longer be understood. Called once or more often: the first reason counts. */
  readonly onGone: (reason: string) => void;
}

export interface Peer {
  /** True where a transfer list is honoured. */
  readonly transfers: boolean;
  post(message: unknown, transfer: readonly unknown[]): void;
  /** Our process may end although it lives, or (`ref`) may not. */
  unref(): void;
  ref(): void;
  /** Ends it now, whatever it does. */
  end(): Promise<void>;
}

export function startThread(options: PeerOptions): Peer {
  const { entry, config, execArgv, resourceLimits = {}, log, onMessage, onGone } = options;
  const worker = new Worker(entry, { workerData: config, stdout: true, stderr: true, execArgv: [...execArgv], resourceLimits });
  for (const stream of [worker.stdout, worker.stderr]) stream.setEncoding('utf8').on('data', log);
  worker.on('message', onMessage);
  worker.on('error', (error: NodeJS.ErrnoException) => {
    if (error.stack !== undefined) log(error.stack);
    onGone(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out of memory' : error.message);
  });
  worker.on('messageerror', (error) => {
    onGone(error.message);
    void worker.terminate();
  });
  worker.on('exit', (code) => onGone(`exit code ${code}`));
  return {
    transfers: true,
    post: (message, transfer) => worker.postMessage(message, transfer as ArrayBuffer[]),
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    end: async () => void (await worker.terminate()),
  };
}

export interface ProcessPlace {
  /** The executable: VS Code's own one refuses native modules that hand out memory. */
  readonly node: string;
  /** Over the environment of this process: libraries read theirs when a process starts. */
  readonly env: Readonly<Record<string, string>>;
}

export function startProcess({ node, env }: ProcessPlace, options: PeerOptions): Peer {
  const { entry, config, execArgv, log, onMessage, onGone } = options;
  const child = fork(entry, [JSON.stringify(config)], {
    ...{ execPath: node, execArgv: [...execArgv], env: { ...process.env, ...env } },
    ...{ serialization: 'advanced', stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', log);
  child.on('message', onMessage);
  child.on('error', (error) => onGone(error.message));
  child.on('exit', (code, signal) => onGone(signal ? `signal ${signal}` : `exit code ${code}`));
  return {
    transfers: false,
    // What cannot be sent any more is answered by the end of the process.
    post: (message) => void child.send(message as Serializable, () => undefined),
    ref: () => each(child, 'ref'),
    unref: () => each(child, 'unref'),
    async end() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function each(child: ChildProcess, what: 'ref' | 'unref'): void {
  child[what]();
  child.channel?.[what]();
  for (const stream of [child.stdout, child.stderr]) (stream as Socket | null)?.[what]();
}
