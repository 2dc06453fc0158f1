/**
 * Calls over a port, both boundaries alike (host <-> engine worker, host <-> webview).
 * An API is a record of `Method`s; `serve` answers it, `connect` calls it. Both may share one port.
 */

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

/** A message port, whoever made it: worker, webview, or a pair in a test. */
export interface Port {
  post(message: unknown, transfer?: readonly unknown[]): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called once when the other side is gone, with the reason. */
  onClose(listener: (reason: string) => void): void;
}
