/**
 * One realm of the engine as a thread or a process that lives only while it is needed: started at the first call, ended when
 * idle, started again at the next call after it died. It knows nothing of what the realm computes.
 */
import type { ResourceLimits } from 'node:worker_threads';
import { LoupeError } from '../core/errors';
import type { RealmName } from '../protocol/engine';
import { type AnyApi, type CallOptions, type Client, connect, type Port } from '../protocol/rpc';
import { type Peer, type ProcessPlace, startProcess, startThread } from './peer';

/** Where a realm runs, and what it is told at its start. */
export interface Place {
  readonly config: unknown;
  /** A process of its own; null: a thread of this one. */
  readonly process: ProcessPlace | null;
}

export interface RealmOptions {
  readonly name: RealmName | 'probe';
  /** The bundled entry of the realm: an ES module. */
  readonly entry: string;
  /** Asked at every start. */
  readonly place: () => Place | Promise<Place>;
  /** Without a call for so long, the realm ends and gives its memory back. */
  readonly idleMs: number;
  readonly execArgv: readonly string[];
  readonly resourceLimits?: ResourceLimits;
  /** The realm ended although nobody asked it to. */
  readonly onDied: (reason: string) => void;
  /** What it prints (libraries do), line by line. */
  readonly log: (text: string) => void;
}

interface Running<Api extends AnyApi> {
  readonly peer: Peer;
  readonly client: Client<Api>;
  /** Says why the peer is gone: every call in flight rejects. Later reasons do not count. */
  gone(reason: string): void;
}

export class Realm<Api extends AnyApi> {
  private running: Running<Api> | null = null;
  private starting: Promise<Running<Api>> | null = null;
  private calls = 0;
  private idle: NodeJS.Timeout | undefined;
  private disposed = false;

  constructor(private readonly options: RealmOptions) {}

  /** Starts the realm when a method is called, not before. */
  readonly client: Client<Api> = new Proxy({} as Client<Api>, {
    get: (_, method) =>
      typeof method === 'symbol' || method === 'then'
        ? undefined
        : (params: unknown, options?: CallOptions<unknown>) => this.call(method, params, options),
  });

  get started(): boolean {
    return this.running !== null;
  }

  /** Ends the realm now; calls in flight reject with `realm.died` and this reason, and the next call starts it again. */
  async end(reason: string): Promise<void> {
    const running = this.running;
    if (!running) return;
    this.running = null;
    clearTimeout(this.idle);
    running.gone(reason);
    // Who waits for its end must not be ended before.
    running.peer.ref();
    await running.peer.end();
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    await this.end('closed');
  }

  private async call(method: keyof Api & string, params: unknown, options?: CallOptions<unknown>): Promise<unknown> {
    if (this.disposed) throw this.died('closed');
    if (options?.signal?.aborted) throw new LoupeError('cancelled');
    clearTimeout(this.idle);
    this.calls += 1;
    try {
      const { peer, client } = await this.open();
      // A process may end while its realms are idle, not while one of them works.
      peer.ref();
      return await client[method](params, options);
    } finally {
      this.calls -= 1;
      if (this.calls === 0) this.rest();
    }
  }

  private rest(): void {
    this.running?.peer.unref();
    clearTimeout(this.idle);
    this.idle = setTimeout(() => void this.end('idle'), this.options.idleMs);
    this.idle.unref();
  }

  private open(): Running<Api> | Promise<Running<Api>> {
    if (this.running) return this.running;
    if (this.starting) return this.starting;
    const place = this.options.place();
    if (!(place instanceof Promise)) return this.start(place);
    this.starting = place
      .then((found) => this.start(found))
      .finally(() => {
        this.starting = null;
      });
    return this.starting;
  }

  private start({ config, process }: Place): Running<Api> {
    if (this.disposed) throw this.died('closed');
    const { entry, execArgv, resourceLimits = {}, log } = this.options;
    const closes: ((reason: string) => void)[] = [];
    const messages: ((message: unknown) => void)[] = [];
    let open = true;
    const gone = (reason: string) => {
      if (!open) return;
      open = false;
      for (const close of closes) close(reason);
      if (this.running !== running) return;
      this.running = null;
      clearTimeout(this.idle);
      this.options.onDied(reason);
    };
    const onMessage = (message: unknown) => {
      for (const listener of messages) listener(message);
    };
    const options = { entry, config, execArgv, resourceLimits, log, onMessage, onGone: gone };
    const peer = process ? startProcess(process, options) : startThread(options);
    const port: Port = {
      transfers: peer.transfers,
      post: (message, transfer = []) => {
        if (open) peer.post(message, transfer);
      },
      onMessage: (listener) => void messages.push(listener),
      onClose: (listener) => void closes.push(listener),
    };
    const running = { peer, client: connect<Api>(port, (reason) => this.died(reason)), gone };
    this.running = running;
    return running;
  }

  private died(reason: string): LoupeError {
    return new LoupeError('realm.died', { realm: this.options.name, reason });
  }
}
