/** The backend of a realm: opened when something is first computed, and once more after it could not be, or has lost threads. */
import { type OpenBackend, openBackend } from '../backend/open';
import type { RealmConfig } from '../protocol/engine';

export function backendOf({ backend: name, assets, threads, beside, exact, tensorflow }: RealmConfig): () => Promise<OpenBackend> {
  let opened: Promise<OpenBackend> | null = null;
  return async () => {
    if ((await opened?.catch(() => null))?.isWorn?.()) opened = null;
    opened ??= openBackend({ name, assets, threads, beside, exact, tensorflow }).catch((error) => {
      opened = null;
      throw error;
    });
    return opened;
  };
}
