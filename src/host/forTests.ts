/**
 * What `activate` gives back: facts that our own tests and benches read from outside. Nothing in it changes anything, and
 * it is no interface for other extensions.
 */
import type { RealmName } from '../protocol/engine';
import type { StartStep } from '../protocol/panels';

export interface ForTests {
  /** What the bundle's modules and then `activate` took, without what VS Code does before, between and after. */
  readonly activationMs: number;
  /** Realms whose worker lives now. */
  runningRealms(): RealmName[];
  /** Errors that were logged since the start. */
  errors(): readonly string[];
  /** Folder of this workspace's runs; null without a workspace. */
  readonly runs: string | null;
  /** The steps of "Start Here" that are ticked. */
  started(): readonly StartStep[];
}
