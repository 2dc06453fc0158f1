/**
 * The way to the host. In VS Code it is `acquireVsCodeApi`; the gallery and tests define that same function over fixtures,
 * so a panel's bundle is the same everywhere.
 */
import type { Port } from '../../src/protocol/rpc';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

export interface Transport<State> {
  readonly port: Port;
  /** What `save` was last given, also after a reload; undefined at first. */
  restore(): State | undefined;
  save(state: State): void;
}

export function openTransport<State>(): Transport<State> {
  const api = acquireVsCodeApi();
  return {
    port: {
      post: (message) => api.postMessage(message),
      onMessage: (listener) => window.addEventListener('message', (event) => listener(event.data)),
      // A webview ends before its host: there is nobody left to tell.
      onClose: () => {},
    },
    restore: () => (api.getState() ?? undefined) as State | undefined,
    save: (state) => api.setState(state),
  };
}
