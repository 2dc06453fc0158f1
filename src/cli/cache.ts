/** The folder for what may be lost at any time, as each system has it. */
import { homedir } from 'node:os';
import { join } from 'node:path';

export function cacheFolder(): string {
  const { LOCALAPPDATA, XDG_CACHE_HOME } = process.env;
  if (process.platform === 'win32') return join(LOCALAPPDATA || join(homedir(), 'AppData', 'Local'), 'llm-loupe', 'Cache');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'llm-loupe');
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'llm-loupe');
}
