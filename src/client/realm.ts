/**
 * One realm of the engine as a worker that lives only while it is needed: started at the first call, ended when idle,
 * started again at the next call after it died. It knows nothing of what the realm computes.
 */
import { type ResourceLimits, Worker } from 'node:worker_threads';
import { LoupeError } from '../core/errors';
import type { RealmName } from '../protocol/engine';
import { type AnyApi, type CallOptions, type Client, connect, type Port } from '../protocol/rpc';

export interface RealmOptions {
  readonly name: RealmName;
  /** The bundled entry of the realm: an ES module. */
  readonly entry: string;
  /** Given to the worker as `workerData`. */
  readonly config: unknown;
  /** Without a call for so long, the worker ends and gives its memory back. */
  readonly idleMs: number;
  readonly execArgv: readonly string[];
  readonly resourceLimits?: ResourceLimits;
  /** The worker ended although nobody asked it to. */
  readonly onDied: (reason: string) => void;
  /** What the worker prints (libraries do), line by line. */
  readonly log: (text: string) => void;
}

interface Running<Api extends AnyApi> {
  readonly worker: Worker;
  readonly client: Client<Api>;
  /** Says why the worker is gone: every call in flight rejects. Later reasons do not count. */
  gone(reason: string): void;
}

export class Realm<Api extends AnyApi> {
  private running: Running<Api> | null = null;
  private calls = 0;
  private idle: NodeJS.Timeout | undefined;
  private disposed = false;

  constructor(private readonly options: RealmOptions) {}

  /** Starts the worker when a method is called, not before. */
  readonly client: Client<Api> = new Proxy({} as Client<Api>, {
    get: (_, method) =>
      typeof method === 'symbol' || method === 'then'
        ? undefined
        : (params: unknown, options?: CallOptions<unknown>) => this.call(method, params, options),
  });

  get started(): boolean {
    return this.running !== null;
  }

  /** Ends the worker now; calls in flight reject with `realm.died` and this reason, and the next call starts it again. */
  async end(reason: string): Promise<void> {
    const running = this.running;
    if (!running) return;
    this.running = null;
    clearTimeout(this.idle);
    running.gone(reason);
    await running.worker.terminate();
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    await this.end('closed');
  }

  private async call(method: keyof Api & string, params: unknown, options?: CallOptions<unknown>): Promise<unknown> {
    if (this.disposed) throw this.died('closed');
    if (options?.signal?.aborted) throw new LoupeError('cancelled');
    clearTimeout(this.idle);
    this.running ??= this.start();
    const { worker, client } = this.running;
    this.calls += 1;
    // A process may end while its workers are idle, not while one of them works.
    worker.ref();
    try {
      return await client[method](params, options);
    } finally {
      this.calls -= 1;
      if (this.calls === 0) this.rest();
    }
  }

  private rest(): void {
    this.running?.worker.unref();
    clearTimeout(this.idle);
    this.idle = setTimeout(() => void this.end('idle'), this.options.idleMs);
    this.idle.unref();
  }

  private start(): Running<Api> {
    const { entry, config, execArgv, resourceLimits = {}, log } = this.options;
    const worker = new Worker(entry, { workerData: config, stdout: true, stderr: true, execArgv: [...execArgv], resourceLimits });
    for (const stream of [worker.stdout, worker.stderr]) stream.setEncoding('utf8').on('data', log);

    const closes: ((reason: string) => void)[] = [];
    let open = true;
    const port: Port = {
      transfers: true,
      post: (message, transfer = []) => {
        if (open) worker.postMessage(message, transfer as ArrayBuffer[]);
      },
      onMessage: (listener) => void worker.on('message', listener),
      onClose: (listener) => void closes.push(listener),
    };
    const running: Running<Api> = {
      worker,
      client: connect<Api>(port, (reason) => this.died(reason)),
      gone: (reason) => {
        if (!open) return;
        open = false;
        for (const close of closes) close(reason);
        if (this.running !== running) return;
        this.running = null;
        clearTimeout(this.idle);
        this.options.onDied(reason);
      },
    };
    worker.on('error', (error: NodeJS.ErrnoException) => {
      if (error.stack !== undefined) log(error.stack);
      running.gone(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out of memory' : error.message);
    });
    worker.on('messageerror', (error) => {
      running.gone(error.message);
      void worker.terminate();
    });
    worker.on('exit', (code) => running.gone(`exit code ${code}`));
    return running;
  }

  private died(reason: string): LoupeError {
    return new LoupeError('realm.died', { realm: this.options.name, reason });
  }
}
