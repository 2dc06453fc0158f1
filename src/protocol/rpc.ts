/**
 * Calls over a port, both boundaries alike (host <-> engine worker, host <-> webview).
 * An API is a record of `Method`s; `serve` answers it, `connect` calls it. Both may share one port.
 *
 * What travels: JSON, and typed arrays. Between workers more would pass, but a webview drops `undefined` and loses Map and
 * Set: nothing here may rely on them. It would also make NaN and infinities null; these are marked on the way. A typed
 * array that shows a part of a larger buffer (or shared memory) is cut out, so that only what is meant travels.
 */
import { type ErrorArgs, type ErrorCode, errorTemplates, LoupeError } from '../core/errors';
import { pack, unpack } from './packing';

export { give } from './packing';

/** One method of an API: what it takes, what it gives, what it reports meanwhile. */
export interface Method<Params, Result, Progress = never> {
  readonly params: Params;
  readonly result: Result;
  readonly progress: Progress;
}
// biome-ignore lint/suspicious/noExplicitAny: the bound of every API
export type AnyApi = Record<string, Method<any, any, any>>;

export interface CallOptions<Progress> {
  readonly signal?: AbortSignal;
  readonly onProgress?: (item: Progress) => void;
  /** A newer call with the same key cancels this one (selection, hover). */
  readonly latest?: string;
}

export interface CallContext<Progress> {
  readonly signal: AbortSignal;
  /** Batched to at most ten messages a second, never dropped, delivered before the result. */
  progress(item: Progress): void;
}

/** What a caller holds. */
export type Client<Api extends AnyApi> = {
  [K in keyof Api]: (params: Api[K]['params'], options?: CallOptions<Api[K]['progress']>) => Promise<Api[K]['result']>;
};

/** What an implementer writes. */
export type Service<Api extends AnyApi> = {
  [K in keyof Api]: (params: Api[K]['params'], context: CallContext<Api[K]['progress']>) => Promise<Api[K]['result']> | Api[K]['result'];
};

/** A message port, whoever made it: worker, webview, or a pair in a test. Several listeners may be added. */
export interface Port {
  /** True where `post` honours a transfer list: towards workers, never towards webviews. */
  readonly transfers?: boolean;
  /** Throws only where the message cannot travel; once the other side is gone it does nothing. */
  post(message: unknown, transfer?: readonly unknown[]): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once when the other side is gone, with the reason. */
  onClose(listener: (reason: string) => void): void;
}

type WireError = { code: string; args: ErrorArgs; stack?: string };
/** The wire. `call` and `cancel` go to the side that serves, the others to the side that called. */
type Wire =
  | { rpc: 'call'; id: number; method: string; params: unknown }
  | { rpc: 'cancel'; id: number }
  | { rpc: 'progress'; id: number; items: unknown[] }
  | { rpc: 'result'; id: number; value?: unknown; items?: unknown[] }
  | { rpc: 'error'; id: number; error: WireError; items?: unknown[] };

/** Least time between two progress messages of a call, in ms. */
const progressInterval = 100;

/** Unique in this thread, so that several clients may share a port. */
let lastId = 0;

/**
 * A client of the API that the other side of `port` serves. A call rejects with a `LoupeError`: the service's own, or
 * `cancelled` as soon as its signal aborts or a newer call has its `latest` key, or `gone(reason)` when the other side goes away.
 */
export function connect<Api extends AnyApi>(
  port: Port,
  gone: (reason: string) => LoupeError = (reason) => new LoupeError('peer.gone', { reason }),
): Client<Api> {
  interface Pending {
    settle(outcome: { value: unknown } | { error: unknown }): void;
    progress(items: readonly unknown[]): void;
  }
  const pending = new Map<number, Pending>();
  const latest = new Map<string, () => void>();
  let closed: string | null = null;

  port.onMessage((message) => {
    const wire = asWire(port, message);
    if (!wire || wire.rpc === 'call' || wire.rpc === 'cancel') return;
    const call = pending.get(wire.id);
    if (!call) return;
    if (wire.items) call.progress(wire.items);
    if (wire.rpc === 'result') call.settle({ value: wire.value });
    else if (wire.rpc === 'error') call.settle({ error: rebuild(wire.error) });
  });
  port.onClose((reason) => {
    closed = reason;
    for (const call of [...pending.values()]) call.settle({ error: gone(reason) });
  });

  function call(method: string, params: unknown, options: CallOptions<unknown> = {}): Promise<unknown> {
    if (closed !== null) return Promise.reject(gone(closed));
    const { signal, onProgress, latest: key } = options;
    if (signal?.aborted) return Promise.reject(new LoupeError('cancelled'));
    if (key !== undefined) latest.get(key)?.();

    return new Promise((resolve, reject) => {
      lastId += 1;
      const id = lastId;
      const cancel = (error: unknown = new LoupeError('cancelled')) => {
        if (!pending.has(id)) return;
        entry.settle({ error });
        post(port, { rpc: 'cancel', id });
      };
      const onAbort = () => cancel();
      const entry: Pending = {
        settle(outcome) {
          if (!pending.delete(id)) return;
          signal?.removeEventListener('abort', onAbort);
          if (key !== undefined && latest.get(key) === onAbort) latest.delete(key);
          if ('error' in outcome) reject(outcome.error);
          else resolve(outcome.value);
        },
        progress(items) {
          try {
            for (const item of items) onProgress?.(item);
          } catch (error) {
            cancel(error);
          }
        },
      };
      pending.set(id, entry);
      signal?.addEventListener('abort', onAbort, { once: true });
      if (key !== undefined) latest.set(key, onAbort);
      try {
        post(port, { rpc: 'call', id, method, params });
      } catch (error) {
        entry.settle({ error: rebuild(describe(error)) });
      }
    });
  }

  return new Proxy({} as Client<Api>, {
    // `then` must stay undefined, or awaiting a client would call the other side.
    get: (_, method) =>
      typeof method === 'symbol' || method === 'then'
        ? undefined
        : (params: unknown, options?: CallOptions<unknown>) => call(method, params, options),
  });
}

/** Answers the calls that arrive on `port`; one service per port. When the other side goes away, running calls are aborted. */
export function serve<Api extends AnyApi>(port: Port, service: Service<Api>): void {
  const running = new Map<number, AbortController>();

  port.onMessage((message) => {
    const wire = asWire(port, message);
    if (wire?.rpc === 'cancel') running.get(wire.id)?.abort(new LoupeError('cancelled'));
    else if (wire?.rpc === 'call') void answer(wire.id, wire.method, wire.params);
  });
  port.onClose((reason) => {
    for (const controller of running.values()) controller.abort(new LoupeError('peer.gone', { reason }));
  });

  async function answer(id: number, method: string, params: unknown): Promise<void> {
    const controller = new AbortController();
    running.set(id, controller);
    const batch = new Batch((items) => {
      if (!controller.signal.aborted) post(port, { rpc: 'progress', id, items });
    });
    const finish = (wire: { rpc: 'result'; value?: unknown } | { rpc: 'error'; error: WireError }) => {
      const items = batch.close();
      // Nobody waits any more for a call that was cancelled.
      if (!controller.signal.aborted) post(port, items.length > 0 ? { ...wire, id, items } : { ...wire, id });
    };
    try {
      const handler = Object.hasOwn(service, method) ? service[method as keyof Api] : undefined;
      if (!handler) throw new LoupeError('internal', { detail: `no method "${method}"` });
      const value: unknown = await handler(params, { signal: controller.signal, progress: (item) => batch.add(item) });
      finish(value === undefined ? { rpc: 'result' } : { rpc: 'result', value });
    } catch (error) {
      finish({ rpc: 'error', error: describe(error) });
    } finally {
      running.delete(id);
    }
  }
}

/** Progress of one call: the first item goes at once, the following wait for the interval, all go before the result. */
class Batch {
  private items: unknown[] = [];
  private sent = Number.NEGATIVE_INFINITY;
  private timer: unknown;

  constructor(private readonly send: (items: unknown[]) => void) {}

  add(item: unknown): void {
    this.items.push(item);
    // A thread that computes without a pause runs no timers: the clock is asked here too.
    const wait = this.sent + progressInterval - Date.now();
    if (wait <= 0) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), wait);
  }

  /** What was not sent yet. */
  close(): unknown[] {
    if (this.timer !== undefined) clearTimeout(this.timer);
    this.timer = undefined;
    const rest = this.items;
    this.items = [];
    return rest;
  }

  private flush(): void {
    const items = this.close();
    if (items.length === 0) return;
    this.sent = Date.now();
    this.send(items);
  }
}

function post(port: Port, wire: Wire): void {
  const transfer = new Set<object>();
  const packed = pack(wire, transfer, !port.transfers);
  if (port.transfers && transfer.size > 0) port.post(packed, [...transfer]);
  else port.post(packed);
}

function asWire(port: Port, message: unknown): Wire | undefined {
  if (typeof message !== 'object' || message === null || !('rpc' in message && 'id' in message)) return undefined;
  return (port.transfers ? message : unpack(message)) as Wire;
}

function describe(error: unknown): WireError {
  const stack = error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {};
  if (error instanceof LoupeError) return { code: error.code, args: error.args, ...stack };
  if (error instanceof Error && error.name === 'AbortError') return { code: 'cancelled', args: {}, ...stack };
  return { code: 'internal', args: { detail: error instanceof Error ? error.message : String(error) }, ...stack };
}

function rebuild({ code, args, stack }: WireError): LoupeError {
  const known = Object.hasOwn(errorTemplates, code);
  const error = known ? new LoupeError(code as ErrorCode, args) : new LoupeError('internal', { detail: code });
  if (stack !== undefined) error.stack = stack;
  return error;
}
