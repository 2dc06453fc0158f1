/**
 * What `activate` gives back: facts that our own tests and benches read from outside. Nothing in it changes anything, and
 * it is no interface for other extensions.
 */
import type { RealmName } from '../protocol/engine';

export interface ForTests {
  /** From the first line of the bundle to the end of `activate`; reading and compiling the file come before that. */
  readonly activationMs: number;
  /** Realms whose worker lives now. */
  runningRealms(): RealmName[];
  /** Folder of the extension's log (that of the extension host is beside it). */
  readonly logs: string;
  /** Folder of this workspace's runs; null without a workspace. */
  readonly runs: string | null;
}
