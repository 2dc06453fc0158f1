/** Opens a backend in a test, with the files that `scripts/lib/assets.mjs` put together before the tests. */
import { fileURLToPath } from 'node:url';
import { type BackendName, type OpenBackend, openBackend } from '../../src/backend/open';

export const assets = fileURLToPath(new URL('../../build/assets', import.meta.url));

export function openTestBackend(name: BackendName = 'loupe', threads = 0): Promise<OpenBackend> {
  return openBackend({ name, assets, threads });
}
