/** Starts a panel: opens the way to the host, serves the panel's own API on it, gives the host's. */
import { type AnyApi, type Client, connect, type Service, serve } from '../../src/protocol/rpc';
import { openTransport, type Transport } from './transport';

export interface Panel<Host extends AnyApi, State> extends Pick<Transport<State>, 'restore' | 'save'> {
  readonly host: Client<Host>;
}

export function openPanel<Host extends AnyApi, View extends AnyApi, State>(view: Service<View>): Panel<Host, State> {
  const transport = openTransport<State>();
  serve<View>(transport.port, view);
  return { host: connect<Host>(transport.port), restore: transport.restore, save: transport.save };
}
