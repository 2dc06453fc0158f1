/** Pairs of ports in one thread: one that clones as workers do, one that loses what a webview loses. */
import type { Port } from '../../src/protocol/rpc';

export interface Pair {
  readonly a: Port;
  readonly b: Port;
  /** Every message that crossed, with when, in order. */
  readonly sent: { message: unknown; at: number }[];
  /** Both sides learn that the other is gone. */
  close(reason: string): void;
}

/** Structured clone with transfer lists, as between workers. */
export function workerPair(): Pair {
  return pair(true, (message, transfer) => structuredClone(message, { transfer: transfer as Transferable[] }));
}

/** JSON plus typed arrays, whose whole buffers travel; a transfer list is an error. */
export function webviewPair(): Pair {
  return pair(false, (message, transfer) => {
    if (transfer.length > 0) throw new Error('a webview takes no transfer list');
    const buffers: ArrayBufferView[] = [];
    const json = JSON.stringify(message, (_, value: unknown) => {
      if (!ArrayBuffer.isView(value)) return value;
      buffers.push(structuredClone(value));
      return { $view: buffers.length - 1 };
    });
    return JSON.parse(json, (_, value: unknown) =>
      typeof value === 'object' && value !== null && '$view' in value ? buffers[value.$view as number] : value,
    );
  });
}

function pair(transfers: boolean, clone: (message: unknown, transfer: readonly unknown[]) => unknown): Pair {
  const sent: { message: unknown; at: number }[] = [];
  const messages: [((m: unknown) => void)[], ((m: unknown) => void)[]] = [[], []];
  const closes: ((reason: string) => void)[] = [];
  let open = true;
  const port = (self: 0 | 1): Port => ({
    transfers,
    post(message, transfer = []) {
      if (!open) return;
      const copy = clone(message, transfer);
      sent.push({ message: copy, at: performance.now() });
      queueMicrotask(() => {
        if (open) for (const listener of messages[self === 0 ? 1 : 0]) listener(copy);
      });
    },
    onMessage: (listener) => void messages[self].push(listener),
    onClose: (listener) => void closes.push(listener),
  });
  return {
    a: port(0),
    b: port(1),
    sent,
    close(reason) {
      open = false;
      for (const listener of closes) listener(reason);
    },
  };
}
