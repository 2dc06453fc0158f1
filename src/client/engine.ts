/**
 * The engine as host and command line hold it: three clients, one per realm. The model runs in the realms' workers, with the
 * native TensorFlow in processes of their own; nothing of it is loaded into this thread.
 */
import { join } from 'node:path';
import type { InspectApi, RealmConfig, RealmName, TextApi, TrainApi } from '../protocol/engine';
import type { AnyApi, Client } from '../protocol/rpc';
import { withCounters } from './counters';
import { defaultNode, placeRealm } from './place';
import { Realm } from './realm';

export interface EngineOptions extends RealmConfig {
  /** Folder that holds `text.mjs`, `inspect.mjs`, `train.mjs` and `probe.mjs` (`dist/engine`). */
  readonly realms: string;
  /** Five minutes unless told otherwise. A call in flight (training is one) keeps its realm. */
  readonly idleMs?: number;
  /** What the realms and their libraries print, for an output channel. */
  readonly log?: (realm: RealmName, text: string) => void;
  /** Arguments of Node for the workers. */
  readonly execArgv?: readonly string[];
  /** Executable of Node for processes; empty: this one, or where this is VS Code, `node` as the system finds it. */
  readonly node?: string | undefined;
  /** Folder that may keep what was measured; null: nothing is kept. */
  readonly cache?: string | null;
}

export interface Engine {
  readonly text: Client<TextApi>;
  readonly inspect: Client<InspectApi>;
  readonly train: Client<TrainApi>;
  /**
   * A realm ended by itself (a crash, not idleness): its calls have rejected with `realm.died`; it starts again at the next call,
   * without the documents and views it held (`view.gone`). Returns a function that removes the listener.
   */
  onDied(listener: (realm: RealmName, reason: string) => void): () => void;
  /** Whether the realm's worker is running. */
  started(realm: RealmName): boolean;
  /** Ends a realm now; its calls reject with `realm.died`. The next call starts it again. */
  end(realm: RealmName, reason: string): Promise<void>;
  /** Ends all realms for good. */
  dispose(): Promise<void>;
}

const fiveMinutes = 5 * 60_000;

export function startEngine(options: EngineOptions): Engine {
  const { realms: folder, idleMs = fiveMinutes, log, execArgv = [], starter, runs, assets, backend, threads, exact, beside } = options;
  const { tensorflow: named, node, cache = null } = options;
  const config: RealmConfig = { starter, runs, assets, backend, threads, exact, beside };
  const placeOf = (name: RealmName) =>
    placeRealm({ name, config, named, realms: folder, node: node || defaultNode(), cache, log: (text) => log?.(name, text) });
  const listeners = new Set<(realm: RealmName, reason: string) => void>();

  const realm = <Api extends AnyApi>(name: RealmName) =>
    new Realm<Api>({
      name,
      entry: join(folder, `${name}.mjs`),
      place: () => placeOf(name),
      idleMs,
      execArgv,
      log: (text) => log?.(name, text),
      onDied: (reason) => {
        for (const listener of [...listeners]) listener(name, reason);
      },
    });
  const realms = { text: realm<TextApi>('text'), inspect: realm<InspectApi>('inspect'), train: realm<TrainApi>('train') };

  return {
    text: realms.text.client,
    inspect: realms.inspect.client,
    train: withCounters(realms.train.client, realms.text.client),
    onDied(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    started: (name) => realms[name].started,
    end: (name, reason) => realms[name].end(reason),
    async dispose() {
      await Promise.all(Object.values(realms).map((each) => each.dispose()));
    },
  };
}
