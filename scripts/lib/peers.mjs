/**
 * What we are measured against, where it is present. `scripts/peers.mjs` sets it up in the cache folder; the variables
 * name what somebody already has: `LOUPE_PYTHON` a Python, `LOUPE_TFJS_NODE` a folder with `tfjs-node.cjs`, `LOUPE_LLAMA2C`
 * a folder with `run.c`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from './tools.mjs';

export const pythonModules = ['torch', 'numpy', 'safetensors', 'transformers', 'tokenizers', 'rustbpe'];

export function peersFolder() {
  return join(cacheFolder(), 'peers');
}

/** Where the Python of `scripts/peers.mjs` is. */
export function ownPython() {
  return platform() === 'win32' ? join(peersFolder(), 'python', 'Scripts', 'python.exe') : join(peersFolder(), 'python', 'bin', 'python');
}

export function findPeers() {
  const folder = (variable, name, file) => {
    const path = process.env[variable] ?? join(peersFolder(), name);
    return existsSync(join(path, file)) ? path : null;
  };
  return {
    python: findPython(),
    tfjsNode: folder('LOUPE_TFJS_NODE', 'tfjs-node', 'tfjs-node.cjs'),
    llama2c: folder('LOUPE_LLAMA2C', 'llama2c', 'run.c'),
  };
}

/** The first Python there is, and which of the modules it has. */
function findPython() {
  const script = `import importlib.util as u, json; print(json.dumps([m for m in ${JSON.stringify(pythonModules)} if u.find_spec(m)]))`;
  for (const path of [process.env.LOUPE_PYTHON, ownPython(), 'python3']) {
    if (!path) continue;
    const { status, stdout } = spawnSync(path, ['-c', script], { encoding: 'utf8' });
    if (status === 0) return { path, modules: JSON.parse(stdout) };
  }
  return null;
}
